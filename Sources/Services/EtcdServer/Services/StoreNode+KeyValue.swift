internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's KV service.
extension StoreNode {
    func registerKeyValue() {
        let service = "etcdserverpb.KV"
        register(service, "Range", servesLearner: true) { try $0.range($1, $2) }
        register(service, "Put") { try $0.put($1, $2) }
        register(service, "DeleteRange") { try $0.deleteRange($1, $2) }
        register(service, "Txn") { try $0.transaction($1, $2) }
        register(service, "Compact") { try $0.compact($1, $2) }
    }

    private func range(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let (request, isSerializable) = try RangeRequest.decode(message)
        guard !request.range.key.isEmpty else { throw StoreError.emptyKey }
        guard isSerializable || !isLearner else { throw EtcdError.notSupportedForLearner }
        metrics.ranges += 1
        relay(call, .range(request, isSerializable: isSerializable)) { answer, writer in
            if case .range(let response) = answer.body { response.encode(into: &writer) }
        }
    }

    /// A write goes into the log, whose entries are bounded.
    private func checkSize(_ message: ProtobufReader) throws {
        guard message.remaining <= settings.requestBytesMax else { throw RequestError.tooLarge }
    }

    private func put(_ call: GRPCCall, _ message: ProtobufReader) throws {
        metrics.puts += 1
        try checkSize(message)
        relay(call, .command(.put(try PutRequest.decode(message)))) { answer, writer in
            if case .command(.put(let previous)) = answer.body {
                WirePutResponse.encode(previous, into: &writer)
            }
        }
    }

    private func deleteRange(_ call: GRPCCall, _ message: ProtobufReader) throws {
        metrics.deletes += 1
        try checkSize(message)
        let request = try DeleteRangeRequest.decode(message)
        relay(call, .command(.deleteRange(request))) { answer, writer in
            if case .command(.deleteRange(let response)) = answer.body {
                response.encode(into: &writer)
            }
        }
    }

    private func transaction(_ call: GRPCCall, _ message: ProtobufReader) throws {
        metrics.transactions += 1
        try checkSize(message)
        let request = try TransactionRequest.decode(message)
        guard !request.isReadOnly else {
            // A read is answered without a trace in the log; what it asks for is checked alike.
            if let objection = member.objection(to: .transaction(request)) { throw objection }
            let isSerializable = try TransactionRequest.isSerializable(message)
            relay(
                call, .readTransaction(request, isSerializable: isSerializable),
                encodeTransaction)
            return
        }
        relay(call, .command(.transaction(request)), encodeTransaction)
    }

    private var encodeTransaction: Encoder {
        { answer, writer in
            switch answer.body {
            case .transaction(let response), .command(.transaction(let response)):
                response.encode(into: &writer, revision: answer.header.revision.rawValue)
            default: break
            }
        }
    }

    private func compact(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireCompactionRequest(decoding: message)
        guard request.isPhysical else {
            relay(call, .command(.compact(request.revision))) { _, _ in }
            return
        }
        let id = member.submit(.command(.compact(request.revision))) { [unowned self] result in
            call.ticket = 0
            switch result {
            case .failure(let error): call.finish(error.status)
            case .success(let response):
                // The space is free once the sweep is through and its deletions are durable.
                let index = self.member.appliedIndex
                self.member.receive(.commitSoon)
                self.wait { [unowned self] in
                    if call.isOver { return true }
                    if self.member.isCompacting || self.member.durableIndex < index {
                        return false
                    }
                    self.answer(call, response) { _, _ in }
                    return true
                }
            }
        }
        call.ticket = id.rawValue
    }
}
