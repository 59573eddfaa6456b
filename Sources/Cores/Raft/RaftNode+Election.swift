internal import Primitives

/// Elections (Raft §5.2, §5.4.1) with pre-votes (thesis §9.6).
extension RaftNode {
    /// Draws the time after which this node may campaign, so that votes are seldom split.
    mutating func drawElectionTimeout() {
        electionTimeout =
            configuration.electionTicks + random.below(configuration.electionTicks)
    }

    /// Campaigns if this node has a vote and nothing speaks against it.
    mutating func campaignIfAllowed(isTransfer: Bool) {
        guard !isLeader, mayLead, !isRemoved else { return }
        electionElapsed = 0
        if isTransfer || configuration.mutation.isActive(.noPreVote) {
            becomeCandidate(isTransfer: isTransfer)
        } else {
            becomePreCandidate()
        }
    }

    /// Whether this node has a vote, or had one until a change that is not known to be committed:
    /// it may be the only one left whose log is long enough to get that change committed (thesis
    /// §4.2.2, figure 4.6). Its own vote does not count then.
    private var mayLead: Bool {
        if membership.isVoter(id) { return true }
        guard memberships.count >= 2, membershipIndex > commitIndex else { return false }
        return memberships[memberships.count - 2].membership.isVoter(id)
    }

    private mutating func becomePreCandidate() {
        forgetLeader()
        var ballot = Ballot()
        ballot.record(id, isGranted: true)
        role = .preCandidate(ballot)
        output.events.append(.becamePreCandidate(term: term))
        let request = VoteRequest(lastEntry: log.lastEntry, isPreVote: true)
        for voter in otherVoters {
            send(.voteRequest(request), to: voter, term: term.next)
        }
        countVotes()
    }

    private mutating func becomeCandidate(isTransfer: Bool) {
        forgetLeader()
        term = term.next
        votedFor = id
        var ballot = Ballot()
        ballot.ownVoteWrite = requiredWrite
        role = .candidate(ballot)
        output.events.append(.becameCandidate(term: term))
        let request = VoteRequest(
            lastEntry: log.lastEntry, isPreVote: false, isTransfer: isTransfer)
        for voter in otherVoters {
            // The request promises a vote for itself and a log: both must survive a crash.
            sendWhenDurable(.voteRequest(request), to: voter)
        }
        if isDurable(requiredWrite) { countOwnVote() }
    }

    mutating func forgetLeader() {
        guard leader != .zero else { return }
        leader = .zero
        output.events.append(.leaderChanged(.zero, term: term))
    }

    private var otherVoters: [PeerID] {
        membership.everyone.filter { $0 != id && membership.isVoter($0) }
    }

    /// This candidate's own vote is durable.
    mutating func countOwnVote() {
        guard case .candidate(var ballot) = role else { return }
        ballot.ownVoteWrite = nil
        ballot.record(id, isGranted: true)
        role = .candidate(ballot)
        countVotes()
    }

    mutating func receive(_ request: VoteRequest, _ message: Message) {
        if request.isPreVote {
            // A leader in office answers its own term; others are asked about a term to come.
            let isGranted = message.term > term && isUpToDate(request.lastEntry)
            send(
                .voteResponse(VoteResponse(isGranted: isGranted, isPreVote: true)),
                to: message.from, term: isGranted ? message.term : term)
            return
        }
        let mayVote = votedFor == message.from || (votedFor == .zero && leader == .zero)
        guard mayVote, isUpToDate(request.lastEntry) else {
            sendWhenTermIsDurable(
                .voteResponse(VoteResponse(isGranted: false, isPreVote: false)),
                to: message.from)
            return
        }
        votedFor = message.from
        electionElapsed = 0
        let response = Message.Body.voteResponse(VoteResponse(isGranted: true, isPreVote: false))
        if configuration.mutation.isActive(.votesBeforePersisting) {
            send(response, to: message.from)
        } else {
            sendWhenDurable(response, to: message.from)
        }
    }

    /// Raft §5.4.1: the later term is more up to date, in the same term the longer log.
    private func isUpToDate(_ other: EntryID) -> Bool {
        let own = log.lastEntry
        if configuration.mutation.isActive(.comparesIndexBeforeTerm) {
            return (other.index, other.term) >= (own.index, own.term)
        }
        return (other.term, other.index) >= (own.term, own.index)
    }

    mutating func receive(_ response: VoteResponse, _ message: Message) {
        switch role {
        case .preCandidate(var ballot):
            guard response.isPreVote else { return }
            if response.isGranted, message.term != term.next { return }
            ballot.record(message.from, isGranted: response.isGranted)
            role = .preCandidate(ballot)
        case .candidate(var ballot):
            guard !response.isPreVote else { return }
            ballot.record(message.from, isGranted: response.isGranted)
            role = .candidate(ballot)
        case .follower, .leader: return
        }
        countVotes()
    }

    private mutating func countVotes() {
        let quorum = Quorum(of: membership, mutation: configuration.mutation)
        switch role {
        case .preCandidate(let ballot):
            if quorum.isReached(ballot.granted.contains) {
                becomeCandidate(isTransfer: false)
            } else if quorum.isLost(ballot.refused.contains) {
                becomeFollower(term: term, leader: .zero, heard: .zero)
            }
        case .candidate(let ballot):
            if quorum.isReached(ballot.granted.contains) {
                becomeLeader()
            } else if quorum.isLost(ballot.refused.contains) {
                becomeFollower(term: term, leader: .zero, heard: .zero)
            }
        case .follower, .leader: break
        }
    }

    private mutating func becomeLeader() {
        let progress = membership.everyone.filter { $0 != id }.map {
            Progress(peer: $0, nextIndex: log.lastIndex.next, isActive: true)
        }
        var leadership = Leadership(progress: progress)
        for index in log.entries(from: commitIndex.next, through: log.lastIndex) {
            leadership.uncommittedBytes += index.sizeBytes
        }
        role = .leader(leadership)
        leader = id
        electionElapsed = 0
        output.events.append(.becameLeader(term: term))
        output.events.append(.leaderChanged(id, term: term))
        // Raft §8: an entry of its own term tells a leader what is committed.
        append([.noOp])
    }
}
