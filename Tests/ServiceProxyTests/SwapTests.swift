import NIOCore
import NIOPosix
import Primitives
import ServiceModel
import ServiceProxy
import Testing

/// Endpoints are exchanged under load, as by a rolling update: nobody notices.
struct SwapTests {
    private static let clients = 50
    private static let roundsOfClients = 40

    @Test func `no connection fails while endpoints are swapped`() async throws {
        try await TestProxy.run { test in
            let servers = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let threads = NIOThreadPool(numberOfThreads: Self.clients)
            threads.start()
            let finished = Counter()
            let first = [
                try await EchoServer(name: "e", group: servers),
                try await EchoServer(name: "e", group: servers),
            ]
            try await test.lead(to: first.map(\.place))
            let swaps = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<Self.clients {
                    group.addTask {
                        defer { finished.next() }
                        try await threads.runIfActive { try Self.converse(test.place, number) }
                        return 0
                    }
                }
                group.addTask {
                    var present = first
                    var swaps = 0
                    while finished.count < Self.clients {
                        present.append(try await EchoServer(name: "e", group: servers))
                        let old = present.removeFirst()
                        try await test.lead(to: present.map(\.place))
                        // As a node's agent does: the process ends when nobody is led to it.
                        try await test.proxy.whenUnused(old.place.address).get()
                        try await old.stop()
                        swaps += 1
                    }
                    return swaps
                }
                return try await group.reduce(0, +)
            }
            try await threads.shutdownGracefully()
            let statistics = try #require(try await test.statistics())
            #expect(statistics.accepted == Self.clients * Self.roundsOfClients)
            #expect(statistics.unreachable == 0)
            #expect(statistics.refused == 0)
            #expect(statistics.backends.values.allSatisfy { $0.failed == 0 })
            // While the clients were at it; how often depends on the machine.
            #expect(swaps >= 1)
            try await servers.shutdownGracefully()
        }
    }

    /// A client that connects, hears the server's name, says something and hears it again.
    private static func converse(_ place: Target, _ number: Int) throws {
        for round in 0..<roundsOfClients {
            let client = try Socket.connected(to: place)
            let text = "\(number):\(round)"
            try client.send(text)
            let heard = try client.receiveText(1 + text.utf8.count)
            #expect(heard == "e" + text)
        }
    }
}
