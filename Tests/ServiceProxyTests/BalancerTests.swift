import Primitives
import ServiceModel
import Testing

@testable import ServiceProxy

/// Which endpoint a connection goes to.
struct BalancerTests {
    private let client = IPv4Address(127, 0, 0, 1)

    private func target(_ number: UInt8) -> Target {
        Target(address: IPv4Address(127, 96, 0, number), port: 8_080)
    }

    private func service(
        _ groups: [String: [UInt8]], shares: [String: Int] = [:], affinitySeconds: Int? = nil
    ) -> ServiceRecord {
        let endpoints = groups.flatMap { group, numbers in
            numbers.map {
                Endpoint(address: target($0).address, ports: ["http": 8_080], group: group)
            }
        }
        return ServiceRecord(
            namespace: "default", name: "web", form: .virtual(IPv4Address(127, 64, 0, 1)),
            ports: [ServicePort(name: "http", number: 80)], endpoints: endpoints, shares: shares,
            affinitySeconds: affinitySeconds)
    }

    private func balancer(_ service: ServiceRecord) -> Balancer {
        var balancer = Balancer()
        balancer.replace(with: service, portName: "http")
        return balancer
    }

    /// A connection that is made at once and lasts.
    private func connect(
        _ balancer: inout Balancer, from client: IPv4Address? = nil, nowSeconds: Int64 = 0
    ) -> Target? {
        var attempt = Balancer.Attempt()
        return balancer.choose(for: client ?? self.client, &attempt, nowSeconds: nowSeconds)
    }

    @Test func `equal endpoints take turns`() {
        var balancer = balancer(service(["": [1, 2, 3]]))
        let chosen = (0..<6).map { _ in connect(&balancer) }
        #expect(chosen == [1, 2, 3, 1, 2, 3].map(target))
    }

    @Test func `turns are taken when connections end at once, too`() {
        var balancer = balancer(service(["": [1, 2, 3]]))
        let chosen = (0..<6).map { _ in
            let target = connect(&balancer)
            if let target { balancer.ended(target) }
            return target
        }
        #expect(chosen == [1, 2, 3, 1, 2, 3].map(target))
    }

    @Test func `the endpoint with the fewest connections is next`() {
        var balancer = balancer(service(["": [1, 2, 3]]))
        for _ in 0..<6 { _ = connect(&balancer) }
        balancer.ended(target(2))
        balancer.ended(target(2))
        #expect((0..<2).map { _ in connect(&balancer) } == [target(2), target(2)])
    }

    /// The share of a canary holds in any 100 connections in a row, whatever else happens.
    @Test(arguments: [0, 1, 5, 20, 33, 50, 99, 100])
    func `shares are met exactly in any hundred connections`(percent: Int) {
        let shares = ["stable": 100 - percent, "canary": percent]
        var balancer = balancer(service(["stable": [1, 2, 3], "canary": [9]], shares: shares))
        var isCanary: [Bool] = []
        for round in 0..<1_000 {
            // Endpoints come and go, the groups stay.
            let present: [UInt8] = round % 7 < 3 ? [1, 2, 3] : [2, 4]
            balancer.replace(
                with: service(["stable": present, "canary": [9]], shares: shares),
                portName: "http")
            isCanary.append(connect(&balancer) == target(9))
        }
        let windows = Set((0...900).map { isCanary[$0..<$0 + 100].filter(\.self).count })
        #expect(windows == [percent])
    }

    @Test func `connections of a share are spread, not sent in runs`() {
        let shares = ["stable": 80, "canary": 20]
        var balancer = balancer(service(["stable": [1], "canary": [9]], shares: shares))
        let chosen = (0..<10).map { _ in connect(&balancer) == target(9) ? "c" : "s" }.joined()
        #expect(chosen == "sscsssscss")
    }

    @Test func `a new share holds from the next connection on`() {
        let groups: [String: [UInt8]] = ["stable": [1], "canary": [9]]
        var balancer = balancer(service(groups, shares: ["stable": 90, "canary": 10]))
        for _ in 0..<7 { _ = connect(&balancer) }
        balancer.replace(
            with: service(groups, shares: ["stable": 50, "canary": 50]), portName: "http")
        let chosen = (0..<100).filter { _ in connect(&balancer) == target(9) }
        #expect(chosen.count == 50)
    }

    @Test func `a group without endpoints leaves its share to the others`() {
        let shares = ["stable": 80, "canary": 20]
        var balancer = balancer(service(["stable": [1]], shares: shares))
        #expect((0..<100).allSatisfy { _ in connect(&balancer) == target(1) })
        #expect(!balancer.isEmpty)
    }

    @Test func `groups without a share get nothing`() {
        let groups: [String: [UInt8]] = ["stable": [1], "canary": [9], "other": [5]]
        var balancer = balancer(service(groups, shares: ["stable": 100, "canary": 0]))
        #expect((0..<100).allSatisfy { _ in connect(&balancer) == target(1) })
        balancer.replace(
            with: service(["canary": [9], "other": [5]], shares: ["stable": 100, "canary": 0]),
            portName: "http")
        #expect(balancer.isEmpty)
        #expect(connect(&balancer) == nil)
    }

