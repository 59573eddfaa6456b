internal import Primitives

/// Messages: which are heeded, and what a term in them means (Raft §5.1).
extension RaftNode {
    mutating func receive(_ message: Message) {
        guard message.to == id, message.from != id else { return }
        if message.term > term {
            guard admitHigherTerm(message) else { return }
        } else if message.term < term {
            answerLowerTerm(message)
            return
        }
        switch message.body {
        case .voteRequest(let request): receive(request, message)
        case .voteResponse(let response): receive(response, message)
        case .append(let request):
            guard follow(message.from) else { return }
            receive(request, from: message.from)
        case .heartbeat(let heartbeat):
            guard follow(message.from) else { return }
            receive(heartbeat, from: message.from)
        case .snapshotChunk(let chunk):
            guard follow(message.from) else { return }
            receive(chunk, from: message.from)
        case .appendResponse(let response): receive(response, from: message.from)
        case .heartbeatResponse(let response): receive(response, from: message.from)
        case .snapshotResponse(let response): receive(response, from: message.from)
        case .timeoutNow:
            if message.from == leader, !isLeader { campaignIfAllowed(isTransfer: true) }
        case .removed: learnOfRemoval()
        default: receiveForwarded(message)
        }
    }

    /// What followers pass on to their leader, and its answers.
    private mutating func receiveForwarded(_ message: Message) {
        switch message.body {
        case .forwardProposals(let commands): if isLeader { propose(commands) }
        case .forwardMembershipChange(let change): if isLeader { propose(change) }
        case .forwardTransfer(let target): if isLeader { transferLeadership(to: target) }
        case .readIndexRequest(let id): receiveReadRequest(id, from: message.from)
        case .readIndexResponse(let id, let index):
            if id.peer == self.id { output.readPermits.append(ReadPermit(id: id, index: index)) }
        case .readIndexRefused(let id):
            if id.peer == self.id { output.refusedReads.append(id) }
        default: break
        }
    }

    /// Takes a higher term over where the message entitles its sender to that; answers whether
    /// the message is to be heeded.
    private mutating func admitHigherTerm(_ message: Message) -> Bool {
        switch message.body {
        case .voteRequest(let request):
            if hearsLeader, !request.isTransfer {
                // Thesis §4.2.3: who hears its leader is not disturbed by others.
                tellIfRemoved(message.from, lastEntry: request.lastEntry)
                return false
            }
            // A pre-vote begins no term (thesis §9.6).
            if request.isPreVote { return true }
            becomeFollower(term: message.term, leader: .zero, heard: message.from)
        case .voteResponse(let response) where response.isPreVote && response.isGranted:
            return true
        case .append, .heartbeat, .snapshotChunk:
            becomeFollower(term: message.term, leader: message.from, heard: message.from)
        case .forwardProposals, .forwardMembershipChange, .forwardTransfer, .readIndexRequest,
            .timeoutNow:
            // Meant for, or from, the leader of a term that this node has not heard of.
            becomeFollower(term: message.term, leader: .zero, heard: message.from)
        default:
            becomeFollower(term: message.term, leader: .zero, heard: message.from)
        }
        return true
    }

    /// Answers a sender that is behind, so that it learns of the higher term: without that a
    /// leader that was cut off, or a candidate with a longer log, could be stuck for ever.
    private mutating func answerLowerTerm(_ message: Message) {
        switch message.body {
        case .append, .heartbeat, .snapshotChunk:
            sendWhenTermIsDurable(
                .heartbeatResponse(HeartbeatResponse(readRound: 0)), to: message.from)
        case .voteRequest(let request):
            sendWhenTermIsDurable(
                .voteResponse(VoteResponse(isGranted: false, isPreVote: request.isPreVote)),
                to: message.from)
        default: break
        }
    }

    /// Whether this node leads, or has heard its leader within an election timeout.
    var hearsLeader: Bool {
        leader != .zero && electionElapsed < configuration.electionTicks
    }

    /// A message that only the leader of this term sends has come from `peer`; answers whether
    /// it may be heeded.
    private mutating func follow(_ peer: PeerID) -> Bool {
        if isLeader {
            // Raft §5.2: at most one leader in a term. The simulator's registry says so too.
            let isPossible = configuration.mutation != nil
            invariant(isPossible, "\(peer) leads term \(term), and so does \(id)")
            return false
        }
        if leader != peer || !isFollower {
            becomeFollower(term: term, leader: peer, heard: peer)
        }
        electionElapsed = 0
        isRemoved = false
        return true
    }

    private var isFollower: Bool {
        if case .follower = role { return true }
        return false
    }

    /// Begins to follow in `term`; nobody leads it as far as is known if `leader` is zero.
    mutating func becomeFollower(term newTerm: Term, leader newLeader: PeerID, heard: PeerID) {
        invariant(newTerm >= term, "term \(newTerm) after \(term)")
        let wasLeader = isLeader
        let wasFollower = isFollower
        let oldLeader = leader
        let oldTerm = term
        if case .leader(let leadership) = role { endLeadership(leadership, newTerm, heard) }
        if newTerm > term {
            term = newTerm
            if !configuration.mutation.isActive(.keepsVoteAcrossTerms) { votedFor = .zero }
            // Images of one entry differ from member to member in what they have compacted: the
            // parts of two leaders' do not fit together.
            receiving = nil
        }
        role = .follower
        if newTerm > oldTerm || !wasFollower {
            output.events.append(.becameFollower(term: newTerm, leader: newLeader))
        }
        leader = newLeader
        if wasLeader || newLeader != .zero {
            electionElapsed = 0
            drawElectionTimeout()
        }
        if newLeader != oldLeader { output.events.append(.leaderChanged(newLeader, term: term)) }
    }

    /// Commits through `index`; a follower never takes more than it has verified.
    mutating func commit(through index: LogIndex) {
        guard index > commitIndex else { return }
        invariant(index <= log.lastIndex, "commit \(index) beyond the end \(log.lastIndex)")
        let before = commitIndex
        commitIndex = index
        noteCommittedMemberships(after: before)
    }
}
