import APIClient
import Controllers
import NIOCore
import Planning
import Reconciliation
import ResourceModel
import Testing

/// Controllers against a real server on a real store, all in this process.
@Suite(.timeLimit(.minutes(2))) struct DeploymentTests {
    private func service(_ plane: ControlPlane, _ name: String = "one") -> ControllerService {
        ControllerService(
            plane.transport, instance: name, clockwork: plane.clockwork, log: plane.log)
    }

    @Test func `pods come, follow the scale, and go with their deployment`() async throws {
        try await ControlPlane.withStore { store in
            try await ControlPlane.run(on: store) { plane in
                let (stopping, stop) = AsyncStream<Void>.makeStream()
                try await plane.controlled(by: { await service(plane).run(until: stopping) }) {
                    try await plane.deploy("web", replicas: 3)
                    try await plane.settled("web", pods: 3)
                    try await plane.scale("web", to: 5)
                    try await plane.settled("web", pods: 5)
                    try await plane.scale("web", to: 1)
                    try await plane.settled("web", pods: 1)
                    let object = try await plane.client.get(
                        .init(.deployment, namespace: "default", name: "web"))
                    try await plane.client.delete(
                        .init(.deployment, namespace: "default", name: "web"),
                        uid: Resource(object).uid)
                    for kind in [GroupVersionKind.deployment, .replicaSet, .pod] {
                        try await plane.wait(for: kind) { $0.isEmpty }
                    }
                }
                stop.finish()
            }
        }
    }

    @Test func `a clean stop is quick, and another process goes on with the same pods`()
        async throws
    {
        try await ControlPlane.withStore { store in
            try await ControlPlane.run(on: store) { plane in
                let (stopping, stop) = AsyncStream<Void>.makeStream()
                try await withThrowingTaskGroup { group in
                    group.addTask { await service(plane).run(until: stopping) }
                    try await plane.deploy("web", replicas: 3)
                    try await plane.settled("web", pods: 3)
                    let start = NIODeadline.now()
                    stop.finish()
                    try await group.waitForAll()
                    #expect(NIODeadline.now() - start < .seconds(1))
                }
            }
            try await ControlPlane.run(on: store) { plane in
                let before = try await plane.pods(of: "web")
                #expect(before.count == 3)
                let (stopping, stop) = AsyncStream<Void>.makeStream()
                // It has another name: it could not go on had the lease not been released.
                let next = { @Sendable in await service(plane, "two").run(until: stopping) }
                try await plane.controlled(by: next) {
                    try await plane.deploy("last", replicas: 1)
                    try await plane.settled("last", pods: 1)
                    #expect(try await plane.pods(of: "web") == before)
                    #expect(try await plane.client.list(.replicaSet).objects.count == 2)
                }
                stop.finish()
            }
        }
    }

    // RELIABILITY C2, reconciler: the process dies behind each of its writes in turn.
    @Test func `a death behind any write leaves the same pods and costs one write at most`()
        async throws
    {
        try await ControlPlane.withStore { store in
            try await ControlPlane.run(on: store) { plane in
                let undisturbed = CountedTransport(plane.transport)
                try await life(of: "whole", plane, undisturbed)
                let expected = undisturbed.decisions.count
                for crash in 1...undisturbed.writes.count {
                    let name = "web-\(crash)"
                    let dying = CountedTransport(plane.transport, crashAfter: crash)
                    try await plane.deploy(name, replicas: 3)
                    try await plane.controlled(by: { await plane.loop(dying).run() }) {
                        try await first(
                            of: { await dying.crashed() },
                            { try await plane.settled(name, pods: 3) })
                    }
                    let next = CountedTransport(plane.transport)
                    try await plane.controlled(by: { await plane.loop(next).run() }) {
                        try await plane.settled(name, pods: 3)
                        try await plane.scale(name, to: 1)
                        try await plane.settled(name, pods: 1)
                    }
                    let decisions = dying.decisions + next.decisions
                    #expect(
                        decisions.count <= expected + 1,
                        "death behind write \(crash): \(dying.writes.last ?? ""), \(decisions)")
                    let sets = try await plane.client.list(.replicaSet).objects
                    #expect(sets.count == crash + 1)
                }
            }
        }
    }

    /// What happens to each deployment: it comes with three pods and is scaled down to one.
    private func life(
        of name: String, _ plane: ControlPlane, _ transport: CountedTransport
    ) async throws {
        try await plane.deploy(name, replicas: 3)
        try await plane.controlled(by: { await plane.loop(transport).run() }) {
            try await plane.settled(name, pods: 3)
            try await plane.scale(name, to: 1)
            try await plane.settled(name, pods: 1)
        }
    }

    private func first(of things: @Sendable () async throws -> Void...) async throws {
        try await withThrowingTaskGroup { group in
            for thing in things { group.addTask { try await thing() } }
            try await group.next()
            group.cancelAll()
            // Whoever lost was cancelled: how it ended is of no account.
            while let result = await group.nextResult() { _ = result }
        }
    }
}
