import Primitives
import ResourceModel
import Synchronization

@testable import APIServer

/// Pods whose containers run commands that say what they hear, as `cat` does, and whose port
/// 7 does the same.
final class TestPods: PodStreams {
    /// Tells, one for each command, that it was ended before its time.
    let kills: AsyncStream<Void>
    private let kill: AsyncStream<Void>.Continuation

    init() {
        (kills, kill) = AsyncStream.makeStream()
    }

    func readLog(
        of pod: JSON, _ query: PodLogQuery, _ give: ([UInt8]) async throws -> Void
    ) async throws {}

    func runningContainer(of pod: JSON, named name: String) async throws(APIFailure) -> String {
        guard name == "c" else { throw .badRequest("container not found (\"\(name)\")") }
        return name
    }

    func start(_ command: PodCommand, inContainer id: String) async throws -> any PodProcess {
        guard command.words == ["cat"] else { throw NoSuchCommand() }
        return Echo { [kill] in kill.yield() }
    }

    func attach(toContainer id: String) async throws -> any PodProcess { Echo {} }
    func checkReach(of pod: JSON) async throws(APIFailure) {}

    func connect(to pod: JSON, port: Int) async throws -> any PodConnection {
        guard port == 7 else { throw NoSuchCommand() }
        return Echo {}
    }

    struct NoSuchCommand: Error, CustomStringConvertible {
        var description: String { "there is no such thing" }
    }
}

/// Says what it hears.
private final class Echo: PodProcess, PodConnection {
    private let heard: AsyncStream<Bytes>
    private let hear: AsyncStream<Bytes>.Continuation
    private let code = Mutex<Int32?>(nil)
    private let killed: @Sendable () -> Void

    init(killed: @escaping @Sendable () -> Void) {
        self.killed = killed
        (heard, hear) = AsyncStream.makeStream()
    }

    func pass(
        _ output: PodOutput, to give: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        if output == .stderr { return try await give(Bytes("listening".utf8)) }
        for await bytes in heard { try await give(bytes) }
    }

    func read() async throws -> [UInt8]? {
        for await bytes in heard { return bytes }
        return nil
    }

    func write(_ bytes: [UInt8]) { hear.yield(bytes) }
    func closeInput() { end(0) }
    func endWriting() { end(0) }
    func hangUp() { end(0) }
    func resize(columns: UInt16, rows: UInt16) { write(Bytes("\(columns)x\(rows)".utf8)) }
    func exitCode() -> Int32 { code.withLock { $0 ?? -1 } }
    func end() { if end(137) { killed() } }

    @discardableResult
    private func end(_ number: Int32) -> Bool {
        defer { hear.finish() }
        return code.withLock { code in
            defer { code = code ?? number }
            return code == nil
        }
    }
}
