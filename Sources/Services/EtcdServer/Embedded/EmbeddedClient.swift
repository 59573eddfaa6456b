internal import EtcdAPI
package import Primitives
internal import ReplicatedStore
package import StoreModel

/// The store of this process, for its other services: one hop to the store's event loop for each
/// call, and one back.
///
/// A call is not cut short when its task is cancelled: the store answers within its own time-out.
package struct EmbeddedClient: KeyValueClient {
    let node: StoreNode

    /// Reads keys.
    package func range(
        _ request: RangeRequest, isSerializable: Bool
    ) async throws(KeyValueFailure) -> Revised<RangeResponse> {
        guard !request.range.key.isEmpty else { throw .store(.emptyKey) }
        let answer = try await ask(.range(request, isSerializable: isSerializable))
        guard case .range(let response) = answer.body else { Self.mismatch() }
        return Revised(response, at: answer.header.revision)
    }

    /// Runs a transaction.
    package func transaction(
        _ request: TransactionRequest
    ) async throws(KeyValueFailure) -> Revised<TransactionResponse> {
        let answer = try await ask(
            request.isReadOnly
                ? .readTransaction(request, isSerializable: false)
                : .command(.transaction(request)))
        switch answer.body {
        case .transaction(let response), .command(.transaction(let response)):
            return Revised(response, at: answer.header.revision)
        default: Self.mismatch()
        }
    }

    /// Opens a watch.
    package func watch(_ request: WatchRequest) -> any KeyValueWatch {
        EmbeddedWatch(node, request)
    }

    /// Forgets history.
    package func compact(_ revision: Revision) async throws(KeyValueFailure) {
        _ = try await ask(.command(.compact(revision)))
    }

    /// Grants a lease.
    package func grantLease(ttlSeconds: Int64) async throws(KeyValueFailure) -> LeaseID {
        let wish = WireLeaseGrant(ttlSeconds: ttlSeconds)
        let answer = try await ask(.command(node.grantCommand(wish)))
        guard case .command(.leaseGrant(let lease, _)) = answer.body else { Self.mismatch() }
        return lease
    }

    /// Renews a lease.
    package func keepAlive(_ lease: LeaseID) async throws(KeyValueFailure) -> Int64 {
        let answer = try await ask(.leaseKeepAlive(lease))
        guard case .leaseKeepAlive(_, let seconds) = answer.body else { Self.mismatch() }
        return seconds
    }

    /// Ends a lease.
    package func revokeLease(_ lease: LeaseID) async throws(KeyValueFailure) {
        _ = try await ask(.command(.leaseRevoke(lease)))
    }

    private static func mismatch() -> Never {
        invariantBroken("an answer to another kind of request")
    }

    private func ask(_ request: ClientRequest) async throws(KeyValueFailure) -> ClientResponse {
        let result: Result<ClientResponse, KeyValueFailure> = await withCheckedContinuation {
            continuation in
            let isIn = node.gate.enter {
                node.serve(request) { continuation.resume(returning: $0) }
            }
            if !isIn { continuation.resume(returning: .failure(.stopped)) }
        }
        return try result.get()
    }
}
