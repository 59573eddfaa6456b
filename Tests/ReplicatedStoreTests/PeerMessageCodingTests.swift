import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing

/// Messages between members on their way through a connection.
@Suite struct `Peer messages` {
    private static let entry = EntryID(index: LogIndex(7), term: Term(3))
    private static let membership = Membership(
        voters: [PeerID(1), PeerID(2)], outgoingVoters: [PeerID(3)], learners: [PeerID(4)],
        nextLearners: [PeerID(3)])
    private static let request = ReadRequestID(peer: PeerID(1), number: .max)

    private static let bodies: [Message.Body] = [
        .voteRequest(VoteRequest(lastEntry: entry, isPreVote: true, isTransfer: false)),
        .voteResponse(VoteResponse(isGranted: true, isPreVote: false)),
        .append(
            AppendRequest(
                previous: entry,
                entries: [
                    Entry(term: Term(3), index: LogIndex(8), payload: .noOp),
                    Entry(term: Term(4), index: LogIndex(9), payload: .command([1, 2, 3])),
                    Entry(
                        term: Term(4), index: LogIndex(10),
                        payload: .membership(membership, context: [9])),
                ], commitIndex: LogIndex(6))),
        .append(AppendRequest(previous: entry, entries: [], commitIndex: LogIndex(7))),
        .appendResponse(.accepted(matchIndex: LogIndex(9))),
        .appendResponse(.rejected(previousIndex: LogIndex(9), hint: entry)),
        .heartbeat(Heartbeat(commitIndex: LogIndex(4), readRound: 12)),
        .heartbeatResponse(HeartbeatResponse(readRound: 12)),
        .snapshotChunk(
            SnapshotChunk(
                description: SnapshotDescription(lastIncluded: entry, membership: membership),
                offset: 1 << 40, bytes: [5, 6], isLast: true)),
        .snapshotResponse(.progress(lastIncluded: entry, nextOffset: 77)),
        .snapshotResponse(.installed(matchIndex: LogIndex(7))),
        .snapshotResponse(.failed(lastIncluded: entry)),
        .timeoutNow, .removed,
        .forwardProposals([[1], [], [2, 3]]),
        .forwardMembershipChange(
            MembershipChange(
                steps: [
                    .addLearner(PeerID(1)), .addVoter(PeerID(2)), .demote(PeerID(3)),
                    .remove(PeerID(4)),
                ], context: [8], alwaysJoint: true)),
        .forwardTransfer(to: PeerID(3)),
        .readIndexRequest(request),
        .readIndexResponse(request, index: LogIndex(9)),
        .readIndexRefused(request),
    ]

    private static let refusals: [ProposalRefusal] = [
        .noLeader, .transferring, .tooMuchUncommitted, .notMember, .membershipChangePending,
        .learnerNotReady(PeerID(4)), .invalidMembership, .notLeader,
    ]

    /// One of each kind.
    static let samples: [PeerMessage] =
        bodies.map {
            .raft(Message(from: PeerID(.max), to: PeerID(2), term: Term(5), body: $0))
        }
        + refusals.map { .refusal(from: PeerID(1), to: PeerID(2), number: 3, $0) }
        + [LeaseQuestion.keepAlive(LeaseID(-1)), .timeToLive(LeaseID(4))].map {
            .leaseRequest(from: PeerID(1), to: PeerID(2), number: 3, $0)
        }
        + [
            LeaseAnswer.notLeader, .remaining(LeaseID(4), seconds: nil),
            .remaining(LeaseID(4), seconds: -1),
        ].map { .leaseAnswer(from: PeerID(1), to: PeerID(2), number: 3, $0) }

    private static func encoded(_ message: PeerMessage) -> Bytes {
        var writer = ByteWriter()
        message.encode(into: &writer)
        return writer.bytes
    }

    @Test(arguments: samples)
    func `what was sent arrives`(message: PeerMessage) throws {
        let bytes = Self.encoded(message)
        let read = try PeerMessage(decoding: bytes)
        #expect("\(read)" == "\(message)")
        #expect(Self.encoded(read) == bytes)
        #expect(message.estimatedBytes >= bytes.count / 2)
    }

    @Test(arguments: samples)
    func `every truncation is refused`(message: PeerMessage) {
        let bytes = Self.encoded(message)
        for count in 0..<bytes.count {
            #expect(throws: DecodingError.self) {
                try PeerMessage(decoding: Bytes(bytes.prefix(count)))
            }
        }
        #expect(throws: DecodingError.self) { try PeerMessage(decoding: bytes + [0]) }
    }

    @Test(arguments: samples)
    func `every flipped bit is refused or makes another message`(message: PeerMessage) {
        let bytes = Self.encoded(message)
        for position in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[position / 8] ^= 1 << UInt8(position % 8)
            // Refused is fine; what is read must be written as it was read.
            guard let read = try? PeerMessage(decoding: damaged) else { continue }
            #expect(Self.encoded(read) == damaged)
        }
    }

    @Test func `entries that do not follow each other are refused`() {
        let gap = Message.Body.append(
            AppendRequest(
                previous: Self.entry,
                entries: [Entry(term: Term(3), index: LogIndex(9), payload: .noOp)],
                commitIndex: .zero))
        let back = Message.Body.append(
            AppendRequest(
                previous: Self.entry,
                entries: [Entry(term: Term(2), index: LogIndex(8), payload: .noOp)],
                commitIndex: .zero))
        for body in [gap, back] {
            let message = Message(from: PeerID(1), to: PeerID(2), term: Term(3), body: body)
            #expect(throws: DecodingError.self) {
                try PeerMessage(decoding: Self.encoded(.raft(message)))
            }
        }
    }
}
