import APIClient
import Primitives
import ResourceModel
import Synchronization

/// An answer whose body a test puts in piece by piece. One task reads it.
final class Pipe: APIAnswer {
    private struct State {
        var pieces: [Bytes] = []
        var failure: APIFailure?
        var isEnded = false
        var reader: CheckedContinuation<Void, Never>?
    }

    let status: Int
    private let state = Mutex(State())
    private let closed = Mutex(false)

    init(_ status: Int = 200) {
        self.status = status
    }

    /// A whole answer.
    convenience init(_ status: Int, _ body: Bytes) {
        self.init(status)
        put(body)
        end()
    }

    /// Whether the reader has hung up.
    var isClosed: Bool { closed.withLock { $0 } }

    func put(_ piece: Bytes) { change { $0.pieces.append(piece) } }

    func end(_ failure: APIFailure? = nil) {
        change { state in
            state.isEnded = true
            state.failure = failure
        }
    }

    func next() async throws(APIFailure) -> Bytes? {
        while true {
            if let found = try take() { return found.isEmpty ? nil : found }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if !state.pieces.isEmpty || state.isEnded { return true }
                        state.reader = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                end(.serviceUnavailable("cancelled"))
            }
        }
    }

    func close() {
        closed.withLock { $0 = true }
        end()
    }

    /// The next piece; an empty one stands for the end, nil for nothing yet.
    private func take() throws(APIFailure) -> Bytes? {
        let (piece, failure, isEnded) = state.withLock { state in
            (state.pieces.isEmpty ? nil : state.pieces.removeFirst(), state.failure, state.isEnded)
        }
        if let piece { return piece }
        if let failure { throw failure }
        return isEnded ? [] : nil
    }

    private func change(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            if !state.isEnded { change(&state) }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