    @Test func `a connection that fails tries its own group, then the heaviest`() {
        let shares = ["stable": 10, "canary": 80, "old": 10]
        var balancer = balancer(
            service(["stable": [1], "canary": [8, 9], "old": [5]], shares: shares))
        var attempt = Balancer.Attempt()
        var tried: [Target] = []
        while let target = balancer.choose(for: client, &attempt, nowSeconds: 0) {
            tried.append(target)
            balancer.failed(target)
        }
        #expect(Set(tried.prefix(2)) == [target(8), target(9)])
        #expect(Set(tried.suffix(2)) == [target(1), target(5)])
        #expect(tried.count == 4)
        #expect(balancer.counts.values.allSatisfy { $0.failed == 1 && $0.active == 0 })
    }

    @Test func `an endpoint that left is counted until its last connection ends`() {
        var balancer = balancer(service(["": [1]]))
        #expect(connect(&balancer) == target(1))
        balancer.connected(to: target(1))
        balancer.replace(with: service(["": [2]]), portName: "http")
        #expect(balancer.counts[target(1)] == PortStatistics.Backend(active: 1, total: 1))
        #expect(connect(&balancer) == target(2))
        balancer.ended(target(1))
        #expect(balancer.counts[target(1)] == nil)
    }

    @Test func `endpoints without the port are left aside`() {
        var balancer = Balancer()
        balancer.replace(with: service(["": [1, 2]]), portName: "metrics")
        #expect(balancer.isEmpty)
    }

    @Test func `a client with affinity goes where it went before`() {
        var balancer = balancer(service(["": [1, 2, 3]], affinitySeconds: 60))
        let other = IPv4Address(127, 0, 0, 2)
        let first = connect(&balancer)
        let second = connect(&balancer, from: other)
        #expect(first != second)
        for second in stride(from: Int64(0), to: 600, by: 59) {
            #expect(connect(&balancer, nowSeconds: second) == first)
        }
        #expect(connect(&balancer, from: other, nowSeconds: 59) == second)
        // A minute of silence ends it: the endpoint with the fewest connections is next.
        let third = connect(&balancer, from: other, nowSeconds: 119)
        #expect(third != first && third != second)
    }

    @Test func `affinity follows when its endpoint leaves or fails`() {
        var balancer = balancer(service(["": [1, 2]], affinitySeconds: 60))
        #expect(connect(&balancer) == target(1))
        balancer.replace(with: service(["": [2, 3]], affinitySeconds: 60), portName: "http")
        let second = connect(&balancer)
        #expect(connect(&balancer) == second)
        var attempt = Balancer.Attempt()
        #expect(balancer.choose(for: client, &attempt, nowSeconds: 0) == second)
        second.map { balancer.failed($0) }
        let third = balancer.choose(for: client, &attempt, nowSeconds: 0)
        #expect(third != second && third != nil)
        #expect(connect(&balancer) == third)
    }

    @Test func `affinity remembers a bounded number of clients, the newest`() {
        var balancer = balancer(service(["": [1, 2, 3]], affinitySeconds: 1_000_000))
        let count = UInt32(Balancer.rememberedClientsMax)
        var last: Target?
        for number in 0...count {
            last = connect(
                &balancer, from: IPv4Address(bits: number), nowSeconds: Int64(number))
        }
        #expect(balancer.rememberedClients == Int(count) / 2 + 1)
        let again = connect(&balancer, from: IPv4Address(bits: count), nowSeconds: Int64(count))
        #expect(again == last)
    }

    /// Whatever happens, the counts add up and nothing is led to who is not there.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random events keep the counts right`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var balancer = Balancer()
        var open: [Target] = []
        var present: Set<Target> = []
        for _ in 0..<500 {
            switch generator.below(5) {
            case 0:
                let numbers = (1...6 as ClosedRange<UInt8>).filter { _ in generator.chance(0.5) }
                balancer.replace(with: service(["": numbers]), portName: "http")
                present = Set(numbers.map(target))
            case 1, 2, 3:
                var attempt = Balancer.Attempt()
                while let target = balancer.choose(for: client, &attempt, nowSeconds: 0) {
                    #expect(present.contains(target))
                    if generator.chance(0.3) {
                        balancer.failed(target)
                    } else {
                        balancer.connected(to: target)
                        open.append(target)
                        break
                    }
                }
            default:
                guard !open.isEmpty else { continue }
                balancer.ended(open.remove(at: generator.below(open.count)))
            }
            var counted: [Target: Int] = [:]
            for target in open { counted[target, default: 0] += 1 }
            #expect(balancer.counts.mapValues(\.active).filter { $0.value > 0 } == counted)
            #expect(Set(balancer.counts.keys) == present.union(open))
        }
    }
}
