internal import EtcdAPI
internal import NIOCore
internal import NIOPosix
package import Primitives
package import StoreModel
internal import Transport
internal import Wire

/// A store that is reached over the network: members of keelson's own store, or of an etcd.
///
/// Calls go to one member at a time, and to the next one when that fails. What failed is tried
/// again while there is time if it only reads, or if the store has certainly not acted on it.
package final class RemoteClient: KeyValueClient {
    let link: RemoteLink
    private let renewals: LeaseRenewals
    private let group: MultiThreadedEventLoopGroup

    /// Prepares a client; connections are made when they are needed.
    package init(_ settings: RemoteSettings) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        link = RemoteLink(settings, loop: group.next())
        renewals = LeaseRenewals(link)
    }

    /// Hangs up. Calls under way fail; the client cannot be used again.
    package func close() async {
        await withCheckedContinuation { continuation in
            let isIn = link.gate.enter { [link] in link.close { continuation.resume() } }
            if !isIn { continuation.resume() }
        }
        link.gate.close()
        do {
            try await group.shutdownGracefully()
        } catch {
            invariantBroken("an event loop was shut down twice: \(error)")
        }
    }

    /// Reads keys.
    package func range(
        _ request: RangeRequest, isSerializable: Bool
    ) async throws(KeyValueFailure) -> Revised<RangeResponse> {
        // etcd takes an empty key for a mistake, but some of its proxies do not.
        guard !request.range.key.isEmpty else { throw .store(.emptyKey) }
        var writer = GRPCCall.messageWriter()
        request.encode(isSerializable: isSerializable, into: &writer)
        return try await ask("KV/Range", writer, .read) { try RangeResponse(decoding: $0) }
    }

    /// Runs a transaction.
    package func transaction(
        _ request: TransactionRequest
    ) async throws(KeyValueFailure) -> Revised<TransactionResponse> {
        var writer = GRPCCall.messageWriter(capacity: 256)
        request.encode(into: &writer)
        let effect: Effect = request.isReadOnly ? .read : .change
        return try await ask("KV/Txn", writer, effect) { try TransactionResponse(decoding: $0) }
    }

    /// Opens a watch.
    package func watch(_ request: WatchRequest) -> any KeyValueWatch {
        RemoteWatch(link, request)
    }

    /// Forgets history.
    package func compact(_ revision: Revision) async throws(KeyValueFailure) {
        var writer = GRPCCall.messageWriter()
        WireCompactionRequest(revision: revision).encode(into: &writer)
        _ = try await ask("KV/Compact", writer, .change) { _ in }
    }

    /// Grants a lease.
    package func grantLease(ttlSeconds: Int64) async throws(KeyValueFailure) -> LeaseID {
        var writer = GRPCCall.messageWriter()
        WireLeaseGrant(ttlSeconds: ttlSeconds).encodeRequest(into: &writer)
        let answer = try await ask("Lease/LeaseGrant", writer, .change) {
            try WireLeaseGrant(answer: $0).id
        }
        return answer.answer
    }

    /// Renews a lease.
    package func keepAlive(_ lease: LeaseID) async throws(KeyValueFailure) -> Int64 {
        do {
            return try await renewals.renew(lease)
        } catch {
            throw KeyValueFailure(error, mayHaveChanged: false)
        }
    }

    /// Ends a lease.
    package func revokeLease(_ lease: LeaseID) async throws(KeyValueFailure) {
        var writer = GRPCCall.messageWriter()
        WireLeaseQuestion(lease).encode(into: &writer)
        _ = try await ask("Lease/LeaseRevoke", writer, .change) { _ in }
    }

    private enum Effect {
        case read
        case change
    }

    private func ask<Answer: Sendable>(
        _ method: String, _ writer: ProtobufWriter, _ effect: Effect,
        _ decode: (ProtobufReader) throws -> Answer
    ) async throws(KeyValueFailure) -> Revised<Answer> {
        let message: ProtobufReader
        do {
            message = try await link.call(
                "/etcdserverpb.\(method)", writer, isRepeatable: effect == .read)
        } catch {
            throw KeyValueFailure(error, mayHaveChanged: effect == .change)
        }
        do {
            let header = try WireHeader.ofAnswer(message)
            return Revised(try decode(message), at: Revision(header.revision))
        } catch {
            let problem = "an answer that cannot be read: \(error)"
            throw effect == .change ? .unknownOutcome(problem) : .unavailable(problem)
        }
    }
}
