import APIClient
import Controllers
import Environment
import EtcdServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import Planning
import Primitives
import Reconciliation
import ResourceModel
import Storage
import StoreModel
import Testing

@testable import APIServer
@testable import Transport

/// An API server on a real store, without a port; what controls it is up to the tests.
struct ControlPlane: Sendable {
    let transport: LocalTransport
    let clockwork: Clockwork
    let log: Logger

    static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var client: ObjectClient { ObjectClient(transport, manager: "test") }

    /// Runs `body` with a store in a folder of its own.
    static func withStore(
        _ body: @escaping @Sendable (any KeyValueClient) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("controllers-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Only litter is left.
        let node = StoreNode(
            settings: .embedded(dataDirectory: folder, segmentBytes: 1 << 20),
            disk: PosixDisk(), log: log
        ) { _ in }
        try await node.start()
        do {
            try await body(node.client)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    /// Runs `body` with a server on a store.
    static func run(
        on store: any KeyValueClient,
        _ body: @escaping @Sendable (ControlPlane) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(store, group.next(), body)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private static func serve(
        _ store: any KeyValueClient, _ loop: any EventLoop,
        _ body: @escaping @Sendable (ControlPlane) async throws -> Void
    ) async throws {
        var authentication = try Authentication(tokenFile: "")
        authentication.admit(localToken: "local")
        var surroundings = Surroundings(
            now: { 1_800_000_000 }, monotonic: { 0 },
            random: {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }, clock: ContinuousClock.continuous)
        surroundings.bookmarkMilliseconds = 50
        let parts = try await APIServerParts.make(
            loop: loop, store: store, authentication: authentication,
            facts: ServerFacts(address: "test", keelsonVersion: "test"),
            surroundings: surroundings,
            log: log)
        let connection = try await loop.submit {
            LocalConnection(
                loop: loop, router: NIOLoopBound(parts.router.value, eventLoop: loop))
        }.get()
        let plane = ControlPlane(
            transport: LocalTransport(connection: connection, token: "local"),
            clockwork: clockwork(loop), log: log)
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask { try await parts.run { isReady.yield() } }
            group.addTask {
                for await _ in ready { break }
                try await body(plane)
            }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
        try await loop.submit { parts.stop() }.get()
    }

    /// The loop's clock: real time.
    private static func clockwork(_ loop: any EventLoop) -> Clockwork {
        let now = { @Sendable in Int64(clamping: NIODeadline.now().uptimeNanoseconds) }
        let start = now()
        return Clockwork(
            wall: { WallTime(seconds: 1_800_000_000 + (now() - start) / 1_000_000_000) },
            monotonic: { MonotonicInstant(nanoseconds: now()) },
            wait: { instant in
                let due = NIODeadline.uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))
                let timer = loop.scheduleTask(deadline: due) {}
                await withTaskCancellationHandler {
                    // Cancelled: whoever waits looks for that itself.
                    try? await timer.futureResult.get()
                } onCancel: {
                    timer.cancel()
                }
            })
    }
}

/// What tests ask of a server.
extension ControlPlane {
    /// Runs controllers while `body` runs.
    func controlled(
        by controllers: @escaping @Sendable () async -> Void,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await controllers() }
            group.addTask { try await body() }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A loop of the controllers that make pods of deployments.
    func loop(_ transport: any APITransport) -> ControllerLoop {
        ControllerLoop(
            [DeploymentPlanner(), ReplicaSetPlanner(), GarbageCollector()],
            client: ObjectClient(transport, manager: "test"), instance: "test",
            clockwork: clockwork, log: log)
    }

    /// Waits until the objects of a kind are as they should be.
    func wait(
        for kind: GroupVersionKind, _ isMet: @Sendable ([Resource]) -> Bool
    ) async throws {
        while true {
            let list = try await client.list(kind)
            if isMet(list.objects.map(Resource.init)) { return }
            let watch = try await client.watch(kind, after: list.resourceVersion)
            defer { watch.close() }
            _ = try await watch.next()
        }
    }

    /// Waits until a deployment has so many pods, and says so.
    func settled(_ name: String, pods count: Int) async throws {
        try await wait(for: .deployment) { deployments in
            guard let object = deployments.first(where: { $0.name == name }) else { return false }
            let status = object.json["status"]
            return status["observedGeneration"].integerValue == object.generation
                && status["replicas"].integerValue ?? 0 == Int64(count)
                && status["updatedReplicas"].integerValue ?? 0 == Int64(count)
        }
        #expect(try await pods(of: name).count == count)
    }

    /// The pods of a deployment by name and uid.
    func pods(of deployment: String) async throws -> [String: String] {
        let pods = try await client.list(.pod).objects.map(Resource.init)
        let own = pods.filter { $0.labels["app"].stringValue == deployment && !$0.isTerminating }
        return Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.uid) })
    }

    /// Makes a namespace.
    func makeNamespace(_ name: String) async throws {
        let kind = GroupVersionKind(group: "", version: "v1", kind: "Namespace")
        _ = try await client.create(
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]],
            at: ObjectClient.Address(kind))
    }

    /// Makes a deployment.
    func deploy(_ name: String, replicas: Int) async throws {
        let labels: JSON = ["app": .string(name)]
        _ = try await client.create(
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": .string(name), "namespace": "default"],
                "spec": [
                    "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels],
                    "template": [
                        "metadata": ["labels": labels],
                        "spec": ["containers": [["name": "c", "image": "x"]]],
                    ],
                ],
            ], at: ObjectClient.Address(.deployment, namespace: "default"))
    }

    /// Changes how many pods a deployment has.
    func scale(_ name: String, to replicas: Int) async throws {
        _ = try await client.patch(
            ObjectClient.Address(.deployment, namespace: "default", name: name),
            ["spec": ["replicas": .integer(Int64(replicas))]])
    }
}
