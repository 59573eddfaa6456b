import Planning
import ResourceModel
import Testing

/// Deployments as Kubernetes rolls them out.
@Suite struct DeploymentPlannerTests {
    private let web = ObjectReference(.deployment, "a", "web")

    private func loop(replicas: Int, _ strategy: JSON = [:]) throws -> ControlLoop {
        var loop = ControlLoop([DeploymentPlanner(), ReplicaSetPlanner()])
        try loop.cluster.create(Samples.deployment(replicas: replicas, strategy))
        return loop
    }

    private func roll(_ loop: inout ControlLoop, _ image: String, behaviour: String? = nil) {
        let template = Samples.template(["app": "web"], image: image, behaviour: behaviour)
        loop.cluster.edit(web) { $0["spec"]["template"] = template }
    }

    private func sets(_ loop: ControlLoop) -> [String] {
        loop.cluster.all(.replicaSet).map { set in
            let image = set.json.value(at: "spec.template.spec.containers")[0]["image"].stringValue
            let revision = set.annotation("deployment.kubernetes.io/revision") ?? "?"
            let count = set.json.value(at: "spec.replicas").integerValue ?? -1
            return "\(revision) \(image ?? "") \(count)"
        }.sorted()
    }

    private func condition(_ loop: ControlLoop, _ type: String) -> String {
        let deployment = loop.cluster[.deployment, "a", "web"]
        let list = deployment?.value(at: "status.conditions").arrayValue ?? []
        let condition = list.first { $0["type"].stringValue == type }
        return "\(condition["status"].stringValue ?? "-") \(condition["reason"].stringValue ?? "-")"
    }

