import Planning
import ResourceModel
import Testing

@Suite struct NodeLifecyclePlannerTests {
    private let node = ObjectReference(.node, "", "n1")
    private let pod = ObjectReference(.pod, "a", "p")

    /// A node that has just been heard of, with a pod on it.
    private func loop() throws -> ControlLoop {
        var loop = ControlLoop([NodeLifecyclePlanner()])
        var node = Samples.node("n1")
        node["status"]["conditions"] = [["type": "Ready", "status": "True"]]
        try loop.cluster.create(node)
        try loop.cluster.create(Samples.pod("p", node: "n1"))
        try loop.cluster.create([
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": "n1", "namespace": "kube-node-lease"],
            "spec": ["renewTime": loop.cluster.now.json],
        ])
        #expect(loop.run() != nil)
        return loop
    }

    private func taints(_ loop: ControlLoop) -> [String] {
        (loop.cluster[.node, "", "n1"]?.value(at: "spec.taints").arrayValue ?? []).map {
            "\($0["key"].stringValue ?? ""):\($0["effect"].stringValue ?? "")"
        }
    }

    private func ready(_ loop: ControlLoop, _ object: ObjectReference) -> String {
        let list = loop.cluster.objects[object]?.value(at: "status.conditions").arrayValue ?? []
        return list.first { $0["type"] == "Ready" }["status"].stringValue ?? "-"
    }

    private func heartbeat(_ loop: inout ControlLoop, status: String) {
        let now = loop.cluster.now
        loop.cluster.edit(ObjectReference(.leaseResource, "kube-node-lease", "n1")) {
            $0["spec"]["renewTime"] = now.json
        }
        loop.cluster.edit(node) {
            $0["status"]["conditions"] = [["type": "Ready", "status": .string(status)]]
        }
    }

    @Test func `a node that renews its lease is left alone`() throws {
        var loop = try loop()
        loop.cluster.now = loop.cluster.now.adding(seconds: 30)
        let plan = loop.plans()[0].1
        #expect(plan.isSettled && (1...11).contains(plan.requeueAfterSeconds ?? 0))
    }

    @Test func `a silent node becomes unknown, is tainted, and its pods do not count as ready`()
        throws
    {
        var loop = try loop()
        loop.cluster.now = loop.cluster.now.adding(seconds: 60)
        #expect(loop.run() != nil)
        #expect(ready(loop, node) == "Unknown" && ready(loop, pod) == "False")
        #expect(taints(loop) == [
            "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute",
        ])
        let event = "event Node n1 NodeNotReady: Node n1 status is now: NodeNotReady"
        #expect(loop.log.contains(event))

        heartbeat(&loop, status: "True")
        #expect(loop.run() != nil)
        #expect(taints(loop).isEmpty && loop.cluster[.pod, "a", "p"] != nil)
    }

    @Test func `a node that says that it is not ready is tainted so, other taints stay`() throws {
        var loop = try loop()
        loop.cluster.edit(node) {
            $0["spec"]["taints"] = [["key": "own", "effect": "NoSchedule"]]
        }
        heartbeat(&loop, status: "False")
        #expect(loop.run() != nil)
        #expect(taints(loop) == [
            "own:NoSchedule", "node.kubernetes.io/not-ready:NoSchedule",
            "node.kubernetes.io/not-ready:NoExecute",
        ])
    }

    private static let tolerations: [(JSON, Int64?)] = [
        ([], 300),
        ([["operator": "Exists"]], nil),
        ([["key": "node.kubernetes.io/unreachable", "operator": "Exists",
            "effect": "NoExecute", "tolerationSeconds": 20]], 20),
        ([["key": "node.kubernetes.io/unreachable", "operator": "Exists",
            "effect": "NoSchedule"]], 300),
    ]

    @Test(arguments: tolerations.indices)
    func `a pod leaves a silent node when it no longer puts up with it`(index: Int) throws {
        let (tolerations, seconds) = Self.tolerations[index]
        var loop = try loop()
        loop.cluster.edit(pod) { $0["spec"]["tolerations"] = tolerations }
        loop.cluster.now = loop.cluster.now.adding(seconds: 60)
        for _ in 0..<3 { _ = loop.run(roundsMax: 1) }
        let start = loop.cluster.now
        while loop.cluster[.pod, "a", "p"] != nil, loop.cluster.now.seconds(since: start) < 1000 {
            _ = loop.run(roundsMax: 1)
            loop.cluster.now = loop.cluster.now.adding(seconds: 5)
        }
        let taken = loop.cluster.now.seconds(since: start)
        if let seconds {
            #expect((seconds - 35...seconds + 35).contains(taken))
        } else {
            #expect(taken >= 1000)
        }
    }

    @Test func `a taint that a user sets drives pods away at once`() throws {
        var loop = try loop()
        loop.cluster.edit(node) {
            $0["spec"]["taints"] = [["key": "drain", "effect": "NoExecute"]]
        }
        #expect(loop.run() != nil)
        #expect(loop.cluster[.pod, "a", "p"] == nil)
        #expect(loop.log.contains("delete Pod a/p"))
    }

    @Test func `pods of a node that is no more go without waiting for it`() throws {
        var loop = try loop()
        loop.cluster.delete(node, .background)
        loop.cluster.needsBinding = true
        #expect(loop.run() != nil)
        #expect(loop.log == ["remove Pod a/p"])
        #expect(loop.cluster[.pod, "a", "p"] == nil)
    }
}
