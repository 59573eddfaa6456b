import EtcdClient
import Primitives
import StoreModel
import Testing

@testable import EtcdServer

/// What becomes of calls and watches when a store or its client goes.
@Suite struct `Closing` {
    @Test(.timeLimit(.minutes(1)))
    func `what a store that stops leaves undone ends, and nothing hangs`() async throws {
        try await withFolder { folder in
            let node = makeNode(folder)
            let bench = Workbench(client: node.client, prefix: "/a")
            #expect(await isUnavailable { try await bench.put("early") })
            try await node.start()
            let watch = node.client.watch(WatchRequest(bench.everything))
            _ = try await watch.next()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { await Self.putUntilRefused(bench, "\(number)") }
                }
                group.addTask { await node.stop() }
                try await group.waitForAll()
            }
            #expect(await isUnavailable { while try await watch.next() != nil {} })
            #expect(await isUnavailable { try await bench.put("late") })
            let late = node.client.watch(WatchRequest(bench.everything))
            #expect(await isUnavailable { _ = try await late.next() })
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that is closed ends its watches and refuses calls`() async throws {
        try await withFolder { folder in
            let node = makeNode(folder) {
                $0.listenClientURLs = [ServerURL(host: "127.0.0.1", port: 0)]
            }
            try await node.start()
            let port = node.clientPorts[0]
            let client = RemoteClient(
                RemoteSettings(endpoints: [try EtcdEndpoint("127.0.0.1:\(port)")]))
            let bench = Workbench(client: client, prefix: "/a")
            let watch = client.watch(WatchRequest(bench.everything))
            _ = try await watch.next()
            await client.close()
            #expect(await isUnavailable { _ = try await watch.next() })
            #expect(await isUnavailable { try await bench.put("late") })
            #expect(await isUnavailable { _ = try await client.keepAlive(LeaseID(1)) })
            let late = client.watch(WatchRequest(bench.everything))
            #expect(await isUnavailable { _ = try await late.next() })
            await node.stop()
        }
    }

    private static func putUntilRefused(_ bench: Workbench, _ name: String) async {
        while true {
            switch await bench.failure({ try await bench.put(name) }) {
            case nil: continue
            // Whether it was done before the store went is not known.
            case .unknownOutcome, .unavailable: return
            case let failure:
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    private func isUnavailable(_ call: () async throws -> Void) async -> Bool {
        do {
            try await call()
        } catch KeyValueFailure.unavailable {
            return true
        } catch {
            Issue.record(error)
        }
        return false
    }
}
