internal import Primitives
internal import Raft

extension Membership {
    /// The membership as the backend keeps it (docs/formats/backend.md): a version byte and the
    /// four lists, each with a 32-bit count.
    func encoded() -> Bytes {
        var writer = ByteWriter(capacity: 17 + 8 * everyone.count)
        writer.write(UInt8(1))
        for list in [voters, outgoingVoters, learners, nextLearners] {
            writer.write(UInt32(list.count))
            for peer in list {
                writer.write(peer.rawValue)
            }
        }
        return writer.bytes
    }

    /// Reads what `encoded` wrote.
    init(decoding bytes: Bytes) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw .invalid(field: "membership version", offset: 0)
        }
        var lists: [[PeerID]] = []
        for _ in 0..<4 {
            let count = try reader.readCount(minimumSize: 8)
            var list: [PeerID] = []
            for _ in 0..<count {
                list.append(PeerID(try reader.read()))
            }
            lists.append(list)
        }
        try reader.finish()
        self.init(
            voters: lists[0], outgoingVoters: lists[1], learners: lists[2], nextLearners: lists[3])
    }
}
