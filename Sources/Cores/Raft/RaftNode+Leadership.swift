internal import Primitives

/// What a leader does as time passes, and how it stops being one.
extension RaftNode {
    /// The leader's own state, changed in place: it is taken out of the role meanwhile, so that
    /// its arrays are not copied.
    var leadership: Leadership {
        _read {
            guard case .leader(let leadership) = role else {
                invariantBroken("\(id) does not lead term \(term)")
            }
            yield leadership
        }
        _modify {
            var taken = Role.follower
            swap(&taken, &role)
            guard case .leader(var leadership) = consume taken else {
                invariantBroken("\(id) does not lead term \(term)")
            }
            defer { role = .leader(leadership) }
            yield &leadership
        }
    }

    mutating func tickAsLeader() {
        electionElapsed += 1
        if electionElapsed >= configuration.electionTicks {
            electionElapsed = 0
            guard checkQuorum() else { return }
        }
        tickTransfer()
        tickSnapshots()
        leadership.heartbeatElapsed += 1
        if leadership.heartbeatElapsed >= configuration.heartbeatTicks {
            leadership.heartbeatElapsed = 0
            sendHeartbeats()
        }
    }

    /// A leader that a majority does not answer steps down: a new one may already be there, and
    /// clients had better be told (thesis §6.2). Answers whether this one goes on.
    private mutating func checkQuorum() -> Bool {
        let active = leadership.progress.filter(\.isActive).map(\.peer)
        for position in leadership.progress.indices {
            leadership.progress[position].isActive = false
        }
        let quorum = Quorum(of: membership, mutation: configuration.mutation)
        let isReached = quorum.isReached { $0 == id || active.contains($0) }
        guard !isReached, !configuration.mutation.isActive(.noCheckQuorum) else { return true }
        becomeFollower(term: term, leader: .zero, heard: .zero)
        return false
    }

    /// Heartbeats to everyone, with the round of read confirmation.
    mutating func sendHeartbeats() {
        let leadership = leadership
        for progress in leadership.progress {
            // What is not known to match may differ, though it has the same indexes.
            let isUnverified = configuration.mutation.isActive(.commitsUnverifiedEntries)
            let heartbeat = Heartbeat(
                commitIndex: isUnverified ? commitIndex : min(progress.matchIndex, commitIndex),
                readRound: leadership.readRound)
            send(.heartbeat(heartbeat), to: progress.peer)
        }
    }

    mutating func receive(_ heartbeat: Heartbeat, from peer: PeerID) {
        commit(through: min(heartbeat.commitIndex, log.lastIndex))
        sendWhenTermIsDurable(
            .heartbeatResponse(HeartbeatResponse(readRound: heartbeat.readRound)), to: peer)
    }

    mutating func receive(_ response: HeartbeatResponse, from peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer) else { return }
        let last = log.lastIndex
        let inflightMax = configuration.inflightAppendsMax
        var isBehind = false
        modifyProgress(position) { progress in
            progress.isActive = true
            progress.readRound = max(progress.readRound, response.readRound)
            switch progress.state {
            case .probe: progress.state = .probe(isWaiting: false)
            case .replicate where progress.inflightCount >= inflightMax: progress.dropOldest()
            case .replicate, .snapshot: break
            }
            isBehind = progress.matchIndex < last
        }
        // An append may have been lost: one that says where we stand finds out.
        if isBehind { sendAppend(position, evenIfEmpty: true) }
        confirmReads()
    }

    mutating func modifyProgress(_ position: Int, _ body: (inout Progress) -> Void) {
        body(&leadership.progress[position])
    }

    /// Whatever waited for this leadership is told that it is over.
    mutating func endLeadership(_ old: Leadership, _ newTerm: Term, _ heard: PeerID) {
        output.events.append(.steppedDown(term: term))
        if let transfer = old.transfer {
            output.events.append(
                .transferEnded(to: transfer.target, succeeded: heard == transfer.target))
        }
        for id in old.earlyReads + old.newReads + old.confirmingReads.flatMap(\.ids) {
            refuse(id)
        }
    }
}

/// Passing leadership on (thesis §3.10).
extension RaftNode {
    mutating func transferLeadership(to target: PeerID) {
        guard isLeader else {
            if leader != .zero { send(.forwardTransfer(to: target), to: leader) }
            return
        }
        guard target != id, membership.isVoter(target),
            let position = leadership.position(of: target),
            leadership.transfer?.target != target
        else { return }
        if let old = leadership.transfer {
            output.events.append(.transferEnded(to: old.target, succeeded: false))
        }
        leadership.transfer = Leadership.Transfer(target: target)
        electionElapsed = 0
        output.events.append(.transferStarted(to: target))
        if leadership.progress[position].matchIndex == log.lastIndex {
            send(.timeoutNow, to: target)
        } else {
            sendAppend(position, evenIfEmpty: true)
        }
    }

    /// A transfer that takes more than an election timeout has failed: clients are served again.
    func isTransferring() -> Bool {
        if case .leader(let leadership) = role { return leadership.transfer != nil }
        return false
    }

    private mutating func tickTransfer() {
        guard var transfer = leadership.transfer else { return }
        transfer.elapsedTicks += 1
        if transfer.elapsedTicks >= configuration.electionTicks
            || !membership.isVoter(transfer.target)
        {
            leadership.transfer = nil
            output.events.append(.transferEnded(to: transfer.target, succeeded: false))
        } else {
            leadership.transfer = transfer
        }
    }

    /// The target has everything: it may campaign at once.
    mutating func transferIfCaughtUp(_ position: Int) {
        guard let transfer = leadership.transfer else { return }
        let progress = leadership.progress[position]
        if progress.peer == transfer.target, progress.matchIndex == log.lastIndex {
            send(.timeoutNow, to: transfer.target)
        }
    }
}
