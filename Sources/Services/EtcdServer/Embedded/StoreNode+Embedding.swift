internal import Dispatch
internal import Primitives
internal import ReplicatedStore
internal import StoreModel

// A store inside the process of its users:
//
//     let node = StoreNode(
//         settings: .embedded(dataDirectory: path), disk: PosixDisk(), log: log, onEnd: …)
//     try await node.start()
//     let store = node.client
//     …
//     await node.stop()

extension StoreNode {
    /// The store as the other services of this process see it. Calls fail with `.unavailable`
    /// before `start` and after `stop`.
    package var client: EmbeddedClient { EmbeddedClient(node: self) }

    /// `start`, on a thread of its own: it blocks until the folder is open and the ports are bound.
    /// - Throws: what the operator has to change; nothing runs then.
    package func start() async throws {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue(label: "keelson.start").async {
                continuation.resume(returning: Result { try self.start() })
            }
        }
        try result.get()
    }

    /// `stop`, on a thread of its own.
    package func stop() async {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "keelson.stop").async {
                self.stop()
                continuation.resume()
            }
        }
    }
}

extension StoreSettings {
    /// One member that serves its own process alone: it listens nowhere.
    /// - Parameter segmentBytes: bytes of a file of its log.
    package static func embedded(
        dataDirectory: String, segmentBytes: Int = 64 << 20
    ) -> StoreSettings {
        var settings = StoreSettings()
        settings.segmentBytes = segmentBytes
        settings.dataDirectory = dataDirectory
        settings.listenClientURLs = []
        settings.listenPeerURLs = []
        return settings
    }
}

/// Calls of this process, on the loop.
extension StoreNode {
    /// Serves one call; `done` is called once.
    func serve(
        _ request: ClientRequest,
        _ done: @escaping (Result<ClientResponse, KeyValueFailure>) -> Void
    ) {
        if let objection = objection(to: request) {
            done(.failure(objection))
            return
        }
        switch request {
        case .range: metrics.ranges += 1
        case .readTransaction, .command(.transaction): metrics.transactions += 1
        default: break
        }
        ask(request) { result in
            done(result.mapError { KeyValueFailure($0, mayHaveChanged: request.isChange) })
        }
    }

    /// Why a call is not served now.
    private func objection(to request: ClientRequest) -> KeyValueFailure? {
        if isStopping || hasEnded { return .stopped }
        switch request {
        case .range(_, isSerializable: true): return nil
        // A read is answered without a trace in the log; what it asks for is checked alike.
        case .readTransaction(let transaction, _):
            if let error = member.objection(to: .transaction(transaction)) { return .store(error) }
        default: break
        }
        return isLearner ? .unavailable(EtcdError.notSupportedForLearner.message) : nil
    }
}

extension ClientRequest {
    /// Whether it changes the store.
    fileprivate var isChange: Bool {
        if case .command = self { true } else { false }
    }
}

extension KeyValueFailure {
    /// The member of this process has stopped, or has not started.
    static var stopped: KeyValueFailure { .unavailable(EtcdError.stopped.message) }

    /// What a refusal means for a caller that `mayHaveChanged` something.
    init(_ error: RequestError, mayHaveChanged: Bool) {
        let text = error.status.message
        switch error {
        case .store(let error): self = .store(error)
        // A member that stops does not know what becomes of what it has proposed.
        case .timedOut, .leaderChanged, .stopped:
            self = mayHaveChanged ? .unknownOutcome(text) : .unavailable(text)
        case .noLeader, .tooManyRequests, .learner: self = .unavailable(text)
        case .tooLarge, .membership, .memberExists, .memberNotFound, .badTransferee:
            self = .refused(text)
        }
    }
}
