internal import Environment
internal import Leasing
package import MVCC
package import Primitives
package import Raft
internal import StoreModel
package import Watching
internal import WriteAheadLog

/// One member of the replicated store: Raft, its log, the state machine, the backend, watches and
/// leases composed in the order in which they ship. A value without threads or clocks: inputs go
/// in, outputs come out, and the shell (or the simulator) does what the outputs say.
///
/// The order that makes it safe:
/// 1. What Raft wants written goes to the log, one write at a time; only the finished sync is
///    reported back, and only then do answers that need it leave (Raft figure 2).
/// 2. Entries are applied once they are committed and durable here; the answer to a client leaves
///    after that.
/// 3. Applied changes become durable in the backend later, together with the applied index. Log
///    entries are released only behind a finished backend commit.
///
/// Callers either `step` one input at a time, or `receive` many and `finishTurn` once, which
/// turns them into one batch for the log.
package struct Member {
    /// What the member was told.
    package let configuration: MemberConfiguration
    /// Consensus; for inspection.
    package internal(set) var raft: RaftNode
    /// The replicated state; for inspection.
    package internal(set) var store: StateMachine
    /// The watches; for inspection.
    package internal(set) var hub: WatchHub
    /// The leader's clock for leases.
    var deadlines: LeaseDeadlines
    /// The write-ahead log.
    var log: SegmentedLog
    /// Disk, folder and backend.
    let files: MemberFiles

    /// This member's clock at its last tick.
    var now: MonotonicInstant
    /// Ticks since the start.
    var tick: UInt64 = 0
    /// What the present turn wants done.
    var output = MemberOutput()
    /// Why the member stopped; nothing is done any more.
    package internal(set) var failure: MemberFailure?

    /// Commands to be proposed at the end of the turn.
    var proposals: [Bytes] = []
    /// Commands that wait for a leader.
    var proposalsWithoutLeader: [Bytes] = []
    /// Requests that wait for the log.
    var pending = PendingRequests()
    /// Reads that wait for their index.
    var reads = PendingReads()
    /// Leadership transfers asked for here.
    var transfers: [(requestID: RequestID, target: PeerID, deadlineTick: UInt64)] = []
    /// Questions about leases on their way to the leader.
    var leaseQuestions:
        [(number: UInt64, renewal: LeaseRenewal, deadlineTick: UInt64, sentTo: PeerID)] = []
    /// Requests for a lease's time that want its keys too.
    var timeToLiveKeys: Set<RequestID> = []
    /// Numbers given to requests so far; starts anywhere, so that restarts don't repeat them.
    var lastRequestNumber: UInt64
    /// Forwarded proposals seen in the present term, so that a duplicated message adds nothing.
    var forwarded = ForwardedProposals()

    /// Writes that wait for the one in flight.
    var queuedWrites: [LogWrite] = []
    /// The mark of the write being synced.
    var syncing: PersistenceMark?
    /// That write needs no sync of its own.
    var unsynced = false
    /// What is being, or was last, committed to the backend.
    var commits = CommitProgress()
    /// Images for followers that lag, and the one being received.
    var snapshots: SnapshotProgress
    /// Compaction has records left to delete.
    var isCompacting = false
    /// Whether this member's deadlines rule: it leads and has applied its term's first entry.
    var isPrimary: Bool { deadlines.isPrimary }

    /// Which member this is.
    package var id: PeerID { configuration.id }

    /// Handles one input completely.
    package mutating func step(_ input: MemberInput) -> MemberOutput {
        receive(input)
        return finishTurn()
    }

    /// Takes an input in; its effects come out of `finishTurn`.
    package mutating func receive(_ input: MemberInput) {
        guard failure == nil else {
            refuseAfterFailure(input)
            return
        }
        switch input {
        case .tick(let instant): advance(to: instant)
        case .peer(let message): receive(message)
        case .peerUnreachable(let peer): absorb(raft.step(.peerUnreachable(peer)))
        case .request(let id, let request): receive(request, id)
        case .forget(let id):
            pending.forget(id)
            reads.forget(id)
            transfers.removeAll { $0.requestID == id }
        case .jobDone(let result): finish(result)
        case .watch, .cancelWatch, .requestProgress, .watchOutlet, .closeWatchStream:
            receiveWatch(input)
        }
    }

    /// Proposes, persists, applies and answers what the inputs since the last turn made possible.
    package mutating func finishTurn() -> MemberOutput {
        if failure == nil {
            proposeAll()
            startReads()
            repeat {
                startLogWrite()
            } while confirmUnsyncedWrites()
            serveConfirmedReads()
            startCommit()
            catchUpWatchers()
        }
        output.failure = failure
        // Swapped, so that nothing is copied.
        var finished = MemberOutput()
        swap(&finished, &output)
        return finished
    }

    /// Takes over what a Raft step wants.
    mutating func absorb(_ result: RaftOutput) {
        for event in result.events {
            note(event)
        }
        output.events += result.events
        for message in result.messages {
            output.messages.append(.raft(message))
        }
        if let write = result.write {
            queuedWrites.append(write)
        }
        for (bytes, refusal) in result.refusedProposals {
            refuse(bytes, refusal)
        }
        if let (change, refusal) = result.refusedChange {
            refuse(change.context, refusal)
        }
        confirm(result.readPermits, refused: result.refusedReads)
        if let chunk = result.receivedChunk {
            store(chunk)
        }
        for read in result.snapshotReads {
            answer(read)
        }
        if !result.committed.isEmpty {
            apply(result.committed)
        }
    }

    /// Time passed.
    private mutating func advance(to instant: MonotonicInstant) {
        invariant(instant >= now, "the member's clock went back")
        now = instant
        tick += 1
        absorb(raft.step(.tick))
        expireRequests()
        expireLeaseQuestions()
        sendLeaseQuestions()
        retryReads()
        manageLeases()
        manageRoster()
        checkQuota()
        hub.tick(revision: store.revision, into: &output.deliveries)
    }

    /// A message of another member.
    private mutating func receive(_ message: PeerMessage) {
        guard message.to == id else { return }
        switch message {
        case .raft(var raftMessage):
            if case .forwardProposals(let bytes) = raftMessage.body {
                guard let fresh = admitForwarded(bytes, raftMessage) else { return }
                raftMessage.body = .forwardProposals(fresh)
            }
            if case .forwardMembershipChange(let change) = raftMessage.body,
                admitForwarded([change.context], raftMessage) != [change.context]
            {
                return
            }
            absorb(raft.step(.message(raftMessage)))
        case .leaseRequest(let from, _, let number, let question):
            receive(question, from: from, number: number)
        case .leaseAnswer(_, _, let number, let answer):
            receive(answer, number: number)
        case .refusal(_, _, let number, let refusal):
            refuse(number: number, refusal)
        }
    }

    /// A deterministic reaction to what Raft says happened.
    private mutating func note(_ event: RaftEvent) {
        switch event {
        case .becameLeader:
            forwarded = ForwardedProposals()
            snapshots.forgetReaders()
        case .becameFollower, .steppedDown:
            stopBeingPrimary()
        case .leaderChanged(let leader, _):
            if leader != .zero { reproposeForNewLeader() }
            finishTransfers(leader: leader)
        case .removedFromMembership:
            stopBeingPrimary()
        default: break
        }
    }

    /// Ends the member: nothing it says from now on can be trusted.
    mutating func fail(_ reason: MemberFailure) {
        guard failure == nil else { return }
        failure = reason
        for request in pending.takeAll() {
            giveUp(request, .stopped)
        }
        for read in reads.takeAll() {
            if let id = read.requestID { respond(id, .failure(.stopped)) }
        }
        for transfer in transfers {
            respond(transfer.requestID, .failure(.stopped))
        }
        transfers = []
    }

    /// Answers requests to a member that has stopped.
    private mutating func refuseAfterFailure(_ input: MemberInput) {
        if case .request(let id, _) = input {
            respond(id, .failure(.stopped))
        }
    }

    /// Checks what must hold between the parts; costly, for the simulator.
    package func checkInvariants() {
        raft.checkInvariants()
        hub.checkInvariants()
        invariant(
            store.appliedIndex <= raft.commitIndex,
            "applied \(store.appliedIndex) above commit \(raft.commitIndex)")
        invariant(
            commits.durable.index <= store.appliedIndex,
            "backend at \(commits.durable) beyond applied \(store.appliedIndex)")
    }
}
