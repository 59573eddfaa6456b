internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's lock service.
extension StoreNode {
    func registerLock() {
        let service = "v3lockpb.Lock"
        register(service, "Lock") { try $0.lock($1, $2) }
        register(service, "Unlock") { node, call, message in
            let key = try WireSingleBytes.decode(message)
            let request = DeleteRangeRequest(KeyRange(key: key))
            node.relay(call, .command(.deleteRange(request))) { _, _ in }
        }
    }

    private func lock(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireLockRequest(decoding: message)
        stand(in: call, name: request.name, lease: request.lease, value: []) { line, writer in
            writer.write(2, line.key)
        }
    }

    /// Lets a call wait in line and answers it when it is its turn.
    func stand(
        in call: GRPCCall, name: Bytes, lease: LeaseID, value: Bytes,
        _ encode: @escaping (WaitingLine, inout ProtobufWriter) -> Void
    ) {
        var line: WaitingLine?
        let place = WaitingLine(self, name: name, lease: lease, value: value) { result in
            switch result {
            case .failure(let status): call.finish(status)
            case .success(let header):
                guard let line else { return }
                var writer = GRPCCall.messageWriter()
                WireHeader(header).encode(into: &writer)
                encode(line, &writer)
                call.answer(writer)
            }
            line = nil
        }
        line = place
        call.onCancel = { [weak place] in place?.giveUp() }
        place.start()
    }
}
