package import Primitives
internal import Raft
internal import StoreModel

extension PeerMessage {
    /// Reads what `encode` wrote. What passes is a message that its sender could have made: log
    /// positions are in order and far from the end of their range, memberships are sorted.
    /// - Throws: `DecodingError` for all other bytes.
    package init(decoding bytes: Bytes) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard let kind = PeerMessageKind(rawValue: try reader.read()) else {
            throw .invalid(field: "message kind", offset: 0)
        }
        let from = PeerID(try reader.read())
        let to = PeerID(try reader.read())
        switch kind {
        case .leaseRequest:
            self = .leaseRequest(
                from: from, to: to, number: try reader.read(), try LeaseQuestion(&reader))
        case .leaseAnswer:
            self = .leaseAnswer(
                from: from, to: to, number: try reader.read(), try LeaseAnswer(&reader))
        case .refusal:
            self = .refusal(
                from: from, to: to, number: try reader.read(), try ProposalRefusal(&reader))
        default:
            let term = Term(try reader.readCounter("term"))
            self = .raft(
                Message(from: from, to: to, term: term, body: try Message.Body(kind, &reader)))
        }
        try reader.finish()
    }
}

extension ByteReader {
    /// Terms and indexes count up from zero and never come near the end of their range, so that
    /// sums of them cannot overflow.
    fileprivate mutating func readCounter(_ field: String) throws(DecodingError) -> UInt64 {
        let start = offset
        let number = try read(UInt64.self)
        guard number < 1 << 62 else { throw .invalid(field: field, offset: start) }
        return number
    }

    fileprivate mutating func readIndex() throws(DecodingError) -> LogIndex {
        LogIndex(try readCounter("index"))
    }

    fileprivate mutating func readEntryID() throws(DecodingError) -> EntryID {
        let index = try readIndex()
        return EntryID(index: index, term: Term(try readCounter("term")))
    }

    fileprivate mutating func readRequestID() throws(DecodingError) -> ReadRequestID {
        let peer = PeerID(try read())
        return ReadRequestID(peer: peer, number: try read())
    }

    fileprivate mutating func readMembership() throws(DecodingError) -> Membership {
        let start = offset
        let bytes = try readCounted()
        let membership = try Membership(decoding: bytes)
        let lists = [
            membership.voters, membership.outgoingVoters, membership.learners,
            membership.nextLearners,
        ]
        let isUnique = lists.allSatisfy { list in zip(list, list.dropFirst()).allSatisfy(<) }
        // Sorting is undone only for bytes that were not sorted.
        guard isUnique, membership.encoded() == bytes else {
            throw .invalid(field: "membership", offset: start)
        }
        return membership
    }

    fileprivate mutating func readEntry() throws(DecodingError) -> Entry {
        let term = Term(try readCounter("term"))
        let index = try readIndex()
        let start = offset
        switch try read(UInt8.self) {
        case 0: return Entry(term: term, index: index, payload: .noOp)
        case 1: return Entry(term: term, index: index, payload: .command(try readCounted()))
        case 2:
            let membership = try readMembership()
            return Entry(
                term: term, index: index,
                payload: .membership(membership, context: try readCounted()))
        default: throw .invalid(field: "entry payload", offset: start)
        }
    }

    fileprivate mutating func readAppend() throws(DecodingError) -> AppendRequest {
        let previous = try readEntryID()
        let commitIndex = try readIndex()
        let count = try readCount(minimumSize: 17)
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var last = previous
        for _ in 0..<count {
            let start = offset
            let entry = try readEntry()
            guard entry.index == last.index.next, entry.term >= last.term else {
                throw .invalid(field: "entry order", offset: start)
            }
            last = EntryID(index: entry.index, term: entry.term)
            entries.append(entry)
        }
        return AppendRequest(previous: previous, entries: entries, commitIndex: commitIndex)
    }

    fileprivate mutating func readChunk() throws(DecodingError) -> SnapshotChunk {
        let entry = try readEntryID()
        let membership = try readMembership()
        let offset = try readCounter("offset")
        let isLast = try readFlag("last chunk")
        return SnapshotChunk(
            description: SnapshotDescription(lastIncluded: entry, membership: membership),
            offset: offset, bytes: try readCounted(), isLast: isLast)
    }

