internal import Environment
internal import MVCC
internal import Primitives
internal import Raft

extension SnapshotDescription {
    /// The header of an image file: version, index, term, membership.
    func encoded() -> Bytes {
        var writer = ByteWriter(capacity: 64)
        writer.write(UInt8(1))
        writer.write(lastIncluded.index.rawValue)
        writer.write(lastIncluded.term.rawValue)
        writer.writeCounted(membership.encoded())
        return writer.bytes
    }

    /// Reads what `encoded` wrote.
    init(decoding bytes: Bytes) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw .invalid(field: "image header version", offset: 0)
        }
        let index = LogIndex(try reader.read())
        let term = Term(try reader.read())
        let membership = try Membership(decoding: try reader.readCounted())
        try reader.finish()
        self.init(lastIncluded: EntryID(index: index, term: term), membership: membership)
    }

    /// What a view of the backend includes; nil for an empty one.
    init?(of view: any BackendView) throws {
        guard let position = try StateMachine.position(in: view) else { return nil }
        self.init(
            lastIncluded: EntryID(index: position.index, term: position.term),
            membership: try Membership(decoding: position.membershipRecord))
    }
}
