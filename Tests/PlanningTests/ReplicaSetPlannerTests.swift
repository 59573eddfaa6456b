import Planning
import Primitives
import ResourceModel
import Testing

/// Replica sets as Kubernetes keeps them.
@Suite struct ReplicaSetPlannerTests {
    private let set = ObjectReference(.replicaSet, "a", "web")

    private func loop(replicas: Int) throws -> ControlLoop {
        var loop = ControlLoop([ReplicaSetPlanner()])
        try loop.cluster.create(Samples.replicaSet(replicas: replicas))
        return loop
    }

    @Test func `missing pods are made, and the status says how many there are`() throws {
        var loop = try loop(replicas: 2)
        #expect(
            loop.plans()[0].1.description == """
                create Pod a/web-5vr8z
                event ReplicaSet a/web SuccessfulCreate: Created pod: web-5vr8z
                create Pod a/web-cdnx8
                event ReplicaSet a/web SuccessfulCreate: Created pod: web-cdnx8
                status ReplicaSet a/web replicas=0 observedGeneration=1
                """)
        #expect(loop.run() != nil)
        #expect(loop.cluster[.replicaSet, "a", "web"]?["status"] == [
            "replicas": 2, "fullyLabeledReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
            "observedGeneration": 1,
        ])
        let pod = try #require(loop.cluster.all(.pod).first)
        #expect(pod.controller?.uid == Resource(loop.cluster[.replicaSet, "a", "web"]!).uid)
        #expect(pod.labels == ["app": "web"])
    }

    @Test func `of too many pods those go first that are missed least`() throws {
        var loop = try loop(replicas: 6)
        #expect(loop.run() != nil)
        let pods = loop.cluster.all(.pod).map(\.reference)
        loop.cluster.setReady(false, pods[4])
        loop.cluster.edit(pods[3]) {
            $0["metadata"]["annotations"] = ["controller.kubernetes.io/pod-deletion-cost": "-5"]
        }
        loop.cluster.now = loop.cluster.now.adding(seconds: 9)
        loop.cluster.setReady(true, pods[1])
        var left = Set(pods)
        for (count, next) in [(5, pods[4]), (4, pods[3]), (3, pods[1])] {
            loop.cluster.edit(set) { $0["spec"]["replicas"] = .integer(Int64(count)) }
            #expect(loop.run() != nil)
            left.remove(next)
            #expect(Set(loop.cluster.all(.pod).map(\.reference)) == left)
        }
    }

    @Test func `what it selects and nobody controls is adopted, what it no longer selects is not`()
        throws
    {
        var loop = try loop(replicas: 2)
        try loop.cluster.create(Samples.pod("orphan"))
        try loop.cluster.create(Samples.pod("other", labels: ["app": "other"]))
        #expect(loop.run() != nil)
        let pods = loop.cluster.all(.pod)
        #expect(pods.count == 3)
        let orphan = loop.cluster[.pod, "a", "orphan"].map(Resource.init)
        #expect(orphan?.controller?.name == "web")

        loop.cluster.edit(ObjectReference(.pod, "a", "orphan")) {
            $0["metadata"]["labels"] = ["app": "debug"]
        }
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.pod).count == 4)
        #expect(loop.cluster[.pod, "a", "orphan"].map(Resource.init)?.owners.isEmpty == true)
    }

    @Test func `pods that end or are on their way out are replaced at once`() throws {
        var loop = try loop(replicas: 2)
        #expect(loop.run() != nil)
        let pods = loop.cluster.all(.pod).map(\.reference)
        loop.cluster.edit(pods[0]) {
            $0["metadata"]["finalizers"] = ["tests/wait"]
            $0["metadata"]["deletionTimestamp"] = "2026-11-25T00:00:00Z"
        }
        loop.cluster.edit(pods[1]) { $0["status"]["phase"] = "Failed" }
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.pod).map { Pod($0) }.count(where: \.isActive) == 2)
    }

    @Test func `a pod counts as available once it was ready for long enough`() throws {
        var loop = try loop(replicas: 1)
        loop.cluster.edit(set) { $0["spec"]["minReadySeconds"] = 100 }
        #expect(loop.run() != nil)
        let status = { loop.cluster[.replicaSet, "a", "web"].flatMap { $0["status"] } }
        #expect(status()["availableReplicas"] == nil && status()["readyReplicas"] == 1)
        let wait = try #require(loop.plans()[0].1.requeueAfterSeconds)
        #expect((90...100).contains(wait))
        loop.cluster.now = loop.cluster.now.adding(seconds: wait)
        #expect(loop.run() != nil)
        #expect(status()["availableReplicas"] == 1)
    }

    @Test func `a set that is on its way out makes nothing`() throws {
        var loop = try loop(replicas: 3)
        loop.cluster.edit(set) { $0["metadata"]["finalizers"] = ["foregroundDeletion"] }
        loop.cluster.delete(set, .foreground)
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `from any state there are soon as many pods as wanted, and then peace`() throws {
        for seed in 0..<100 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = try loop(replicas: random.below(8))
            for number in 0..<random.below(6) {
                let labels: JSON = random.chance(0.7) ? ["app": "web"] : ["app": "x"]
                try loop.cluster.create(Samples.pod("given-\(number)", labels: labels))
            }
            loop.lag = random.split()
            for _ in 0..<4 {
                let count = random.below(8)
                loop.cluster.edit(set) { $0["spec"]["replicas"] = .integer(Int64(count)) }
                for pod in loop.cluster.all(.pod) where random.chance(0.2) {
                    loop.cluster.delete(pod.reference, .background)
                }
                #expect(loop.run(roundsMax: 80) != nil, "seed \(seed): no end")
                let uid = Resource(loop.cluster[.replicaSet, "a", "web"]!).uid
                let pods = loop.cluster.all(.pod).filter { $0.controller?.uid == uid }
                #expect(pods.count == count, "seed \(seed)")
            }
        }
    }

    @Test func `a process that dies after any write leaves neither more nor less`() throws {
        for crashAfter in 0..<24 {
            for seed in 0..<5 {
                var loop = try loop(replicas: 7)
                loop.lag = SplitMix64(seed: UInt64(seed))
                loop.writesBeforeCrash = crashAfter
                #expect(loop.run() != nil)
                loop.cluster.edit(set) { $0["spec"]["replicas"] = 4 }
                #expect(loop.run() != nil)
                #expect(loop.cluster.all(.pod).count == 4, "crash after \(crashAfter), \(seed)")
            }
        }
    }
}
