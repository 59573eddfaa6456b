import EtcdServer
import Primitives
import StoreModel
import Testing

/// Who members and clusters are.
@Suite struct `Identities` {
    /// The numbers that every default etcd prints.
    @Test func `the default member and cluster have etcd's identifiers`() {
        let host = "localhost"
        let member = ClusterIdentity.memberID(
            peerURLs: ["http://\(host):2380"], token: "etcd-cluster")
        #expect(MemberRecord.hex(member.rawValue) == "8e9e05c52164694d")
        let cluster = ClusterIdentity.clusterID(of: [member])
        #expect(MemberRecord.hex(cluster) == "cdf818194e3a8c32")
    }

    // RELIABILITY B25: a member added again is another member, since its vote may be forgotten.
    @Test func `a member added again is another`() {
        let urls = ["http://a:1"]
        let first = ClusterIdentity.memberID(peerURLs: urls, token: "", addedAtSeconds: 1)
        let second = ClusterIdentity.memberID(peerURLs: urls, token: "", addedAtSeconds: 2)
        #expect(first != second)
        #expect(first != ClusterIdentity.memberID(peerURLs: urls, token: ""))
    }

    @Test func `the order of addresses and members does not matter`() {
        let urls = ["http://b:1", "http://a:1"]
        #expect(
            ClusterIdentity.memberID(peerURLs: urls, token: "t")
                == ClusterIdentity.memberID(peerURLs: urls.reversed(), token: "t"))
        #expect(
            ClusterIdentity.clusterID(of: [PeerID(1), PeerID(2)])
                == ClusterIdentity.clusterID(of: [PeerID(2), PeerID(1)]))
    }

    private static let record = MemberRecord(
        clusterID: .max, memberID: PeerID(7), name: "a name\nwith 100%", token: "",
        hasJoined: true,
        members: [
            (PeerID(7), MemberAttributes(name: "a", peerURLs: ["http://a:1", "http://b:2"])),
            (PeerID(8), MemberAttributes()),
        ])

    @Test func `an identity file is read back`() throws {
        #expect(try MemberRecord(decoding: Self.record.encoded) == Self.record)
    }

    @Test func `every truncation of an identity file is refused`() {
        let text = Array(Self.record.encoded.utf8)
        for count in 0..<text.count {
            #expect(throws: FolderError.self) {
                try MemberRecord(decoding: String(decoding: text.prefix(count), as: UTF8.self))
            }
        }
    }

    @Test func `every flipped bit of an identity file is refused`() {
        let text = Array(Self.record.encoded.utf8)
        for position in 0..<text.count * 8 {
            var damaged = text
            damaged[position / 8] ^= 1 << UInt8(position % 8)
            guard let string = String(validating: damaged, as: UTF8.self) else { continue }
            // Upper and lower case digits mean the same number.
            guard string.lowercased() != Self.record.encoded.lowercased() else { continue }
            #expect(throws: FolderError.self) { try MemberRecord(decoding: string) }
        }
    }

    @Test func `a later layout is refused by its number`() {
        let later = "keelson store member\nlayout 2\nanything\n"
        #expect(throws: FolderError.newer(2)) { try MemberRecord(decoding: later) }
    }
}
