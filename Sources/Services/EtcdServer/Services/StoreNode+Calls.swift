internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// What all services share: admission, decoding, asking the member, answering.
extension StoreNode {
    /// Writes the part of an answer behind the header.
    typealias Encoder = (ClientResponse, inout ProtobufWriter) -> Void

    /// Adds all methods to the router.
    func registerServices() {
        registerKeyValue()
        registerWatch()
        registerLease()
        registerCluster()
        registerMaintenance()
        registerAuthentication()
        registerLock()
        registerElection()
        registerHealth()
    }

    /// Adds a method with one request and one answer.
    func register(
        _ service: String, _ name: String, servesLearner: Bool = false,
        _ handle: @escaping (StoreNode, GRPCCall, ProtobufReader) throws -> Void
    ) {
        router.register(
            service, name,
            .unary { [unowned self] call, message in
                if let refusal = self.objection(to: call, servesLearner: servesLearner) {
                    call.finish(refusal)
                    return
                }
                do {
                    try handle(self, call, message)
                } catch {
                    call.finish(Self.status(of: error))
                }
            })
    }

    /// Adds a method with a stream of answers, and perhaps of requests.
    func registerStream(
        _ service: String, _ name: String, servesLearner: Bool = false,
        _ open: @escaping (StoreNode, GRPCCall) -> StreamHandler
    ) {
        router.register(
            service, name,
            .streaming { [unowned self] call in
                if let refusal = self.objection(to: call, servesLearner: servesLearner) {
                    call.finish(refusal)
                    return NoMessages()
                }
                return open(self, call)
            })
    }

    /// Why a call is not served now, whatever it asks for.
    private func objection(to call: GRPCCall, servesLearner: Bool) -> GRPCStatus? {
        if isStopping || hasEnded { return EtcdError.stopped }
        if !servesLearner, isLearner { return EtcdError.notSupportedForLearner }
        if member.leader == .zero, call.metadata("hasleader") == "true" {
            return EtcdError.noLeader
        }
        return nil
    }

    /// What a client is told of an error that a decoder has thrown.
    static func status(of error: any Error) -> GRPCStatus {
        switch error {
        case let status as GRPCStatus: status
        case let error as ProtobufError: EtcdError.malformed(error)
        case let error as StoreError: error.status
        case let error as RequestError: error.status
        default: GRPCStatus(.internal, "\(error)")
        }
    }

    /// Asks the member for the client, answers it, and forgets the request when the client does.
    func relay(
        _ call: GRPCCall, _ request: ClientRequest, _ encode: @escaping Encoder
    ) {
        let id = member.submit(request) { [unowned self] result in
            call.ticket = 0
            switch result {
            case .failure(let error): call.finish(self.status(of: error))
            case .success(let response): self.answer(call, response, encode)
            }
        }
        call.ticket = id.rawValue
    }

    /// Answers with the response's header and what `encode` writes.
    func answer(_ call: GRPCCall, _ response: ClientResponse, _ encode: Encoder) {
        guard !call.isOver else { return }
        var capacity = 64
        if case .range(let range) = response.body { capacity = range.estimatedBytes }
        var writer = GRPCCall.messageWriter(capacity: capacity)
        WireHeader(response.header).encode(into: &writer)
        encode(response, &writer)
        call.answer(writer)
    }

    /// Answers with a header made now and what `encode` writes.
    func answerNow(_ call: GRPCCall, _ encode: (inout ProtobufWriter) -> Void = { _ in }) {
        var writer = GRPCCall.messageWriter()
        header.encode(into: &writer)
        encode(&writer)
        call.answer(writer)
    }
}

/// Takes the messages of a stream that was refused.
private final class NoMessages: GRPCMessageReceiver {
    func received(_ message: ProtobufReader) {}
    func requestsEnded() {}
    func cancelled() {}
    func becameWritable() {}
}
