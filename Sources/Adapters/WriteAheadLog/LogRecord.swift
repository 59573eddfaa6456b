internal import Primitives
internal import Raft

/// One record of a batch. Layout in docs/formats/wal.md.
enum LogRecord: Equatable {
    case hardState(HardState)
    /// Entries up to this one are released.
    case base(EntryID)
    case entry(Entry)

    /// The type byte.
    enum Kind: UInt8 {
        case hardState = 1
        case base = 2
        case noOp = 3
        case command = 4
        case membership = 5
    }

    /// Length and type before each body.
    static let frameBytes = 5
}

extension ByteWriter {
    /// Appends a hard state.
    mutating func writeRecord(_ hardState: HardState) {
        writeFrame(.hardState, bodyBytes: 24)
        write(hardState.term.rawValue)
        write(hardState.votedFor.rawValue)
        write(hardState.commitIndex.rawValue)
    }

    /// Appends a base entry.
    mutating func writeRecord(base entry: EntryID) {
        writeFrame(.base, bodyBytes: 16)
        write(entry.index.rawValue)
        write(entry.term.rawValue)
    }

    /// Appends a log entry.
    mutating func writeRecord(_ entry: Entry) {
        switch entry.payload {
        case .noOp:
            writeFrame(.noOp, bodyBytes: 16)
            writeIdentity(entry)
        case .command(let command):
            writeFrame(.command, bodyBytes: 16 + command.count)
            writeIdentity(entry)
            bytes.append(contentsOf: command)
        case .membership(let membership, let context):
            let lists = [
                membership.voters, membership.outgoingVoters, membership.learners,
                membership.nextLearners,
            ]
            let listBytes = lists.reduce(0) { $0 + 4 + 8 * $1.count }
            writeFrame(.membership, bodyBytes: 16 + listBytes + context.count)
            writeIdentity(entry)
            for list in lists {
                write(UInt32(list.count))
                for peer in list { write(peer.rawValue) }
            }
            bytes.append(contentsOf: context)
        }
    }

    private mutating func writeFrame(_ kind: LogRecord.Kind, bodyBytes: Int) {
        write(UInt32(bodyBytes))
        write(kind.rawValue)
    }

    private mutating func writeIdentity(_ entry: Entry) {
        write(entry.index.rawValue)
        write(entry.term.rawValue)
    }
}

extension ByteReader {
    /// Reads one record, and exactly as many bytes as it says it has.
    mutating func readRecord() throws(DecodingError) -> LogRecord {
        let start = offset
        let bodyBytes = Int(try read(UInt32.self))
        let type = try read(UInt8.self)
        guard let kind = LogRecord.Kind(rawValue: type) else {
            throw .invalid(field: "record type", offset: start)
        }
        guard bodyBytes <= remaining else {
            throw .truncated(offset: start, missing: bodyBytes - remaining)
        }
        let end = offset + bodyBytes
        let record = try readBody(kind, end: end)
        guard offset == end else { throw .invalid(field: "record length", offset: start) }
        return record
    }

    private mutating func readBody(
        _ kind: LogRecord.Kind, end: Int
    ) throws(DecodingError) -> LogRecord {
        switch kind {
        case .hardState:
            let term = Term(try read())
            let votedFor = PeerID(try read())
            let commitIndex = LogIndex(try read())
            return .hardState(
                HardState(term: term, votedFor: votedFor, commitIndex: commitIndex))
        case .base:
            let index = LogIndex(try read())
            return .base(EntryID(index: index, term: Term(try read())))
        case .noOp, .command, .membership:
            let index = LogIndex(try read())
            let term = Term(try read())
            let payload = try readPayload(kind, end: end)
            return .entry(Entry(term: term, index: index, payload: payload))
        }
    }

    private mutating func readPayload(
        _ kind: LogRecord.Kind, end: Int
    ) throws(DecodingError) -> Entry.Payload {
        switch kind {
        case .command: return .command(try read(count: end - offset))
        case .membership:
            let start = offset
            var lists: [[PeerID]] = []
            for _ in 0..<4 {
                var list: [PeerID] = []
                for _ in 0..<(try readCount(minimumSize: 8)) {
                    list.append(PeerID(try read()))
                }
                lists.append(list)
            }
            let membership = Membership(
                voters: lists[0], outgoingVoters: lists[1], learners: lists[2],
                nextLearners: lists[3])
            guard offset <= end else { throw .invalid(field: "membership", offset: start) }
            return .membership(membership, context: try read(count: end - offset))
        default: return .noOp
        }
    }
}
