import Planning
import Primitives
import ResourceModel
import Testing

/// Placement by the filters of Kubernetes' scheduler, in its words.
@Suite struct SchedulerPlannerTests {
    private func loop(_ objects: [JSON]) throws -> ControlLoop {
        var loop = ControlLoop([SchedulerPlanner()])
        loop.cluster.needsBinding = true
        for object in objects { try loop.cluster.create(object) }
        return loop
    }

    private func plan(_ objects: [JSON]) throws -> String {
        var loop = try loop(objects)
        return loop.plans()[0].1.description
    }

    private func pod(_ name: String, cpu: String, _ more: JSON = [:]) -> JSON {
        var pod = Samples.pod(name)
        let container: JSON = [
            "name": "web", "image": "web:1", "resources": ["requests": ["cpu": .string(cpu)]],
        ]
        pod["spec"]["containers"] = [container]
        pod.merge(["spec": more])
        return pod
    }

    @Test func `pods go where most is left, each counting with those before it`() throws {
        let text = try plan([
            Samples.node("big", cpu: "4"), Samples.node("small", cpu: "2"),
            pod("a", cpu: "1"), pod("b", cpu: "1"), pod("c", cpu: "1"), pod("d", cpu: "2"),
        ])
        #expect(
            text == """
                bind Pod a/a to big
                event Pod a/a Scheduled: Successfully assigned a/a to big
                bind Pod a/b to small
                event Pod a/b Scheduled: Successfully assigned a/b to small
                bind Pod a/c to big
                event Pod a/c Scheduled: Successfully assigned a/c to big
                bind Pod a/d to big
                event Pod a/d Scheduled: Successfully assigned a/d to big
                """)
    }

    @Test func `a pod that fits nowhere says why, once`() throws {
        var loop = try loop([
            Samples.node("a", cpu: "1"), Samples.node("b", cpu: "500m"),
            Samples.node(
                "c", taints: [["key": "gpu", "value": "yes", "effect": "NoSchedule"]]),
            Samples.node(
                "d", taints: [["key": "gpu", "value": "yes", "effect": "NoExecute"]]),
            Samples.node("e", pods: 0), pod("p", cpu: "1500m"),
        ])
        let why =
            "0/5 nodes are available: 1 Too many pods, 2 Insufficient cpu, "
            + "2 node(s) had untolerated taint {gpu: yes}."
        #expect(
            loop.plans()[0].1.description == """
                status Pod a/p PodScheduled=False(Unschedulable)
                warn Pod a/p FailedScheduling: \(why)
                """)
        #expect(loop.run() != nil)
        #expect(loop.log.count == 2)
        let condition = loop.cluster[.pod, "a", "p"]?.value(at: "status.conditions")[0]
        #expect(condition["message"].stringValue == why)
        try loop.cluster.create(Samples.node("f"))
        #expect(loop.run() != nil)
        #expect(loop.cluster[.pod, "a", "p"]?.value(at: "spec.nodeName") == "f")
    }

    private static let refusals: [(JSON, JSON, String)] = [
        (Samples.node("n", memory: "1Gi"), ["containers": [
            ["name": "x", "resources": ["requests": ["memory": "2Gi"]]]]],
            "1 Insufficient memory"),
        (Samples.node("n"), ["nodeSelector": ["disk": "ssd"]],
            "1 node(s) didn't match Pod's node affinity/selector"),
        (changed(Samples.node("n"), "spec.unschedulable", true), [:],
            "1 node(s) were unschedulable"),
        (Samples.node("n", cpu: "1"), ["containers": [], "initContainers": [
            ["name": "x", "resources": ["requests": ["cpu": "1500m"]]]]],
            "1 Insufficient cpu"),
        (Samples.node("n", cpu: "1"), ["overhead": ["cpu": "1001m"]], "1 Insufficient cpu"),
        (Samples.node("n", labels: ["zone": "a"]), affinity("zone", "NotIn", ["a"]),
            "1 node(s) didn't match Pod's node affinity/selector"),
        (Samples.node("n"), ["containers": [
            ["name": "x", "resources": ["requests": ["example.com/gpu": 1]]]]],
            "1 Insufficient example.com/gpu"),
    ]

    private static func changed(_ object: JSON, _ path: String, _ value: JSON) -> JSON {
        var object = object
        object.setValue(value, at: path)
        return object
    }

    private static func affinity(_ key: String, _ relation: String, _ values: JSON) -> JSON {
        let term: JSON = [
            "matchExpressions": [
                ["key": .string(key), "operator": .string(relation), "values": values]
            ]
        ]
        return [
            "affinity": [
                "nodeAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        "nodeSelectorTerms": [term]
                    ]
                ]
            ]
        ]
    }

    @Test(arguments: refusals.indices)
    func `each filter has its words`(index: Int) throws {
        let (node, spec, reason) = Self.refusals[index]
        let text = try plan([node, pod("p", cpu: "0", spec)])
        #expect(text.hasSuffix(": 0/1 nodes are available: \(reason)."), "\(text)")
    }

    private static let fits: [(JSON, JSON)] = [
        (Samples.node("n", labels: ["disk": "ssd"]), ["nodeSelector": ["disk": "ssd"]]),
        (Samples.node("n", labels: ["zone": "a"]), affinity("zone", "In", ["a", "b"])),
        (Samples.node("n", labels: ["cores": "8"]), affinity("cores", "Gt", ["4"])),
        (Samples.node("n"), affinity("zone", "DoesNotExist", [])),
        (Samples.node("n", taints: [["key": "a", "value": "b", "effect": "NoSchedule"]]),
            ["tolerations": [["key": "a", "operator": "Equal", "value": "b"]]]),
        (Samples.node("n", taints: [["key": "a", "effect": "NoExecute"]]),
            ["tolerations": [["operator": "Exists"]]]),
        (Samples.node("n", taints: [["key": "a", "effect": "PreferNoSchedule"]]), [:]),
        (changed(Samples.node("n"), "spec.unschedulable", true),
            ["tolerations": [
                ["key": "node.kubernetes.io/unschedulable", "operator": "Exists"]]]),
    ]

    @Test(arguments: fits.indices)
    func `what a pod accepts it gets`(index: Int) throws {
        let (node, spec) = Self.fits[index]
        #expect(try plan([node, pod("p", cpu: "1", spec)]).hasPrefix("bind Pod a/p to n"))
    }

    @Test func `without nodes that is said`() throws {
        #expect(
            try plan([pod("p", cpu: "1")]).hasSuffix("no nodes available to schedule pods"))
    }

    @Test func `a port of the node is given once, ended pods give back what they had`() throws {
        let port: JSON = ["containers": [["name": "x", "ports": [["hostPort": 80]]]]]
        var loop = try loop([
            Samples.node("n", cpu: "1"), pod("first", cpu: "0", port),
            pod("second", cpu: "0", port),
        ])
        #expect(loop.run() != nil)
        let second = ObjectReference(.pod, "a", "second")
        #expect(loop.cluster[.pod, "a", "second"]?.value(at: "spec.nodeName") == nil)
        loop.cluster.edit(ObjectReference(.pod, "a", "first")) {
            $0["status"]["phase"] = "Succeeded"
        }
        #expect(loop.run() != nil)
        #expect(Pod(loop.cluster.objects[second]!).nodeName == "n")
    }

    @Test func `urgent pods come first; those of other schedulers and gated ones are left alone`()
        throws
    {
        let text = try plan([
            Samples.node("n", cpu: "1"), pod("a", cpu: "1"), pod("b", cpu: "1", ["priority": 5]),
            pod("c", cpu: "0", ["schedulerName": "mine"]),
            pod("d", cpu: "0", ["schedulingGates": [["name": "wait"]]]),
        ])
        #expect(
            text == """
                bind Pod a/b to n
                event Pod a/b Scheduled: Successfully assigned a/b to n
                status Pod a/a PodScheduled=False(Unschedulable)
                warn Pod a/a FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.
                """)
    }

    @Test func `no node ever gets more than it has, and what fits is placed`() throws {
        for seed in 0..<60 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = try loop([])
            loop.lag = random.split()
            for number in 0..<1 + random.below(5) {
                try loop.cluster.create(
                    Samples.node("n\(number)", cpu: "\(1 + random.below(4))", pods: 4))
            }
            for number in 0..<random.below(25) {
                try loop.cluster.create(pod("p\(number)", cpu: "\(100 * random.below(20))m"))
            }
            #expect(loop.run() != nil, "seed \(seed): no end")
            for node in loop.cluster.all(.node) {
                let pods = loop.cluster.all(.pod).filter { Pod($0).nodeName == node.name }
                let used = try pods.reduce(Quantity(0)) { sum, pod in
                    let request = pod.json.value(at: "spec.containers")[0]["resources"]["requests"]
                    return sum + (try Quantity(request["cpu"] ?? 0))
                }
                let room = try Quantity(node.json.value(at: "status.allocatable.cpu") ?? 0)
                #expect(used <= room && pods.count <= 4, "seed \(seed), \(node.name)")
            }
        }
    }
}
