import EtcdAPI
import Primitives
import StoreModel
import Wire

/// Calls of the store's API.
extension GRPCConnection {
    /// Puts a key; answers the revision and the version before, if asked for.
    func put(
        _ request: PutRequest, within duration: Duration
    ) throws(CallFailure) -> (Revision, KeyValue?) {
        let answer = try call("etcdserverpb.KV/Put", within: duration) { request.encode(into: &$0) }
        return try Self.decoded {
            let header = try WireHeader.ofAnswer(answer)
            return (Revision(header.revision), try WirePutResponse.previous(answer))
        }
    }

    /// Reads keys, linearizably.
    func range(
        _ request: RangeRequest, within duration: Duration
    ) throws(CallFailure) -> (Revision, RangeResponse) {
        let answer = try call("etcdserverpb.KV/Range", within: duration) {
            request.encode(isSerializable: false, into: &$0)
        }
        return try Self.decoded {
            let header = try WireHeader.ofAnswer(answer)
            return (Revision(header.revision), try RangeResponse(decoding: answer))
        }
    }

    /// What a member says of itself.
    func status() throws(CallFailure) -> (header: WireHeader, status: WireStatus) {
        let answer = try call("etcdserverpb.Maintenance/Status", within: .seconds(1)) { _ in }
        return try Self.decoded {
            (try WireHeader.ofAnswer(answer), try WireStatus(decoding: answer))
        }
    }

    /// The hash of everything that is kept at a revision.
    func hash(at revision: Revision) throws(CallFailure) -> WireHash {
        let answer = try call("etcdserverpb.Maintenance/HashKV") { $0.write(1, revision.rawValue) }
        return try Self.decoded { try WireHash(decoding: answer) }
    }

    /// Opens a watch on a stream of its own.
    func watch(_ request: WatchRequest) throws(CallFailure) {
        try begin("etcdserverpb.Watch/Watch")
        send { WireWatchRequest.create(request).encode(into: &$0) }
    }

    /// What the watch is told next; nil if the stream is over.
    func nextDelivery(_ deadline: Deadline) throws(CallFailure) -> WatchDelivery? {
        guard let message = try next(deadline) else { return nil }
        return try Self.decoded {
            try WatchDelivery(decoding: message, stream: WatchStreamID(0))
        }
    }

    private static func decoded<T>(_ body: () throws -> T) throws(CallFailure) -> T {
        do {
            return try body()
        } catch {
            throw .broken("what cannot be decoded: \(error)")
        }
    }
}
