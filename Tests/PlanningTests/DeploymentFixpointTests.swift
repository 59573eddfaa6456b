import Planning
import Primitives
import ResourceModel
import Testing

/// Whatever happens on the way, the end is the same.
@Suite struct DeploymentFixpointTests {
    private let web = ObjectReference(.deployment, "a", "web")

    private func loop(_ strategy: JSON) throws -> ControlLoop {
        var loop = ControlLoop([DeploymentPlanner(), ReplicaSetPlanner()])
        try loop.cluster.create(Samples.deployment(replicas: 3, strategy))
        return loop
    }

    /// What is there in the end, without what may differ from run to run.
    private func state(_ loop: ControlLoop) -> [String] {
        let sets = loop.cluster.all(.replicaSet).map { set in
            let pods = loop.cluster.all(.pod).filter { $0.controller?.uid == set.uid }
            let count = set.json.value(at: "spec.replicas").integerValue ?? -1
            let revision = set.annotation("deployment.kubernetes.io/revision") ?? "?"
            return "\(set.name) revision \(revision): \(pods.count)/\(count)"
        }
        var status = loop.cluster[.deployment, "a", "web"]?["status"] ?? .null
        let conditions = (status["conditions"].arrayValue ?? []).compactMap {
            $0["reason"].stringValue
        }
        status["conditions"] = nil
        return sets + ["pods: \(loop.cluster.all(.pod).count)", status.encodedText]
            + conditions.sorted()
    }

    private func roll(_ loop: inout ControlLoop, _ version: Int) {
        let template = Samples.template(["app": "web"], image: "web:\(version)")
        loop.cluster.edit(web) { $0["spec"]["template"] = template }
    }

    @Test(arguments: ["RollingUpdate", "Recreate"])
    func `a process that dies after any write comes to the same end`(strategy: String) throws {
        func run(crashAfter: Int?, seed: UInt64?) throws -> (state: [String], writes: Int) {
            var loop = try loop(["type": .string(strategy)])
            loop.lag = seed.map(SplitMix64.init(seed:))
            loop.writesBeforeCrash = crashAfter
            #expect(loop.run() != nil)
            roll(&loop, 2)
            #expect(loop.run() != nil)
            return (state(loop), loop.writeCount)
        }
        let calm = try run(crashAfter: nil, seed: nil)
        #expect(calm.state.contains("pods: 3"))
        for write in 0..<calm.writes {
            for seed in 0..<4 {
                let crashed = try run(crashAfter: write, seed: UInt64(seed))
                #expect(crashed.state == calm.state, "crash after \(write), seed \(seed)")
            }
        }
    }

    @Test func `from any state, with changes on the way, there is an end and it is the wanted one`()
        throws
    {
        for seed in 0..<60 {
            var random = SplitMix64(seed: UInt64(seed))
            let limit = { (random: inout SplitMix64) -> JSON in
                random.chance(0.5)
                    ? .integer(Int64(random.below(3)))
                    : .string("\(random.below(101))%")
            }
            var loop = try loop(
                random.chance(0.3)
                    ? ["type": "Recreate"]
                    : [
                        "rollingUpdate": [
                            "maxSurge": limit(&random), "maxUnavailable": limit(&random),
                        ]
                    ])
            loop.lag = random.split()
            var (version, count) = (1, 3)
            for _ in 0..<5 {
                (version, count) = (1 + random.below(4), random.below(6))
                roll(&loop, version)
                loop.cluster.edit(web) {
                    $0["spec"]["replicas"] = .integer(Int64(count))
                    $0["spec"]["paused"] = .bool(random.chance(0.2))
                }
                // Not always to the end: the next change finds it half done.
                _ = loop.run(roundsMax: 2 + random.below(8))
                for pod in loop.cluster.all(.pod) where random.chance(0.2) {
                    loop.cluster.delete(pod.reference, .background)
                }
            }
            loop.cluster.edit(web) { $0["spec"]["paused"] = nil }
            #expect(loop.run() != nil, "seed \(seed): no end")
            let pods = loop.cluster.all(.pod)
            let images = pods.map { pod in
                pod.json.value(at: "spec.containers")[0]["image"].stringValue
            }
            #expect(pods.count == count, "seed \(seed)")
            #expect(images.allSatisfy { $0 == "web:\(version)" }, "seed \(seed)")
        }
    }
}
