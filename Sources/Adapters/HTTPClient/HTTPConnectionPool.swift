internal import Dispatch
package import Primitives
internal import Synchronization

/// Sends requests for tasks: each exchange has a connection and a thread while it lasts, so that
/// no task holds up another. Connections are kept for later exchanges.
package final class HTTPConnectionPool: Sendable {
    /// How many connections wait for later exchanges.
    private static let idleMax = 8

    private let identity: HTTPIdentity
    private let idle = Mutex<[HTTPConnection]>([])

    /// Nothing is sent yet.
    package init(_ identity: HTTPIdentity = HTTPIdentity()) {
        self.identity = identity
    }

    /// Sends a request and waits for the head of its answer.
    /// - Throws: `.stopped` if the task is cancelled.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
        let connection = idle.withLock { $0.popLast() } ?? HTTPConnection(identity)
        let transfer = Transfer { connection.wake() }
        DispatchQueue(label: "keelson.http").async {
            transfer.run(request, on: connection)
            self.idle.withLock { if $0.count < Self.idleMax { $0.append(connection) } }
        }
        let answer = HTTPAnswer(transfer)
        guard case .head(let head)? = try await answer.nextPart() else {
            throw .lost("the answer has no head")
        }
        answer.head.withLock { $0 = head }
        return answer
    }
}

/// An answer whose body comes in pieces, as fast as they are taken. One task reads it. Who drops
/// it ends the exchange.
package final class HTTPAnswer: Sendable {
    fileprivate let head = Mutex(HTTPHead(status: 0, headers: []))
    private let transfer: Transfer

    fileprivate init(_ transfer: Transfer) {
        self.transfer = transfer
    }

    deinit {
        transfer.stop()
    }

    /// The HTTP status.
    package var status: Int { head.withLock { $0.status } }

    /// The first value of a header, whose name is in small letters.
    package func header(_ name: String) -> String? { head.withLock { $0[name] } }

    /// The next piece of the body; nil at the end.
    /// - Throws: `.stopped` if the task is cancelled or the answer closed.
    package func next() async throws(HTTPFailure) -> Bytes? {
        guard case .piece(let piece)? = try await nextPart() else { return nil }
        return piece
    }

    /// The whole body, or what is left of it.
    /// - Throws: `.tooLarge` if it is longer.
    package func body(bytesMax: Int) async throws(HTTPFailure) -> Bytes {
        var body: Bytes = []
        while let piece = try await next() {
            body += piece
            guard body.count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        }
        return body
    }

    /// The rest is not wanted.
    package func close() {
        transfer.stop()
    }

    fileprivate func nextPart() async throws(HTTPFailure) -> Transfer.Part? {
        let transfer = transfer
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { transfer.read($0) }
        } onCancel: {
            transfer.stop()
        }.get()
    }
}

/// What goes from the thread of an exchange to the task that reads its answer.
private final class Transfer: Sendable {
    enum Part: Sendable {
        case head(HTTPHead)
        case piece(Bytes)
    }

    typealias Reader = CheckedContinuation<Result<Part?, HTTPFailure>, Never>

    /// Parts that wait for the reader; the thread waits while there are so many.
    private static let partsMax = 8

    private struct State {
        var parts: [Part] = []
        var ending: HTTPFailure??
        var reader: Reader?
        var isStopped = false
        var isFull = false
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Performs the exchange on this thread.
    func run(_ request: HTTPRequest, on connection: HTTPConnection) {
        var failure: HTTPFailure?
        do {
            try connection.perform(request, isStopped: { self.state.withLock { $0.isStopped } }) {
                _ = self.put(.head($0))
            } onPiece: {
                self.put(.piece($0))
            }
        } catch {
            failure = error
        }
        state.withLock { state in
            state.ending = .some(failure)
            if let reader = state.reader.take() {
                reader.resume(returning: Self.ended(failure))
            }
        }
    }

    /// Answers whether more is wanted, once there is room for more.
    private func put(_ part: Part) -> Bool {
        let isFull = state.withLock { state in
            if let reader = state.reader.take() {
                reader.resume(returning: .success(part))
            } else {
                state.parts.append(part)
            }
            state.isFull = state.parts.count >= Self.partsMax && !state.isStopped
            return state.isFull
        }
        if isFull { room.wait() }
        return state.withLock { !$0.isStopped }
    }

    func read(_ reader: Reader) {
        let mustSignal = state.withLock { state in
            invariant(state.reader == nil, "two tasks read one answer")
            if state.isStopped {
                reader.resume(returning: .failure(.stopped))
            } else if !state.parts.isEmpty {
                reader.resume(returning: .success(state.parts.removeFirst()))
            } else if let failure = state.ending {
                reader.resume(returning: Self.ended(failure))
            } else {
                state.reader = reader
            }
            return Self.leaveFullness(&state)
        }
        if mustSignal { room.signal() }
    }

    func stop() {
        let mustSignal = state.withLock { state in
            state.isStopped = true
            if let reader = state.reader.take() { reader.resume(returning: .failure(.stopped)) }
            return Self.leaveFullness(&state)
        }
        if mustSignal { room.signal() }
        wake()
    }

    private static func leaveFullness(_ state: inout State) -> Bool {
        defer { state.isFull = false }
        return state.isFull
    }

    private static func ended(_ failure: HTTPFailure?) -> Result<Part?, HTTPFailure> {
        failure.map { .failure($0) } ?? .success(nil)
    }
}