    fileprivate mutating func readChange() throws(DecodingError) -> MembershipChange {
        let alwaysJoint = try readFlag("always joint")
        var steps: [MembershipStep] = []
        for _ in 0..<(try readCount(minimumSize: 9)) {
            let start = offset
            let kind = try read(UInt8.self)
            let peer = PeerID(try read())
            switch kind {
            case 0: steps.append(.addLearner(peer))
            case 1: steps.append(.addVoter(peer))
            case 2: steps.append(.demote(peer))
            case 3: steps.append(.remove(peer))
            default: throw .invalid(field: "membership step", offset: start)
            }
        }
        return MembershipChange(
            steps: steps, context: try readCounted(), alwaysJoint: alwaysJoint)
    }

    fileprivate mutating func readProposals() throws(DecodingError) -> [Bytes] {
        var proposals: [Bytes] = []
        for _ in 0..<(try readCount(minimumSize: 4)) {
            proposals.append(try readCounted())
        }
        return proposals
    }
}

extension Message.Body {
    fileprivate init(
        _ kind: PeerMessageKind, _ reader: inout ByteReader
    ) throws(DecodingError) {
        switch kind {
        case .voteRequest:
            let lastEntry = try reader.readEntryID()
            let isPreVote = try reader.readFlag("pre-vote")
            self = .voteRequest(
                VoteRequest(
                    lastEntry: lastEntry, isPreVote: isPreVote,
                    isTransfer: try reader.readFlag("transfer")))
        case .voteResponse:
            let isGranted = try reader.readFlag("granted")
            self = .voteResponse(
                VoteResponse(isGranted: isGranted, isPreVote: try reader.readFlag("pre-vote")))
        case .append: self = .append(try reader.readAppend())
        case .appendAccepted:
            self = .appendResponse(.accepted(matchIndex: try reader.readIndex()))
        case .appendRejected:
            let previousIndex = try reader.readIndex()
            self = .appendResponse(
                .rejected(previousIndex: previousIndex, hint: try reader.readEntryID()))
        case .heartbeat:
            let commitIndex = try reader.readIndex()
            self = .heartbeat(Heartbeat(commitIndex: commitIndex, readRound: try reader.read()))
        case .heartbeatResponse:
            self = .heartbeatResponse(HeartbeatResponse(readRound: try reader.read()))
        case .snapshotChunk: self = .snapshotChunk(try reader.readChunk())
        case .snapshotProgress:
            let entry = try reader.readEntryID()
            self = .snapshotResponse(
                .progress(lastIncluded: entry, nextOffset: try reader.readCounter("offset")))
        case .snapshotInstalled:
            self = .snapshotResponse(.installed(matchIndex: try reader.readIndex()))
        case .snapshotFailed:
            self = .snapshotResponse(.failed(lastIncluded: try reader.readEntryID()))
        case .timeoutNow: self = .timeoutNow
        case .forwardProposals: self = .forwardProposals(try reader.readProposals())
        case .forwardMembershipChange: self = .forwardMembershipChange(try reader.readChange())
        case .forwardTransfer: self = .forwardTransfer(to: PeerID(try reader.read()))
        case .readIndexRequest: self = .readIndexRequest(try reader.readRequestID())
        case .readIndexResponse:
            let request = try reader.readRequestID()
            self = .readIndexResponse(request, index: try reader.readIndex())
        case .readIndexRefused: self = .readIndexRefused(try reader.readRequestID())
        case .removed: self = .removed
        case .leaseRequest, .leaseAnswer, .refusal:
            throw .invalid(field: "message kind", offset: 0)
        }
    }
}

extension LeaseQuestion {
    fileprivate init(_ reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: self = .keepAlive(LeaseID(try reader.read()))
        case 1: self = .timeToLive(LeaseID(try reader.read()))
        default: throw .invalid(field: "lease question", offset: start)
        }
    }
}

extension LeaseAnswer {
    fileprivate init(_ reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: self = .notLeader
        case 1: self = .remaining(LeaseID(try reader.read()), seconds: nil)
        case 2:
            let lease = LeaseID(try reader.read())
            self = .remaining(lease, seconds: try reader.read(Int64.self))
        default: throw .invalid(field: "lease answer", offset: start)
        }
    }
}

extension ProposalRefusal {
    fileprivate init(_ reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: self = .noLeader
        case 1: self = .transferring
        case 2: self = .tooMuchUncommitted
        case 3: self = .notMember
        case 4: self = .membershipChangePending
        case 5: self = .learnerNotReady(PeerID(try reader.read()))
        case 6: self = .invalidMembership
        case 7: self = .notLeader
        default: throw .invalid(field: "refusal", offset: start)
        }
    }
}
