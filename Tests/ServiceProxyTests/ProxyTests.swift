import Glibc
import NIOCore
import Primitives
import ServiceModel
import ServiceProxy
import Testing

/// Which connections are taken, and where they lead.
struct ProxyTests {
    private let refused = Socket.Failure(number: ECONNREFUSED)
    private let reset = Socket.Failure(number: ECONNRESET)

    /// An address where nothing listens.
    private func deadPlace() throws -> Target {
        try Socket.listening(at: Addresses.pod()).place
    }

    @Test func `a service without endpoints refuses connections`() async throws {
        try await TestProxy.run { test in
            #expect(try await test.lead(to: []) == [])
            #expect(throws: refused) { try test.connect() }
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            #expect(try test.connect().receiveText(1) == "a")
            try await test.lead(to: [])
            #expect(throws: refused) { try test.connect() }
            try await test.lead(to: [server.place])
            #expect(try test.connect().receiveText(1) == "a")
        }
    }

    @Test func `endpoints that do not answer are passed over`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            let dead = [try deadPlace(), try deadPlace()]
            try await test.lead(to: [dead[0], server.place, dead[1]])
            for _ in 0..<30 { #expect(try test.connect().receiveText(1) == "a") }
            let statistics = try #require(try await test.statistics())
            #expect(statistics.backends[server.place]?.total == 30)
            #expect(statistics.unreachable == 0)
            let failures = dead.compactMap { statistics.backends[$0]?.failed }.reduce(0, +)
            #expect(failures >= 10)
        }
    }

    @Test func `a client is reset when no endpoint answers`() async throws {
        try await TestProxy.run { test in
            try await test.lead(to: [deadPlace(), deadPlace()])
            let client = try test.connect()
            #expect(throws: reset) { try client.receive() }
            let statistics = try #require(try await test.statistics())
            #expect(statistics.unreachable == 1)
            #expect(statistics.backends.values.allSatisfy { $0.failed == 1 && $0.active == 0 })
        }
    }

    @Test func `a canary gets its share of real connections`() async throws {
        try await TestProxy.run { test in
            let stable = try await EchoServer(name: "s", group: test.group)
            let canary = try await EchoServer(name: "c", group: test.group)
            let service = test.service(
                [(stable.place, "stable"), (canary.place, "canary")],
                shares: ["stable": 80, "canary": 20])
            _ = try await test.proxy.update(service).get()
            var names: [String] = []
            for _ in 0..<200 { names.append(try test.connect().receiveText(1)) }
            for start in 0...100 {
                #expect(names[start..<start + 100].filter { $0 == "c" }.count == 20)
            }
        }
    }

    @Test func `a client with affinity meets the same server again`() async throws {
        try await TestProxy.run { test in
            var servers: [Target] = []
            for name in ["a", "b", "c"] as [Character] {
                servers.append(try await EchoServer(name: name, group: test.group).place)
            }
            try await test.lead(to: servers, affinitySeconds: 10_800)
            let names = try (0..<20).map { _ in try test.connect().receiveText(1) }
            #expect(Set(names).count == 1)
            try await test.lead(to: servers)
            let others = try (0..<20).map { _ in try test.connect().receiveText(1) }
            #expect(Set(others).count == 3)
        }
    }

    @Test func `connections beyond the limit are reset`() async throws {
        var limits = TrafficProxy.Limits()
        limits.connectionsMax = 2
        try await TestProxy.run(limits: limits) { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            let first = try test.connect()
            let second = try test.connect()
            #expect(try first.receiveText(1) == "a")
            #expect(try second.receiveText(1) == "a")
            #expect(throws: reset) { try test.connect().receive() }
            first.closeNow()
            second.closeNow()
            try await test.proxy.whenUnused(server.place.address).get()
            #expect(try test.connect().receiveText(1) == "a")
            #expect(try await test.statistics()?.refused == 1)
        }
    }

    @Test func `connections to an endpoint that left live on`() async throws {
        try await TestProxy.run { test in
            let old = try await EchoServer(name: "o", group: test.group)
            let new = try await EchoServer(name: "n", group: test.group)
            try await test.lead(to: [old.place])
            let client = try test.connect()
            #expect(try client.receiveText(1) == "o")
            for targets in [[new.place], [], [new.place]] {
                try await test.lead(to: targets)
                try client.send("still")
                #expect(try client.receiveText(5) == "still")
            }
            #expect(try test.connect().receiveText(1) == "n")
            let left = test.proxy.whenUnused(old.place.address)
            #expect(try await test.statistics()?.backends[old.place]?.active == 1)
            client.closeNow()
            try await left.get()
            #expect(try await test.statistics()?.backends[old.place] == nil)
        }
    }

    @Test func `connections to an endpoint that left are reset in the end`() async throws {
        var limits = TrafficProxy.Limits()
        limits.drainTime = .milliseconds(100)
        try await TestProxy.run(limits: limits) { test in
            let old = try await EchoServer(name: "o", group: test.group)
            let new = try await EchoServer(name: "n", group: test.group)
            try await test.lead(to: [old.place, new.place])
            let clients = try [test.connect(), test.connect()]
            let names = try clients.map { try $0.receiveText(1) }
            #expect(Set(names) == ["o", "n"])
            try await test.lead(to: [new.place])
            for (client, name) in zip(clients, names) {
                if name == "o" {
                    #expect(throws: reset) { try client.receive() }
                } else {
                    try client.send("still")
                    #expect(try client.receiveText(5) == "still")
                }
            }
        }
    }

    @Test func `an endpoint that comes back keeps its connections`() async throws {
        var limits = TrafficProxy.Limits()
        limits.drainTime = .milliseconds(100)
        try await TestProxy.run(limits: limits) { test in
            let one = try await EchoServer(name: "1", group: test.group)
            let two = try await EchoServer(name: "2", group: test.group)
            try await test.lead(to: [one.place, two.place])
            let clients = try [test.connect(), test.connect()]
            let names = try clients.map { try $0.receiveText(1) }
            let first = try #require(names.firstIndex(of: "1"))
            let left = test.proxy.update(test.service([(two.place, "")]))
            let back = test.proxy.update(test.service([(one.place, "")]))
            _ = try await (left.get(), back.get())
            // The drain of two began after that of one, which was called off.
            #expect(throws: reset) { try clients[1 - first].receive() }
            try clients[first].send("still")
            #expect(try clients[first].receiveText(5) == "still")
        }
    }

    @Test func `a removed service stops listening, its connections go on`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            let client = try test.connect()
            #expect(try client.receiveText(1) == "a")
            try await test.proxy.remove(ServiceKey(namespace: "default", name: "web")).get()
            #expect(throws: refused) { try test.connect() }
            try client.send("still")
            #expect(try client.receiveText(5) == "still")
            #expect(try await test.proxy.statistics().get() == [])
        }
    }

    @Test func `connections of a removed service are reset in the end`() async throws {
        var limits = TrafficProxy.Limits()
        limits.drainTime = .milliseconds(100)
        try await TestProxy.run(limits: limits) { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            let client = try test.connect()
            #expect(try client.receiveText(1) == "a")
            try await test.proxy.remove(ServiceKey(namespace: "default", name: "web")).get()
            #expect(throws: reset) { try client.receive() }
        }
    }

    @Test func `an address that one service gives up the next one can take`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            var other = test.service([(server.place, "")])
            other.name = "other"
            let removal = test.proxy.remove(ServiceKey(namespace: "default", name: "web"))
            let update = test.proxy.update(other)
            #expect(try await update.get() == [])
            try await removal.get()
            #expect(try test.connect().receiveText(1) == "a")
        }
    }

    @Test func `a service that moves is at its new address alone`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            let place = try Socket.listening(at: Addresses.service()).place
            var moved = test.service([(server.place, "")])
            moved.form = .virtual(place.address)
            moved.ports[0].number = place.port
            #expect(try await test.proxy.update(moved).get() == [])
            #expect(throws: refused) { try test.connect() }
            #expect(try Socket.connected(to: place).receiveText(1) == "a")
            moved.form = .headless
            #expect(try await test.proxy.update(moved).get() == [])
            #expect(throws: refused) { try Socket.connected(to: place) }
        }
    }

    @Test func `an address that is taken is a problem, until the next update`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            let squatter = try Socket.listening(at: test.place.address, port: test.place.port)
            let problems = try await test.lead(to: [server.place])
            #expect(problems.map(\.port) == [test.place.port])
            #expect(problems.first?.description.contains("Address already in use") == true)
            #expect(try await test.statistics()?.isListening == false)
            squatter.closeNow()
            #expect(try await test.lead(to: [server.place]) == [])
            #expect(try test.connect().receiveText(1) == "a")
        }
    }

    @Test func `ports that are not TCP are named, the others served`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            var service = test.service([(server.place, "")])
            service.ports.append(ServicePort(name: "dns", protocol: .udp, number: 53))
            let problems = try await test.proxy.update(service).get()
            #expect(problems.map(\.reason) == [.notSupported(.udp)])
            #expect(
                problems.first?.description
                    == "port 53 is not served: the proxy does not support UDP")
            #expect(try test.connect().receiveText(1) == "a")
        }
    }

    @Test func `each port leads to its own`() async throws {
        try await TestProxy.run { test in
            let web = try await EchoServer(name: "w", group: test.group)
            let pod = web.place.address
            let metrics = try Socket.listening(at: pod)
            let other = try Socket.listening(at: test.place.address).place
            var service = test.service([(web.place, "")])
            service.ports.append(ServicePort(name: "metrics", number: other.port))
            service.endpoints[0].ports["metrics"] = metrics.place.port
            #expect(try await test.proxy.update(service).get() == [])
            #expect(try test.connect().receiveText(1) == "w")
            let client = try Socket.connected(to: other)
            try client.send("m")
            #expect(try metrics.accepted().receiveText(1) == "m")
        }
    }

    @Test func `a closed proxy resets what it has`() async throws {
        try await TestProxy.run { test in
            let server = try await EchoServer(name: "a", group: test.group)
            try await test.lead(to: [server.place])
            let client = try test.connect()
            #expect(try client.receiveText(1) == "a")
            try await test.proxy.close().get()
            #expect(throws: reset) { try client.receive() }
            #expect(throws: refused) { try test.connect() }
        }
    }
}
