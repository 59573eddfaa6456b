import Primitives
import Raft

/// The paper's guarantees, held against each step.
extension RaftCluster {
    /// A promise must not leave before what it promises is durable (Raft figure 2: "updated on
    /// stable storage before responding to RPCs").
    mutating func checkPromise(_ message: Message, _ id: PeerID) {
        let machine = machines[id]!
        if message.from != id || message.to == id { object("\(id) sends \(message.line)") }
        switch message.body {
        case .voteResponse(let response) where response.isGranted && !response.isPreVote:
            let hardState = machine.disk.hardState
            if hardState.term < message.term
                || (hardState.term == message.term && hardState.votedFor != message.to)
            {
                object("\(id) grants a vote in term \(message.term) that is not durable")
            }
        case .appendResponse(.accepted(let match)):
            // One of an earlier term is as one that was sent then and delayed by the network.
            let isNew = message.term == machine.node?.term
            if isNew, !isLasting(match, on: machine.disk) {
                object("\(id) acknowledges \(match), which is not durable, in \(message.line)")
            }
        case .snapshotResponse(.installed(let match)):
            if max(machine.disk.lastIndex, machine.disk.snapshot.lastIncluded.index) < match {
                object("\(id) acknowledges an image of \(match) that is not durable")
            }
        case .append(let request): checkAppend(request, message)
        case .heartbeat(let heartbeat):
            // Followers may have diverged behind what they acknowledged.
            if heartbeat.commitIndex > match(of: message) {
                object("\(id) lets \(message.to) commit \(heartbeat.commitIndex) unverified")
            }
        default: break
        }
    }

    /// Whether the log up to `index`, as the member sees it, is on the disk and stays there while
    /// the queue is worked off: a crash may come after any operation.
    private func isLasting(_ index: LogIndex, on disk: TestDisk) -> Bool {
        let final = disk.volatile
        var stage = disk
        stage.queue = []
        for operation in [nil] + disk.queue.map(Optional.some) {
            if case .write(let write) = operation { _ = stage.append(write.entries) }
            if index <= stage.snapshot.lastIncluded.index { continue }
            if stage.lastIndex < index || stage.entry(at: index) != final.entry(at: index) {
                return false
            }
        }
        return true
    }

    /// Whether the entry is on the disk and stays there.
    func isLasting(_ entry: Entry, on disk: TestDisk) -> Bool {
        var stage = disk
        stage.queue = []
        guard stage.holds(entry) else { return false }
        return disk.queue.allSatisfy { operation in
            if case .write(let write) = operation { _ = stage.append(write.entries) }
            return stage.holds(entry)
        }
    }

    private mutating func checkAppend(_ request: AppendRequest, _ message: Message) {
        // RELIABILITY B9: nextIndex stays above matchIndex.
        if request.previous.index < match(of: message) {
            object("\(message.line) goes back behind match \(match(of: message))")
        }
        var index = request.previous.index
        for entry in request.entries {
            if entry.index != index.next { object("\(message.line) has a gap at \(entry.index)") }
            index = entry.index
        }
    }

    /// What the receiver of a leader's message acknowledged in the leader's term.
    private func match(of message: Message) -> LogIndex {
        let known = ledger.acknowledged[Link(of: message)]
        return known?.term == message.term ? known!.match : .zero
    }

    /// Notes what a leader learns of a follower.
    mutating func noteAcknowledgement(_ message: Message) {
        let match: LogIndex
        switch message.body {
        case .appendResponse(.accepted(let index)): match = index
        case .snapshotResponse(.installed(let index)): match = index
        default: return
        }
        let link = Link(message.to.rawValue, message.from.rawValue)
        if let known = ledger.acknowledged[link], known.term > message.term { return }
        let known = ledger.acknowledged[link]
        let old = known?.term == message.term ? known!.match : .zero
        ledger.acknowledged[link] = (message.term, max(old, match))
    }

