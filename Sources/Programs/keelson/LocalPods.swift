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
    private let ports = ConnectionMaker()

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
        let way = try present()
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

    func runningContainer(of pod: JSON, named name: String) async throws(APIFailure) -> String {
        try await present().node.runningContainer(of: pod, name)
    }

    func start(_ command: PodCommand, inContainer id: String) async throws -> any PodProcess {
        let spec = ExecSpec(
            command.words, hasInput: command.streams.hasInput,
            hasTerminal: command.streams.hasTerminal)
        return LocalProcess(session: try await present().runtime.exec(spec, in: id))
    }

    func attach(toContainer id: String) async throws -> any PodProcess {
        LocalContainer(id: id, runtime: try present().runtime)
    }

    func checkReach(of pod: JSON) async throws(APIFailure) {
        try present().node.checkReach(of: pod)
    }

    func connect(to pod: JSON, port: Int) async throws -> any PodConnection {
        let address = pod.value(at: "status.podIP").stringValue ?? ""
        do {
            return LocalPort(connection: try await ports.connect(to: address, port: port))
        } catch let failure as HostFailure {
            throw UnreachablePort(description: "dial tcp \(address):\(port): \(failure)")
        }
    }

    private func present() throws(APIFailure) -> Way {
        guard let way = way.withLock({ $0 }) else {
            throw .serviceUnavailable("the node agent is not there yet")
        }
        return way
    }
}

/// A process in a pod of this machine.
private struct LocalProcess: PodProcess {
    let session: ExecSession

    func pass(
        _ output: PodOutput, to give: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        while let bytes = try await session.read(output.ofRuntime) { try await give(bytes) }
    }

    func write(_ bytes: [UInt8]) async throws { try await session.write(bytes) }
    func closeInput() async throws { try await session.closeInput() }
    func resize(columns: UInt16, rows: UInt16) { session.resize(columns: columns, rows: rows) }
    func exitCode() async throws -> Int32 { try await session.exitCode() }
    func end() { session.end() }
}

/// The main process of a container of this machine, as its log tells of it from now on. It takes
/// no input.
private struct LocalContainer: PodProcess {
    let id: String
    let runtime: ProcessRuntime

    func pass(
        _ output: PodOutput, to give: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        var query = LogQuery()
        query.output = output.ofRuntime
        query.tailLines = 0
        query.isFollowing = true
        try await runtime.readLog(of: id, query, give)
    }

    func write(_ bytes: [UInt8]) {}
    func closeInput() {}
    func resize(columns: UInt16, rows: UInt16) {}
    /// Its own is told by the pod; to have listened to the end is a success, as in Kubernetes.
    func exitCode() -> Int32 { 0 }
    func end() {}
}

extension PodOutput {
    fileprivate var ofRuntime: ExecOutput { self == .stdout ? .stdout : .stderr }
}

/// A connection to a port of a pod of this machine.
private struct LocalPort: PodConnection {
    let connection: Connection

    func read() async throws -> [UInt8]? { try await connection.read() }
    func write(_ bytes: [UInt8]) async throws { try await connection.write(bytes) }
    func endWriting() { connection.endWriting() }
    func hangUp() { connection.hangUp() }
}

/// Nobody listens there.
private struct UnreachablePort: Error, CustomStringConvertible {
    let description: String
}
