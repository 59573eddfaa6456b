import Certificates
import EtcdServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import Primitives
import ResourceModel
import Storage
import StoreModel
import Synchronization

@testable import APIServer
@testable import Transport

/// A whole API server on a real store in a folder of its own, without a port: requests are put
/// into its router as a connection would do.
final class TestServer: Sendable {
    let parts: APIServerParts
    let loop: any EventLoop
    let store: any KeyValueClient
    let clock: TestClock

    private init(
        parts: APIServerParts, loop: any EventLoop, store: any KeyValueClient, clock: TestClock
    ) {
        self.parts = parts
        self.loop = loop
        self.store = store
        self.clock = clock
    }

    /// Bearer tokens that the server knows.
    static let tokens = """
        admin-token,admin,1,"system:masters"
        user-token,jane,2,"readers"
        """

    /// Runs `body` with a server that is ready.
    static func run(
        pods: any PodStreams = NoPodStreams(),
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("api-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Only litter is left.
        var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .critical
        let node = StoreNode(
            settings: .embedded(dataDirectory: folder, segmentBytes: 1 << 20),
            disk: PosixDisk(), log: log
        ) { _ in }
        try await node.start()
        do {
            try await run(on: node.client, log, pods: pods, body)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    /// The same, on a store that goes on existing.
    static func run(
        on store: any KeyValueClient, _ log: Logger, pods: any PodStreams = NoPodStreams(),
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clock = TestClock()
        let parts = try await APIServerParts.make(
            loop: group.next(), store: store, authentication: Authentication(tokenFile: tokens),
            facts: ServerFacts(address: "test", keelsonVersion: "test"),
            surroundings: clock.surroundings, podStreams: pods, log: log)
        let server = TestServer(parts: parts, loop: group.next(), store: store, clock: clock)
        do {
            try await server.serve(body)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        let parts = parts
        try await withThrowingTaskGroup { group in
            group.addTask { try await parts.run { isReady.yield() } }
            group.addTask {
                for await _ in ready { break }
                try await body(self)
            }
            do {
                try await group.next()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        try await loop.submit { parts.stop() }.get()
    }
}

/// A clock that tests set, and numbers that repeat.
final class TestClock: Sendable {
    private let seconds = Mutex<Int64>(1_800_000_000)
    private let generator = Mutex(SplitMix64(seed: 42))

    /// Seconds since 1970.
    var now: Int64 {
        get { seconds.withLock { $0 } }
        set { seconds.withLock { $0 = newValue } }
    }

    var surroundings: Surroundings {
        Surroundings(
            now: { self.now }, monotonic: { 0 },
            random: { self.generator.withLock { $0.next() } }, clock: ContinuousClock.continuous)
    }
}