    @Test func `first the revision is written down, then its replica set is made`() throws {
        var loop = try loop(replicas: 3)
        #expect(
            loop.plans()[0].1.description == """
                patch Deployment a/web \
                {"metadata":{"annotations":{"deployment.kubernetes.io/revision":"1"}}}
                """)
        _ = loop.run(roundsMax: 1)
        #expect(
            loop.plans()[0].1.description == """
                create ReplicaSet a/web-6997f54589 replicas=3
                event Deployment a/web ScalingReplicaSet: \
                Scaled up replica set web-6997f54589 from 0 to 3
                requeue 601s
                status Deployment a/web observedGeneration=1 \
                Progressing=True(NewReplicaSetCreated) Available=False(MinimumReplicasUnavailable)
                """)
    }

    @Test func `a roll-out ends with the newest revision alone, and says so`() throws {
        var loop = try loop(replicas: 3)
        #expect(loop.run() != nil)
        roll(&loop, "web:2")
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["1 web:1 0", "2 web:2 3"])
        #expect(loop.cluster.all(.pod).count == 3)
        #expect(condition(loop, "Progressing") == "True NewReplicaSetAvailable")
        #expect(condition(loop, "Available") == "True MinimumReplicasAvailable")
        let deployment = Resource(loop.cluster[.deployment, "a", "web"]!)
        #expect(deployment.annotation("deployment.kubernetes.io/revision") == "2")
        var status = deployment.json["status"]
        status["conditions"] = nil
        #expect(status == [
            "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3,
            "availableReplicas": 3,
        ])
        let set = try #require(loop.cluster.all(.replicaSet).first)
        let hash = set.labels["pod-template-hash"].stringValue ?? ""
        #expect(set.name == "web-" + hash)
        #expect(loop.cluster.all(.pod).contains { $0.labels["pod-template-hash"] != nil })
    }

    @Test(arguments: [
        (10, "25%", "25%", 13, 8), (3, "25%", "25%", 4, 3), (10, "0%", "30%", 10, 7),
        (4, "1", "0", 5, 4), (5, "0", "0", 5, 4), (2, "100%", "100%", 4, 0),
    ])
    func `there are never more or fewer pods than the strategy allows`(
        replicas: Int, surge: String, unavailable: String, most: Int, least: Int
    ) throws {
        let limit = { (text: String) in Int64(text).map(JSON.integer) ?? .string(text) }
        var loop = try loop(
            replicas: replicas,
            ["rollingUpdate": ["maxSurge": limit(surge), "maxUnavailable": limit(unavailable)]])
        #expect(loop.run() != nil)
        roll(&loop, "web:2")
        var counts: Set<Int> = []
        var rounds = 0
        while loop.run(roundsMax: 1) == nil, rounds < 100 {
            rounds += 1
            let pods = loop.cluster.all(.pod).map { Pod($0) }.filter(\.isActive)
            counts.insert(pods.count)
            #expect(pods.count <= most)
            #expect(pods.count(where: \.isReady) >= least)
        }
        #expect(sets(loop) == ["1 web:1 0", "2 web:2 \(replicas)"])
        #expect(rounds < 100 && counts.contains(replicas))
    }

    @Test func `recreate takes all old pods away before the first new one comes`() throws {
        var loop = try loop(replicas: 3, ["type": "Recreate"])
        #expect(loop.run() != nil)
        roll(&loop, "web:2")
        var rounds = 0
        while loop.run(roundsMax: 1) == nil, rounds < 100 {
            rounds += 1
            let images = loop.cluster.all(.pod).map {
                $0.json.value(at: "spec.containers")[0]["image"].stringValue
            }
            #expect(Set(images).count <= 1)
        }
        #expect(sets(loop) == ["1 web:1 0", "2 web:2 3"])
    }

    @Test func `a version that does not become ready stops at its deadline, the old one serves`()
        throws
    {
        var loop = try loop(replicas: 4)
        loop.cluster.edit(web) { $0["spec"]["progressDeadlineSeconds"] = 100 }
        #expect(loop.run() != nil)
        roll(&loop, "web:bad", behaviour: "never-ready")
        #expect(loop.run() != nil)
        #expect(condition(loop, "Progressing") == "True ReplicaSetUpdated")
        #expect(sets(loop) == ["1 web:1 3", "2 web:bad 2"])
        loop.cluster.now = loop.cluster.now.adding(seconds: 120)
        #expect(loop.run() != nil)
        #expect(condition(loop, "Progressing") == "False ProgressDeadlineExceeded")
        #expect(condition(loop, "Available") == "True MinimumReplicasAvailable")
        // Going back is a change of the template like any other; its revision counts up.
        roll(&loop, "web:1")
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["2 web:bad 0", "3 web:1 4"])
        #expect(condition(loop, "Progressing") == "True NewReplicaSetAvailable")
    }

    @Test func `a template that comes back with nulls in it is the one that was there`() throws {
        var loop = try loop(replicas: 1)
        #expect(loop.run() != nil)
        roll(&loop, "web:2")
        #expect(loop.run() != nil)
        roll(&loop, "web:1")
        loop.cluster.edit(web) {
            $0["spec"]["template"]["metadata"]["creationTimestamp"] = JSON.null
        }
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["2 web:2 0", "3 web:1 1"])
    }

    @Test func `a paused deployment holds a new template back, but can be scaled`() throws {
        var loop = try loop(replicas: 2)
        #expect(loop.run() != nil)
        loop.cluster.edit(web) { $0["spec"]["paused"] = true }
        roll(&loop, "web:2")
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["1 web:1 2"])
        #expect(condition(loop, "Progressing") == "Unknown DeploymentPaused")
        loop.cluster.edit(web) { $0["spec"]["replicas"] = 5 }
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["1 web:1 5"])
        loop.cluster.edit(web) { $0["spec"]["paused"] = nil }
        #expect(loop.run() != nil)
        #expect(sets(loop) == ["1 web:1 0", "2 web:2 5"])
    }

    @Test func `only so much history is kept`() throws {
        var loop = try loop(replicas: 1)
        loop.cluster.edit(web) { $0["spec"]["revisionHistoryLimit"] = 2 }
        for version in 1...5 {
            roll(&loop, "web:\(version)")
            #expect(loop.run() != nil)
        }
        #expect(sets(loop) == ["3 web:3 0", "4 web:4 0", "5 web:5 1"])
    }

    @Test func `where a name is taken the next hash is used`() throws {
        var loop = try loop(replicas: 1)
        try loop.cluster.create(Samples.replicaSet("web-6997f54589", replicas: 0))
        #expect(loop.run() != nil)
        #expect(loop.cluster[.deployment, "a", "web"]?.value(at: "status.collisionCount") == 1)
        #expect(loop.cluster.all(.replicaSet).count == 2)
        #expect(loop.cluster.all(.pod).count == 1)
    }

    @Test func `why pods cannot be made is told, until they can`() throws {
        var loop = try loop(replicas: 3)
        loop.cluster.podsMax = 2
        #expect(loop.run(roundsMax: 20) == nil)
        #expect(condition(loop, "ReplicaFailure") == "True FailedCreate")
        #expect(condition(loop, "Available") == "False MinimumReplicasUnavailable")
        loop.cluster.podsMax = 10
        #expect(loop.run() != nil)
        #expect(condition(loop, "ReplicaFailure") == "- -")
        #expect(loop.cluster.all(.pod).count == 3)
    }

    @Test func `annotations go to the replica set, those of the deployment alone do not`() throws {
        var loop = try loop(replicas: 1)
        loop.cluster.edit(web) {
            $0["metadata"]["annotations"] = [
                "kubernetes.io/change-cause": "because",
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
            ]
        }
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.replicaSet)[0].metadata["annotations"] == [
            "kubernetes.io/change-cause": "because", "deployment.kubernetes.io/revision": "1",
        ])
    }
}