    /// Election Safety and Leader Completeness, and that a majority's durable votes stand behind
    /// the leader.
    mutating func checkLeader(_ id: PeerID, _ term: Term) {
        let machine = machines[id]!
        for fault in ledger.lead(id, term, log: machine.disk.volatile) { object(fault) }
        let hasVotes = BruteForce.isQuorum(of: membership(before: term, of: id)) { peer in
            guard let state = machines[peer]?.disk.hardState else { return false }
            return state.term > term || (state.term == term && state.votedFor == id)
        }
        if !hasVotes { object("\(id) leads term \(term) without the votes of a majority") }
    }

    /// The membership under which a leader was elected: the last in its log before its own term.
    private func membership(before term: Term, of id: PeerID) -> Membership {
        let disk = machines[id]!.disk.volatile
        for entry in disk.entries.reversed() where entry.term < term {
            if case .membership(let membership, _) = entry.payload { return membership }
        }
        return disk.snapshot.membership
    }

    /// What a member takes as committed must be so, and durable on a majority where a leader
    /// decided it.
    mutating func checkCommit(_ id: PeerID, _ before: LogIndex, wasLeader: Bool) {
        guard let node = machines[id]?.node else { return }
        if node.commitIndex < before {
            object("\(id): the commit index went back from \(before) to \(node.commitIndex)")
        }
        guard node.commitIndex > before else { return }
        let log = machines[id]!.disk.volatile
        if node.commitIndex > max(log.lastIndex, log.snapshot.lastIncluded.index) {
            object("\(id) committed \(node.commitIndex) behind its log's end \(log.lastIndex)")
        }
        var index = before.next
        while index <= node.commitIndex {
            if let entry = log.entry(at: index) { object(ledger.commit(entry, by: id)) }
            index = index.next
        }
        guard wasLeader, node.isLeader, let last = log.entry(at: node.commitIndex) else { return }
        let isDurable = BruteForce.isQuorum(of: node.membership) {
            machines[$0]?.disk.holds(last) == true
        }
        if !isDurable { object("\(id) committed \(last.line) without a majority's disks") }
    }

    /// A leader adds to its log and never changes it (Leader Append-Only, Raft §5.3); nobody
    /// changes what is committed.
    mutating func checkOverwrite(_ entries: [Entry], _ id: PeerID) {
        guard let first = entries.first else { return }
        let machine = machines[id]!
        let log = machine.disk.volatile
        if machine.node?.isLeader == true, first.index <= log.lastIndex {
            object("leader \(id) overwrites its log from \(first.index) on")
        }
        var index = first.index
        while index <= log.lastIndex {
            if let old = log.entry(at: index), ledger.committed[index] == old,
                !entries.contains(old)
            {
                object("\(id) throws away committed entry \(index)")
            }
            index = index.next
        }
    }

    /// Thesis §4.1: one change at a time, and majorities that overlap.
    mutating func checkMemberships(_ entries: [Entry], _ id: PeerID) {
        let changes = entries.compactMap { entry -> (LogIndex, Membership)? in
            guard case .membership(let membership, _) = entry.payload else { return nil }
            return (entry.index, membership)
        }
        guard !changes.isEmpty, machines[id]?.node?.isLeader == true else { return }
        let log = machines[id]!.disk.volatile
        var known = [(LogIndex.zero, log.snapshot.membership)]
        for entry in log.entries {
            if case .membership(let membership, _) = entry.payload {
                known.append((entry.index, membership))
            }
        }
        let open = known.filter { $0.0 > ledger.commitIndex }
        if open.count > 1 { object("\(id) has \(open.count) membership changes under way") }
        for (older, newer) in zip(known, known.dropFirst())
        where !older.1.voters.isEmpty && !BruteForce.quorumsIntersect(older.1, newer.1) {
            object("\(id): disjoint majorities of \(older.1.line) and \(newer.1.line)")
        }
    }

    /// Log Matching against all others.
    mutating func checkMatching(_ id: PeerID) {
        let log = machines[id]!.disk.volatile
        for other in ids where other != id {
            guard let disk = machines[other]?.disk else { continue }
            if let index = SafetyLedger.mismatch(log, disk.volatile) {
                object("the logs of \(id) and \(other) differ at \(index) and agree later")
            }
        }
    }
}
