internal import Crypto
package import Primitives

/// Identifiers of members and clusters, computed as etcd does, so that members that were given
/// the same flags agree without talking and tools show the numbers that people know.
package enum ClusterIdentity {
    /// A member's identifier: SHA-1 over its sorted peer URLs, the cluster's token and, for a
    /// member added later, the time in whole seconds (so that one that comes back is another).
    package static func memberID(
        peerURLs: [String], token: String, addedAtSeconds: Int64? = nil
    ) -> PeerID {
        var bytes = Bytes(peerURLs.sorted().joined().utf8)
        bytes += Bytes(token.utf8)
        if let addedAtSeconds { bytes += Bytes(String(addedAtSeconds).utf8) }
        return PeerID(firstWord(bytes))
    }

    /// A cluster's identifier: SHA-1 over the sorted identifiers of its first members.
    package static func clusterID(of members: [PeerID]) -> UInt64 {
        var writer = ByteWriter(capacity: 8 * members.count)
        for member in members.sorted() { writer.writeBigEndian(member.rawValue) }
        return firstWord(writer.bytes)
    }

    private static func firstWord(_ bytes: Bytes) -> UInt64 {
        Insecure.SHA1.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
