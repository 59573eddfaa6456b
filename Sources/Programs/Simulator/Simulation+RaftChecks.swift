internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import Verification

/// R1–R7: what members' logs, terms and memberships may do, checked after every turn.
extension Simulation {
    /// Follows a member's log and holds what Raft says against the rules.
    mutating func observe(_ slot: Int, _ output: MemberOutput) throws(RunFailure) {
        let hasChanged = try followLog(slot, output.events)
        for event in output.events { try observe(event, slot) }
        if hasChanged { try checkMembershipInForce(slot) }
        try checkCommit(slot)
        machines[slot].membershipIndex = machines[slot].shadow.memberships.last?.index ?? .zero
    }

    /// Brings the shadow of a log up to date; answers whether anything changed.
    mutating func followLog(
        _ slot: Int, _ events: [RaftEvent]
    ) throws(RunFailure) -> Bool {
        let machine = machines[slot]
        guard machine.isRunning else { return false }
        var cut: LogIndex?
        for case .truncatedLog(let index) in events { cut = min(cut ?? index, index) }
        let last = machine.position.lastEntry
        if cut == nil, last == machine.shadow.last { return false }
        if let cut, cut <= machines[slot].shadow.last.index {
            try truncate(slot, from: cut)
        }
        let base = machines[slot].position.firstIndex.previous
        let shadow = machines[slot].shadow.last
        if base > shadow.index || last.index < shadow.index
            || machines[slot].process!.look({ $0.raft.term(at: shadow.index) }) != shadow.term
        {
            // The whole log was replaced behind an image.
            try resetShadow(slot)
        }
        try appendToShadow(slot)
        if machines[slot].shadow.last != last {
            throw RunFailure(
                "R2", "the log of member \(slot + 1) does not end at \(last) as it says")
        }
        return true
    }

    private mutating func truncate(_ slot: Int, from cut: LogIndex) throws(RunFailure) {
        coverage.reach(.logTruncated)
        if cut <= machines[slot].earlier.commitIndex {
            throw RunFailure(
                "R3", "member \(slot + 1) truncated its log from \(cut), which it had committed")
        }
        guard let term = machines[slot].process!.look({ $0.raft.term(at: cut.previous) }) else {
            try resetShadow(slot)
            return
        }
        let previous = EntryID(index: cut.previous, term: term)
        if machines[slot].shadow.truncate(from: cut, last: previous) {
            coverage.reach(.membershipChangeTruncated)
        }
    }

    /// Starts the shadow of a log anew from the log's own beginning.
    mutating func resetShadow(_ slot: Int) throws(RunFailure) {
        let base = machines[slot].position.firstIndex.previous
        let (term, membership) = machines[slot].process!.look { member in
            (member.raft.term(at: base) ?? .zero, member.raft.membership(asOf: base))
        }
        guard let hash = truth.prefixHash(at: base) else {
            throw RunFailure(
                "R3", "the log of member \(slot + 1) begins behind \(base), which nobody committed")
        }
        machines[slot].shadow.reset(
            to: EntryID(index: base, term: term), hash: hash, membership: membership)
    }

    /// Takes over what the log has and its shadow has not.
    mutating func appendToShadow(_ slot: Int) throws(RunFailure) {
        let last = machines[slot].position.lastEntry.index
        let peer = machines[slot].peer
        var index = machines[slot].shadow.last.index.next
        while index <= last {
            guard let entry = machines[slot].process!.look({ $0.raft.entry(at: index) }) else {
                throw RunFailure("R2", "member \(peer) has no entry \(index) up to \(last)")
            }
            let hash = machines[slot].shadow.append(entry)
            do throws(Violation) {
                try truth.prefixes.record(
                    index: index, term: entry.term, prefixHash: hash, by: peer)
            } catch {
                throw RunFailure(error)
            }
            if case .membership(let membership, _) = entry.payload {
                try observe(membership, at: entry, slot)
            }
            index = index.next
        }
    }

