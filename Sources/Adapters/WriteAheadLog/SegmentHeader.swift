internal import Primitives
internal import Raft

/// The first sector of a segment: whose it is, and what all segments before it amount to.
struct SegmentHeader: Equatable {
    var sequence: UInt32
    /// Nothing before this segment counts: the log is new, or was reset.
    var startsLog: Bool
    /// Of the whole file.
    var sizeBytes: Int
    /// The log as of the segment's beginning.
    var position: LogPosition
    /// Where the segment before ends; what it holds beyond was never synced and does not count.
    var previousEnd: Int
    /// The chain at that end.
    var previousChain: UInt32

    static let magic = Bytes("keel-wal".utf8)
    static let version: UInt32 = 1
    /// Offsets of what a refusal points at.
    static let magicOffset = 4
    static let versionOffset = 12
    static let clusterOffset = 16
    static let sequenceOffset = 32
    static let previousEndOffset = 88

    var name: SegmentName {
        SegmentName(sequence: sequence, firstIndex: position.lastEntry.index.next)
    }

    /// The sector's bytes.
    func encoded(_ options: LogOptions) -> Bytes {
        var writer = ByteWriter(capacity: Sector.sizeBytes)
        writer.write(UInt32(0))
        writer.bytes.append(contentsOf: Self.magic)
        writer.write(Self.version)
        writer.write(options.clusterID)
        writer.write(options.memberID)
        writer.write(sequence)
        writer.write(UInt32(startsLog ? 1 : 0))
        writer.write(UInt64(sizeBytes))
        writer.write(position.lastEntry.index.rawValue)
        writer.write(position.lastEntry.term.rawValue)
        writer.write(position.hardState.term.rawValue)
        writer.write(position.hardState.votedFor.rawValue)
        writer.write(position.hardState.commitIndex.rawValue)
        writer.write(UInt64(previousEnd))
        writer.write(previousChain)
        var bytes = writer.bytes
        bytes.append(contentsOf: repeatElement(0, count: Sector.sizeBytes - bytes.count))
        bytes.setWord(Self.checksum(of: bytes), at: 0)
        return bytes
    }

    /// Reads a file's first sector.
    /// - Throws: refusals that name `path` and the offset.
    init(decoding bytes: Bytes, path: String, _ options: LogOptions) throws(WALError) {
        guard bytes.count >= Sector.sizeBytes else {
            throw .damaged(path: path, offset: bytes.count, .truncated)
        }
        guard Bytes(bytes[Self.magicOffset..<Self.versionOffset]) == Self.magic else {
            throw .damaged(path: path, offset: Self.magicOffset, .magic)
        }
        guard bytes.word(at: 0) == Self.checksum(of: bytes) else {
            throw .damaged(path: path, offset: 0, .checksum)
        }
        let version = bytes.word(at: Self.versionOffset)
        guard version == Self.version else {
            throw .unsupportedVersion(path: path, offset: Self.versionOffset, version: version)
        }
        do {
            self = try Self.fields(bytes, path, options)
        } catch let error as WALError {
            throw error
        } catch {
            throw .damaged(path: path, offset: 0, .header)
        }
        let hasOneSector = sizeBytes >= 3 * Sector.sizeBytes
        guard hasOneSector, sizeBytes % Sector.sizeBytes == 0, sequence >= 1,
            sequence <= Sector.sequenceMax
        else { throw .damaged(path: path, offset: Self.sequenceOffset, .header) }
    }

    init(
        sequence: UInt32, startsLog: Bool, sizeBytes: Int, position: LogPosition,
        previousEnd: Int, previousChain: UInt32
    ) {
        self.sequence = sequence
        self.startsLog = startsLog
        self.sizeBytes = sizeBytes
        self.position = position
        self.previousEnd = previousEnd
        self.previousChain = previousChain
    }

    private static func fields(
        _ bytes: Bytes, _ path: String, _ options: LogOptions
    ) throws -> SegmentHeader {
        var reader = ByteReader(bytes, from: clusterOffset)
        let clusterID: UInt64 = try reader.read()
        let memberID: UInt64 = try reader.read()
        guard clusterID == options.clusterID, memberID == options.memberID else {
            throw WALError.foreign(
                path: path, offset: clusterOffset, clusterID: clusterID, memberID: memberID)
        }
        let sequence: UInt32 = try reader.read()
        let flags: UInt32 = try reader.read()
        guard flags <= 1 else { throw DecodingError.invalid(field: "flags", offset: 36) }
        let sizeBytes = try readLength(&reader)
        let lastIndex = LogIndex(try reader.read())
        let lastEntry = EntryID(index: lastIndex, term: Term(try reader.read()))
        let term = Term(try reader.read())
        let votedFor = PeerID(try reader.read())
        let commitIndex = LogIndex(try reader.read())
        let previousEnd = try readLength(&reader)
        return SegmentHeader(
            sequence: sequence, startsLog: flags == 1, sizeBytes: sizeBytes,
            position: LogPosition(
                hardState: HardState(term: term, votedFor: votedFor, commitIndex: commitIndex),
                lastEntry: lastEntry),
            previousEnd: previousEnd, previousChain: try reader.read())
    }

    private static func readLength(_ reader: inout ByteReader) throws(DecodingError) -> Int {
        let offset = reader.offset
        guard let length = Int(exactly: try reader.read(UInt64.self)) else {
            throw .invalid(field: "length", offset: offset)
        }
        return length
    }

    private static func checksum(of bytes: Bytes) -> UInt32 {
        CRC32C.checksum(of: bytes, in: 4..<Sector.sizeBytes)
    }
}
