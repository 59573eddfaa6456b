import Planning
import ResourceModel
import Testing

/// Everything that planners write is valid, and what the API server fills in makes no planner
/// restless.
@Suite struct RealKindTests {
    private func loop(_ planners: [any Planner], _ objects: [JSON]) throws -> ControlLoop {
        var loop = ControlLoop(planners)
        loop.cluster.realKinds = RealKinds()
        for object in objects { try loop.cluster.create(object) }
        return loop
    }

    private func settle(_ loop: inout ControlLoop) {
        #expect(loop.run() != nil)
        #expect(loop.cluster.refusals.isEmpty)
        #expect(!loop.log.contains { $0.contains("refused: Invalid") })
    }

    private func transition(_ loop: ControlLoop) -> JSON? {
        loop.cluster.all(.modelDeployment)[0].json.value(at: "status.modelStatus.transitionStatus")
    }

    @Test func `a deployment on nodes behind a service`() throws {
        var node = Samples.node("n1")
        node["metadata"]["uid"] = "n"
        var loop = try loop(
            [
                DeploymentPlanner(), ReplicaSetPlanner(), EndpointSlicePlanner(),
                SchedulerPlanner(), NodeLifecyclePlanner(), GarbageCollector(),
            ],
            [
                node,
                [
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": ["name": "web", "namespace": "a"],
                    "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
                ],
                Samples.deployment(replicas: 3),
            ])
        loop.cluster.needsBinding = true
        loop.cluster.edit(ObjectReference(.node, "", "n1")) {
            $0["status"] = [
                "allocatable": ["cpu": "4", "memory": "8Gi", "pods": 110],
                "conditions": [["type": "Ready", "status": "True"]],
            ]
        }
        settle(&loop)
        #expect(loop.cluster.all(.pod).count == 3)
        #expect(loop.cluster.all(.endpointSlice)[0].json["endpoints"].arrayValue?.count == 3)
        let web = ObjectReference(.deployment, "a", "web")
        loop.cluster.edit(web) {
            $0["spec"]["template"] = Samples.template(["app": "web"], image: "web:2")
        }
        settle(&loop)
        #expect(loop.cluster.all(.replicaSet).count == 2)
        loop.cluster.now = loop.cluster.now.adding(seconds: 100)
        settle(&loop)
        #expect(loop.cluster.all(.node)[0].json.value(at: "spec.taints").arrayValue?.count == 2)
        loop.cluster.delete(web, .foreground)
        settle(&loop)
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `a job`() throws {
        var template = Samples.template(["job": "pi"], behaviour: "succeed")
        template["spec"]["restartPolicy"] = "Never"
        var loop = try loop(
            [JobPlanner(), GarbageCollector()],
            [
                [
                    "apiVersion": "batch/v1", "kind": "Job",
                    "metadata": ["name": "pi", "namespace": "a"],
                    "spec": [
                        "completions": 2, "parallelism": 2, "ttlSecondsAfterFinished": 20,
                        "template": template,
                    ],
                ]
            ])
        settle(&loop)
        #expect(loop.cluster.objects.isEmpty)
    }

    @Test func `a job that is held, goes on and fails`() throws {
        var template = Samples.template(["job": "pi"], behaviour: "fail")
        template["spec"]["restartPolicy"] = "Never"
        var loop = try loop(
            [JobPlanner(), GarbageCollector()],
            [
                [
                    "apiVersion": "batch/v1", "kind": "Job",
                    "metadata": ["name": "pi", "namespace": "a"],
                    "spec": ["suspend": true, "backoffLimit": 1, "template": template],
                ]
            ])
        settle(&loop)
        loop.cluster.edit(ObjectReference(.job, "a", "pi")) { $0["spec"]["suspend"] = false }
        settle(&loop)
        #expect(loop.cluster.all(.job)[0].json.value(at: "status.failed") == 2)
    }

    @Test func `a model deployment, and the events that tell of it`() throws {
        var loop = try loop(
            [
                ModelDeploymentPlanner(), ModelPlanner(), DeploymentPlanner(),
                ReplicaSetPlanner(), EndpointSlicePlanner(), GarbageCollector(),
            ],
            [
                [
                    "apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
                    "metadata": ["name": "iris", "namespace": "a"],
                    "spec": [
                        "version": "1", "format": ["name": "logreg"], "uri": "file:///iris",
                    ],
                ],
                [
                    "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ServingRuntime",
                    "metadata": ["name": "python", "namespace": "a"],
                    "spec": [
                        "supportedModelFormats": [["name": "logreg", "autoSelect": true]],
                        "containers": [["name": "server", "command": ["python3"]]],
                    ],
                ],
                [
                    "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ModelDeployment",
                    "metadata": ["name": "iris", "namespace": "a"],
                    "spec": ["model": ["name": "iris"]],
                ],
            ])
        settle(&loop)
        let iris = loop.cluster.all(.modelDeployment)[0]
        #expect(transition(loop) == "UpToDate")

        var bad = loop.cluster.all(.model)[0].json
        bad["metadata"] = ["name": "bad", "namespace": "a"]
        bad["spec"]["modelName"] = "iris"
        bad["spec"]["version"] = "2"
        bad["spec"]["uri"] = "file:///bad"
        loop.cluster.now = loop.cluster.now.adding(seconds: 5)
        try loop.cluster.create(bad)
        settle(&loop)
        loop.cluster.now = loop.cluster.now.adding(seconds: 700)
        settle(&loop)
        #expect(transition(loop) == "BlockedByFailedLoad")
        loop.cluster.edit(iris.reference) { $0["spec"]["model"]["version"] = "7" }
        settle(&loop)
        #expect(transition(loop) == "InvalidSpec")

        var events = EventAggregator(instance: "tests")
        let note = EventNote(
            about: iris.reference, uid: iris.uid, type: .normal, reason: "Promoted",
            message: "It serves", component: ModelDeploymentPlanner.name)
        guard case .create(let event)? = events.record(note, at: loop.cluster.now) else {
            Issue.record("nothing is told")
            return
        }
        try loop.cluster.create(event)
        #expect(loop.cluster.refusals.isEmpty)
    }
}