    /// What Raft says happened.
    private mutating func observe(_ event: RaftEvent, _ slot: Int) throws(RunFailure) {
        note(slot) { "\(event)" }
        switch event {
        case .becameLeader(let term): try observeLeader(slot, term)
        case .steppedDown: coverage.reach(.leaderStoppedLeading)
        case .startedSnapshot: coverage.reach(.snapshotSent)
        case .transferEnded(_, let succeeded):
            if succeeded { coverage.reach(.leadershipTransferred) }
        case .removedFromMembership:
            coverage.reach(.memberRemoved)
            if machines[slot].earlier.isLeader { coverage.reach(.leaderRemoved) }
        case .membershipChanged(let membership, _):
            if membership.isJoint { coverage.reach(.jointMembership) }
        case .becameFollower, .becamePreCandidate, .becameCandidate, .leaderChanged,
            .truncatedLog, .transferStarted:
            break
        }
    }

    /// R1 and R3: one leader in a term, and it has all that is committed.
    private mutating func observeLeader(_ slot: Int, _ term: Term) throws(RunFailure) {
        coverage.reach(.leaderElected)
        if let fault = nextFall, case .leaderFalls(let turns, _, _) = fault.kind {
            machines[slot].fall = (turns, fault)
            nextFall = nil
        }
        let peer = machines[slot].peer
        let shadow = machines[slot].shadow
        if shadow.last.index > truth.commitIndex {
                coverage.reach(.leaderChangeWithUncommittedSuffix)
            }
        do throws(Violation) {
            try truth.leaders.record(peer, term: term)
        } catch {
            throw RunFailure(error)
        }
        let needed = truth.committed(before: term)
        var index = max(shadow.hashes.first, LogIndex(1))
        while index <= needed {
            // Not everything committed has been applied, and so become known, anywhere.
            if let known = truth.prefixHash(at: index), shadow.hashes.hash(at: index) != known {
                throw RunFailure(
                    "R3", "leader \(peer) of term \(term) lacks the entry committed at \(index)")
            }
            index = index.next
        }
        if shadow.last.index < needed {
            throw RunFailure(
                "R3",
                "leader \(peer) of term \(term) has a log up to \(shadow.last), but \(needed) "
                    + "was committed before")
        }
    }

    /// R5: what is newly committed is durable on a quorum.
    private mutating func checkCommit(_ slot: Int) throws(RunFailure) {
        let machine = machines[slot]
        guard machine.isRunning else { return }
        let commit = machine.position.commitIndex
        if commit < machine.earlier.commitIndex {
            throw RunFailure("R6", "the commit index of member \(slot + 1) went back to \(commit)")
        }
        guard commit > truth.commitIndex else { return }
        truth.noteCommit(through: commit, in: machines[slot].position.term)
        let memberships = machines[slot].membershipsOfTurn
        guard let hash = machines[slot].shadow.hashes.hash(at: commit) else {
            throw RunFailure("R5", "member \(slot + 1) committed \(commit), which it does not have")
        }
        let holders = machines.filter { machine in
            machine.shadow.durable >= commit && machine.shadow.hashes.hash(at: commit) == hash
        }
        let peers = holders.map(\.peer)
        if !memberships.contains(where: { MembershipRules.isQuorum(peers, of: $0) }) {
            throw RunFailure(
                "R5",
                "member \(slot + 1) committed \(commit), which is durable only on members "
                    + "\(peers) of " + memberships.map(describe).joined(separator: " or "))
        }
    }

    /// Votes are given once in a term, and not forgotten.
    mutating func observe(_ message: PeerMessage, _ slot: Int) throws(RunFailure) {
        guard case .raft(let message) = message else { return }
        switch message.body {
        case .voteResponse(let response) where response.isGranted && !response.isPreVote:
            try recordVote(slot, for: message.to, in: message.term)
        case .voteRequest(let request) where !request.isPreVote:
            try recordVote(slot, for: message.from, in: message.term)
        case .readIndexRequest(let id):
            if machines[slot].openRead != nil { coverage.reach(.readIndexRetried) }
            machines[slot].openRead = id
        default: return
        }
    }

    private mutating func recordVote(
        _ slot: Int, for candidate: PeerID, in term: Term
    ) throws(RunFailure) {
        try truth.record(vote: machines[slot].peer, for: candidate, in: term)
        if term >= machines[slot].promise.voteTerm {
            machines[slot].promise.voteTerm = term
            machines[slot].promise.votedFor = candidate
        }
    }
}
