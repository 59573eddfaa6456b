import Planning
import Primitives
import ResourceModel
import Testing

@Suite struct EndpointSlicePlannerTests {
    private let web = ObjectReference(.service, "a", "web")

    private func loop(_ ports: JSON = [["name": "http", "port": 80]]) throws -> ControlLoop {
        var loop = ControlLoop([EndpointSlicePlanner()])
        try loop.cluster.create([
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": "web", "namespace": "a", "labels": ["team": "x"]],
            "spec": ["selector": ["app": "web"], "ports": ports],
        ])
        return loop
    }

    private func endpoints(_ loop: ControlLoop) -> [String] {
        loop.cluster.all(.endpointSlice).flatMap { slice in
            (slice.json["endpoints"].arrayValue ?? []).map { endpoint in
                let conditions = endpoint["conditions"].objectValue?.members ?? []
                let set = conditions.filter { $0.value == true }.map(\.name)
                return "\(endpoint["targetRef"]["name"].stringValue ?? "") "
                    + set.joined(separator: ",")
            }
        }.sorted()
    }

    @Test func `ready pods are in the slice, the others are not`() throws {
        var loop = try loop()
        for name in ["one", "two", "three"] { try loop.cluster.create(Samples.pod(name)) }
        try loop.cluster.create(Samples.pod("other", labels: ["app": "other"]))
        #expect(loop.run() != nil)
        loop.cluster.setReady(false, ObjectReference(.pod, "a", "two"))
        #expect(loop.run() != nil)
        #expect(endpoints(loop) == ["one ready,serving", "three ready,serving"])
        let slice = try #require(loop.cluster.all(.endpointSlice).first)
        #expect(slice.labels == [
            "team": "x", "kubernetes.io/service-name": "web",
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        ])
        #expect(slice.controller?.name == "web")
        #expect(slice.json["ports"] == [["name": "http", "protocol": "TCP", "port": 80]])
        let first = slice.json["endpoints"][0]
        #expect(first["addresses"] == ["10.0.0.2"] && first["targetRef"]["uid"] == "uid-2")
    }

    @Test func `a pod on its way out serves until it is no longer ready`() throws {
        var loop = try loop()
        let pod = ObjectReference(.pod, "a", "one")
        try loop.cluster.create(Samples.pod("one"))
        #expect(loop.run() != nil)
        loop.cluster.edit(pod) {
            $0["metadata"]["finalizers"] = ["tests/wait"]
            $0["metadata"]["deletionTimestamp"] = "2026-11-25T00:00:00Z"
        }
        #expect(loop.run() != nil)
        #expect(endpoints(loop) == ["one serving,terminating"])
        loop.cluster.setReady(false, pod)
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.endpointSlice).isEmpty)
    }

    @Test func `ports with names are looked up in each pod`() throws {
        var loop = try loop([
            ["name": "http", "port": 80, "targetPort": "web"],
            ["name": "dns", "port": 53, "protocol": "UDP"],
        ])
        for (name, number) in [("one", 8080), ("two", 8080), ("three", 9090)] {
            var pod = Samples.pod(name)
            let port: JSON = ["name": "web", "containerPort": .integer(Int64(number))]
            let container: JSON = ["name": "web", "ports": [port]]
            pod["spec"]["containers"] = [container]
            try loop.cluster.create(pod)
        }
        #expect(loop.run() != nil)
        let slices = loop.cluster.all(.endpointSlice).map { slice in
            let numbers = (slice.json["ports"].arrayValue ?? []).map {
                "\($0["name"].stringValue ?? "") \($0["port"].integerValue ?? 0)"
            }
            return "\(numbers) \((slice.json["endpoints"].arrayValue ?? []).count)"
        }
        #expect(slices.sorted() == [
            #"["http 8080", "dns 53"] 2"#, #"["http 9090", "dns 53"] 1"#,
        ])
    }

    @Test func `a change of one pod changes one of many slices`() throws {
        var loop = try loop()
        for number in 0..<250 { try loop.cluster.create(Samples.pod("p\(number)")) }
        #expect(loop.run() != nil)
        let counts = loop.cluster.all(.endpointSlice).map {
            ($0.json["endpoints"].arrayValue ?? []).count
        }
        #expect(counts.sorted() == [50, 100, 100])
        let before = loop.writeCount
        loop.cluster.setReady(false, ObjectReference(.pod, "a", "p7"))
        #expect(loop.run() != nil)
        #expect(loop.writeCount == before + 1)
        loop.cluster.setReady(true, ObjectReference(.pod, "a", "p7"))
        #expect(loop.run() != nil)
        #expect(loop.writeCount == before + 2 && endpoints(loop).count == 250)
    }

    @Test func `a service that is a name, or has no selector, is left alone`() throws {
        var loop = try loop()
        loop.cluster.edit(web) { $0["spec"]["type"] = "ExternalName" }
        #expect(loop.plans().allSatisfy { $0.1.isSettled })
        loop.cluster.edit(web) { $0["spec"] = ["type": "ClusterIP"] }
        #expect(loop.plans().allSatisfy { $0.1.isSettled })
    }

    @Test func `in the end exactly the ready pods are there, each once`() throws {
        for seed in 0..<20 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = try loop()
            loop.lag = random.split()
            loop.writesBeforeCrash = random.below(6)
            for round in 0..<5 {
                for number in 0..<random.below(30) {
                    try loop.cluster.create(Samples.pod("p\(round)-\(number)"))
                }
                for pod in loop.cluster.all(.pod) {
                    if random.chance(0.1) { loop.cluster.delete(pod.reference, .background) }
                    if random.chance(0.3) {
                        loop.cluster.setReady(random.chance(0.5), pod.reference)
                    }
                }
                _ = loop.run(roundsMax: 1 + random.below(5))
            }
            #expect(loop.run() != nil, "seed \(seed): no end")
            let ready = loop.cluster.all(.pod).filter { Pod($0).isReady }
            #expect(endpoints(loop) == ready.map { "\($0.name) ready,serving" }, "seed \(seed)")
        }
    }
}
