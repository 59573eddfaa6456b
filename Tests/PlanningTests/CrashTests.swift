import Planning
import Primitives
import ResourceModel
import Testing

/// RELIABILITY's perturbations of reconcilers: a process that dies after each write in turn and
/// comes back with caches that are old, each for itself, comes to the same end and leaves nothing
/// over.
@Suite struct CrashTests {
    /// What is asked of the controllers, in steps: each begins once the one before has come to its
    /// end.
    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var planners: [any Planner]
        var steps: [@Sendable (inout TinyCluster) throws -> Void]
    }

    private static let workloads: [any Planner] = [
        DeploymentPlanner(), ReplicaSetPlanner(), EndpointSlicePlanner(), GarbageCollector(),
    ]

    private static let job: JSON = [
        "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "pi", "namespace": "a"],
        "spec": [
            "completions": 3, "parallelism": 2, "selector": ["matchLabels": ["job": "pi"]],
            "template": Samples.template(["job": "pi"], behaviour: "succeed"),
        ],
    ]

    private static let service: JSON = [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web", "namespace": "a"],
        "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
    ]

    static let stories = [
        Story(
            testDescription: "a job",
            planners: [JobPlanner(), GarbageCollector()],
            steps: [
                { try $0.create(job) },
                { $0.delete(ObjectReference(.job, "a", "pi"), .foreground) },
            ]),
        Story(
            testDescription: "a service and its deployment, scaled and deleted",
            planners: workloads,
            steps: [
                { cluster in
                    try cluster.create(service)
                    try cluster.create(Samples.deployment(replicas: 2))
                },
                { cluster in
                    cluster.edit(ObjectReference(.deployment, "a", "web")) {
                        $0["spec"]["replicas"] = 3
                    }
                },
                { $0.delete(ObjectReference(.deployment, "a", "web"), .foreground) },
            ]),
        Story(
            testDescription: "a deployment on nodes, of which one dies",
            planners: workloads + [SchedulerPlanner(), NodeLifecyclePlanner()],
            steps: [
                { cluster in
                    cluster.needsBinding = true
                    for name in ["n1", "n2"] {
                        var node = Samples.node(name)
                        node["status"]["conditions"] = [["type": "Ready", "status": "True"]]
                        try cluster.create(node)
                        try cluster.create(lease(name))
                    }
                    try cluster.create(Samples.deployment(replicas: 3))
                },
                { $0.delete(ObjectReference(.node, "", "n1"), .background) },
            ]),
    ]

    private static func lease(_ node: String) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": .string(node), "namespace": "kube-node-lease"],
            "spec": ["renewTime": "2090-01-01T00:00:00Z"],
        ]
    }

    /// What is there, without what may differ from run to run.
    private func state(_ loop: ControlLoop) -> [String] {
        loop.cluster.objects.sorted { $0.key < $1.key }.map { reference, object in
            let isNamed = reference.kind != .pod && reference.kind != .endpointSlice
            let name = isNamed ? reference.description : reference.kind.kind
            let counts = ["replicas", "readyReplicas", "succeeded", "failed", "active"].map {
                "\(object["status"][$0].integerValue ?? 0)"
            }
            let node = object.value(at: "spec.nodeName").stringValue.map { _ in "placed" } ?? ""
            let endpoints = object["endpoints"].arrayValue.map { "\($0.count) endpoints" } ?? ""
            return ([name, node, endpoints] + counts).joined(separator: " ")
        }.sorted()
    }

    private func run(
        _ story: Story, crashAfter: Int?, seed: UInt64?
    ) throws -> (state: [String], writes: Int) {
        var loop = ControlLoop(story.planners)
        loop.lag = seed.map(SplitMix64.init(seed:))
        loop.writesBeforeCrash = crashAfter
        for step in story.steps {
            try step(&loop.cluster)
            #expect(loop.run() != nil, "\(story.testDescription): no end")
        }
        return (state(loop), loop.writeCount)
    }

    @Test(arguments: stories)
    func `a crash after any write, and old caches, change nothing in the end`(
        story: Story
    ) throws {
        let calm = try run(story, crashAfter: nil, seed: nil)
        for write in 0..<calm.writes {
            for seed in 0..<2 {
                let crashed = try run(story, crashAfter: write, seed: UInt64(seed))
                #expect(crashed.state == calm.state, "crash after \(write), seed \(seed)")
            }
        }
    }
}
