import EtcdClient
import Primitives
import StoreModel
import Testing

@testable import EtcdServer

/// What a client of several members, or of one that goes away for a while, promises.
@Suite struct `Failing over` {
    @Test(.timeLimit(.minutes(2)))
    func `a watch goes on behind a restart, without loss or repetition`() async throws {
        try await withFolder { folder in
            let port = try freePorts(1)[0]
            let settings: (inout StoreSettings) -> Void = {
                $0.listenClientURLs = [ServerURL(host: "127.0.0.1", port: port)]
            }
            var node = makeNode(folder, settings)
            try await node.start()
            try await withClient([port]) { client in
                let watch = client.watch(WatchRequest(KeyRange(key: [0], end: [0])))
                let opened = try #require(try await watch.next())
                var last = opened.revision
                for round in 0..<3 {
                    for _ in 0..<20 {
                        last = try await Workbench(client: client, prefix: "/a").put("k")
                    }
                    guard round < 2 else { break }
                    await node.stop()
                    node = makeNode(folder, settings)
                    try await node.start()
                    // Written while the watch may still be away.
                    for _ in 0..<20 {
                        last = try await Workbench(client: node.client, prefix: "/a").put("k")
                    }
                }
                let events = try await watch.events(100)
                let revisions = events.map(\.keyValue.modRevision.rawValue)
                #expect(revisions == Array(opened.revision.next.rawValue...last.rawValue))
            }
            await node.stop()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `calls, watches and renewals outlive the loss of each member in turn`() async throws {
        try await withFolder { folder in
            let ports = try freePorts(6)
            var nodes = (0..<3).map { Self.node($0, folder, ports) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await node.start() } }
                try await group.waitForAll()
            }
            try await withClient(Array(ports[..<3])) { client in
                let bench = Workbench(client: client, prefix: "/a")
                let lease = try await client.grantLease(ttlSeconds: 600)
                let first = try await bench.put("k", "start")
                let watch = client.watch(
                    WatchRequest(bench.everything, startRevision: first))
                for place in 0..<3 {
                    await nodes[place].stop()
                    #expect(try await client.keepAlive(lease) == 600)
                    #expect(try await bench.get("k") != nil)
                    // A write may be lost with the connection: it is known or repeated.
                    while true {
                        let failure = await bench.failure { try await bench.put("k", "\(place)") }
                        if failure == nil { break }
                        guard case .unknownOutcome = failure else {
                            Issue.record("\(String(describing: failure))")
                            break
                        }
                    }
                    nodes[place] = Self.node(place, folder, ports)
                    try await nodes[place].start()
                }
                let last = try #require(try await bench.get("k")).modRevision
                let count = Int(last.rawValue - first.rawValue) + 1
                let revisions = try await watch.events(count).map(\.keyValue.modRevision.rawValue)
                #expect(revisions == Array(first.rawValue...last.rawValue))
            }
            for node in nodes { await node.stop() }
        }
    }

    @Test func `a store out of reach is unavailable, and nothing was done`() async throws {
        let port = try freePorts(1)[0]
        try await withClient([port], { $0.callTimeout = .milliseconds(200) }) { client in
            let bench = Workbench(client: client, prefix: "/a")
            for call in [
                { try await bench.put("k") }, { try await client.compact(Revision(1)) },
                { _ = try await bench.get("k") },
                { _ = try await client.keepAlive(LeaseID(1)) },
            ] as [@Sendable () async throws -> Void] {
                let failure = await bench.failure { try await call() }
                guard case .unavailable = failure else {
                    Issue.record("\(String(describing: failure))")
                    continue
                }
            }
            let watch = client.watch(WatchRequest(bench.everything))
            watch.close()
            let batch = try await watch.next()
            #expect(batch == nil)
        }
    }

    private static func node(_ place: Int, _ folder: String, _ ports: [Int]) -> StoreNode {
        makeNode("\(folder)/\(place)") { settings in
            func url(_ port: Int) -> ServerURL { ServerURL(host: "127.0.0.1", port: port) }
            settings.name = "m\(place)"
            settings.listenClientURLs = [url(ports[place])]
            settings.listenPeerURLs = [url(ports[3 + place])]
            settings.advertisePeerURLs = settings.listenPeerURLs
            settings.heartbeatMilliseconds = 20
            settings.electionMilliseconds = 200
            settings.initialCluster = (0..<3).map {
                InitialMember(name: "m\($0)", peerURLs: [url(ports[3 + $0])])
            }
        }
    }
}
