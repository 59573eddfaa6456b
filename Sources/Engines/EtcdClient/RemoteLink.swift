internal import NIOCore
internal import Primitives
internal import Transport
internal import Wire

/// The one connection to a store with several members: made when it is needed, to the first
/// member that answers, and to the next one when that fails. Belongs to the event loop.
///
/// SAFETY: `@unchecked Sendable` because everything but the `async` functions runs on the one
/// event loop that is given to it.
final class RemoteLink: @unchecked Sendable {
    typealias Connected = Result<GRPCClientConnection, GRPCEnding>

    let loop: any EventLoop
    /// Where calls from other threads come in.
    let gate: LoopGate
    let settings: RemoteSettings
    private var position = 0
    private var connection: GRPCClientConnection?
    private var waiting: [(Connected) -> Void] = []
    private(set) var isClosed = false
    /// Who wants to know that the client was closed.
    var dependents: [ObjectIdentifier: WatchSession] = [:]

    init(_ settings: RemoteSettings, loop: any EventLoop) {
        invariant(!settings.endpoints.isEmpty, "a store without endpoints")
        self.settings = settings
        self.loop = loop
        gate = LoopGate(loop)
        gate.open()
    }

    /// What is sent with every call.
    var metadata: [(name: String, value: String)] {
        settings.requiresLeader ? [("hasleader", "true")] : []
    }

    /// Hands out the connection, or why no member can be reached.
    func connect(_ done: @escaping (Connected) -> Void) {
        if isClosed {
            done(.failure(Self.closed))
        } else if let connection, connection.isUsable {
            done(.success(connection))
        } else {
            waiting.append(done)
            if waiting.count == 1 { dial(attempt: 0) }
        }
    }

    /// The member behind the connection is of no use now: new calls go to the next one.
    func leave(_ connection: GRPCClientConnection) {
        if settings.endpoints.count > 1 { connection.retire() }
    }

    /// Ends everything; `done` is called when the loop may go.
    func close(_ done: @escaping @Sendable () -> Void) {
        isClosed = true
        connection?.close()
        for session in dependents.values { session.clientClosed() }
        // A name that is looked up comes back to the loop.
        if waiting.isEmpty { done() } else { waiting.append { _ in done() } }
    }

    private func dial(attempt: Int) {
        let endpoints = settings.endpoints
        let place = (position + attempt) % endpoints.count
        let endpoint = endpoints[place]
        GRPCConnector.connect(
            host: endpoint.host, port: endpoint.port, tls: settings.tls(for: endpoint),
            timeout: settings.dialTimeout, loop: loop
        ) { [self] result in
            switch result {
            case .success(let connection):
                position = place
                adopt(connection)
                answer(.success(connection))
            case .failure where attempt + 1 < endpoints.count && !isClosed:
                dial(attempt: attempt + 1)
            case .failure(let failure):
                answer(.failure(Self.unreached("\(endpoint): \(failure.problem)")))
            }
        }
    }

    private func adopt(_ connection: GRPCClientConnection) {
        guard !isClosed else {
            connection.close()
            return
        }
        self.connection = connection
        connection.retired = { [weak self, weak connection] in
            guard let self, self.connection === connection else { return }
            self.connection = nil
            self.position = (self.position + 1) % self.settings.endpoints.count
        }
    }

    private func answer(_ result: Connected) {
        let waiting = waiting
        self.waiting = []
        for done in waiting { done(result) }
    }

    /// Nothing was done since the client is closed.
    static var closed: GRPCEnding { unreached("the client is closed") }

    private static func unreached(_ problem: String) -> GRPCEnding {
        GRPCEnding(GRPCStatus(.unavailable, problem), mayHaveRun: false)
    }
}

/// Calls with one request and one answer.
extension RemoteLink {
    typealias Answer = Result<ProtobufReader, GRPCEnding>

    /// Makes one attempt; `done` is called once.
    func attempt(
        _ method: String, _ message: ProtobufWriter, timeout: TimeAmount,
        _ done: @escaping (Answer) -> Void
    ) {
        connect { [self] connected in
            switch connected {
            case .failure(let ending): done(.failure(ending))
            case .success(let connection):
                let receiver = OneAnswer { [self] answer in
                    if case .failure(let ending) = answer, ending.status.code == .unavailable {
                        leave(connection)
                    }
                    done(answer)
                }
                let call = connection.start(
                    method, metadata: metadata, timeout: timeout, receiver)
                call.send(message)
                call.endRequests()
            }
        }
    }

    /// Calls, and calls again as long as there is time, where that is safe: if the store has
    /// certainly not acted on the call, or acting twice does no harm.
    func call(
        _ method: String, _ message: ProtobufWriter, isRepeatable: Bool
    ) async throws(GRPCEnding) -> ProtobufReader {
        let deadline = NIODeadline.now() + settings.callTimeout
        var pause = TimeAmount.milliseconds(20)
        while true {
            let timeout = max(.milliseconds(1), deadline - NIODeadline.now())
            let answer: Answer = await withCheckedContinuation { continuation in
                let isIn = gate.enter {
                    self.attempt(method, message, timeout: timeout) {
                        continuation.resume(returning: $0)
                    }
                }
                if !isIn { continuation.resume(returning: .failure(Self.closed)) }
            }
            switch answer {
            case .success(let reader): return reader
            case .failure(let ending):
                guard ending.status.code == .unavailable, isRepeatable || !ending.hasRun,
                    NIODeadline.now() + pause < deadline, !Task.isCancelled, ending != Self.closed
                else { throw ending }
            }
            // A cancelled task gets the answer of its last attempt, at once.
            try? await Task.sleep(for: .nanoseconds(pause.nanoseconds))
            pause = min(.seconds(1), .nanoseconds(2 * pause.nanoseconds))
        }
    }
}

extension GRPCEnding {
    /// Whether the store may have acted on the call. A member without a leader says so before it
    /// does anything.
    var hasRun: Bool { mayHaveRun && status.message != "etcdserver: no leader" }
}

/// Waits for the one answer of a call.
private final class OneAnswer: GRPCAnswerReceiver {
    private let done: (RemoteLink.Answer) -> Void
    private var message: ProtobufReader?

    init(_ done: @escaping (RemoteLink.Answer) -> Void) {
        self.done = done
    }

    func received(_ message: ProtobufReader) {
        self.message = message
    }

    func ended(_ ending: GRPCEnding) {
        if ending.status.code != .ok {
            done(.failure(ending))
        } else if let message {
            done(.success(message))
        } else {
            done(.failure(GRPCEnding(GRPCStatus(.internal, "no answer"), mayHaveRun: true)))
        }
    }
}
