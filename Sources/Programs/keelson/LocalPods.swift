internal import APIServer
internal import Logging
internal import NodeAgent
internal import ResourceModel
internal import Runtimes
internal import Synchronization

/// The way from the API server to the pods of its own machine.
final class LocalPods: PodStreams {
    private struct Way: Sendable {
        var node: NodeService
        var runtime: ProcessRuntime
    }

    private let way: Mutex<Way?> = Mutex(nil)

    /// The node agent is there.
    func serve(_ node: NodeService, _ runtime: ProcessRuntime) {
        way.withLock { $0 = Way(node: node, runtime: runtime) }
    }

    /// Ends all pods of this machine, at once; for a server that has stopped.
    func endAll(_ log: Logger) async {
        guard let runtime = way.withLock({ $0?.runtime }) else { return }
        for sandbox in await runtime.sandboxes() {
            do {
                try await runtime.removeSandbox(sandbox.id)
            } catch {
                log.warning("a pod goes on", metadata: ["reason": "\(error)"])
            }
        }
    }

    func readLog(
        of pod: JSON, _ query: PodLogQuery, _ give: ([UInt8]) async throws -> Void
    ) async throws {
        guard let way = way.withLock({ $0 }) else {
            throw APIFailure.serviceUnavailable("the node agent is not there yet")
        }
        let id = try await way.node.logContainer(
            of: pod, query.container, isPrevious: query.isPrevious)
        var wanted = LogQuery()
        wanted.tailLines = query.tailLines.map { Int(clamping: $0) }
        wanted.since = query.sinceSeconds.map {
            $0.multipliedReportingOverflow(by: 1_000_000_000).0
        }
        wanted.hasTimestamps = query.hasTimestamps
        wanted.isFollowing = query.isFollowing
        wanted.bytesMax = query.bytesMax.map { Int(clamping: $0) }
        try await way.runtime.readLog(of: id, wanted, give)
    }
}
