package import Primitives

/// Raft for one member, as a value: inputs go in, what must be done comes out (Ongaro and
/// Ousterhout, "In Search of an Understandable Consensus Algorithm", here "Raft"; Ongaro's thesis).
///
/// The contract of a caller:
/// - `RaftOutput.write` goes to the disk in the order given; once it is durable, and all before
///   it are, its mark comes back with `.persisted`. Nothing else says that something is durable.
/// - `messages` may leave at once, also while a write is under way: what may not leave before a
///   write is durable is held back here.
/// - `committed` entries are durable on this member and handed out once, in order.
///
/// Time is counted in ticks, randomness comes from the configured seed, so equal inputs give
/// equal outputs.
package struct RaftNode: Sendable {
    /// What the node was told.
    package let configuration: RaftConfiguration
    /// The latest term seen.
    package internal(set) var term: Term
    /// Who got this node's vote in `term`; zero for nobody.
    package internal(set) var votedFor: PeerID
    /// The leader of `term` as far as it is known; zero if nobody is.
    package internal(set) var leader = PeerID.zero
    /// The highest index known to be committed.
    package internal(set) var commitIndex: LogIndex
    /// Whether this node was told that it is no longer a member; it does not campaign then.
    package internal(set) var isRemoved = false

    var role = Role.follower
    var log: RaftLog
    /// Memberships by the index at which they came into force, ascending; the first is the base.
    var memberships: [(index: LogIndex, membership: Membership)]
    /// Ticks since the leader was heard (as leader: since the quorum was checked).
    var electionElapsed = 0
    /// After so many the node may campaign.
    var electionTimeout: Int
    var random: SplitMix64
    /// Writes that are not known to be durable.
    var persistence: Persistence
    /// Messages that must not leave before the write with the number is durable, ascending.
    var held: [(number: UInt64, message: Message)] = []
    /// The last entry handed out as committed.
    var handedOut: LogIndex
    /// The image being received.
    var receiving: (lastIncluded: EntryID, nextOffset: UInt64)?
    /// What the present step has to say.
    var output = RaftOutput()

    /// Starts from what is on the disk. All of `restored` is durable.
    package init(configuration: RaftConfiguration, restored: RestoredState) {
        invariant(configuration.heartbeatTicks >= 1, "heartbeats need at least one tick")
        invariant(
            configuration.electionTicks > configuration.heartbeatTicks,
            "an election must take longer than a heartbeat")
        self.configuration = configuration
        log = RaftLog(base: restored.snapshot.lastIncluded, entries: restored.entries)
        memberships = [(restored.snapshot.lastIncluded.index, restored.snapshot.membership)]
        for entry in restored.entries {
            if case .membership(let membership, _) = entry.payload {
                memberships.append((entry.index, membership))
            }
        }
        // A new cluster's first image is of term 1, though nobody was elected in it.
        let hardState = restored.hardState
        term = max(hardState.term, log.lastEntry.term)
        votedFor = term == hardState.term ? hardState.votedFor : .zero
        // A hint that may have outlived the entries of a torn tail.
        commitIndex = max(
            min(hardState.commitIndex, log.lastIndex), restored.snapshot.lastIncluded.index)
        handedOut = restored.snapshot.lastIncluded.index
        persistence = Persistence(hardState: hardState, lastIndex: log.lastIndex)
        random = SplitMix64(seed: configuration.seed)
        electionTimeout = configuration.electionTicks
        invariant(
            commitIndex <= log.lastIndex,
            "committed \(commitIndex), but the log ends at \(log.lastIndex)")
        drawElectionTimeout()
    }

    /// Handles one input completely.
    package mutating func step(_ input: RaftInput) -> RaftOutput {
        var isTick = false
        switch input {
        case .tick:
            tick()
            isTick = true
        case .message(let message): receive(message)
        case .propose(let commands): propose(commands)
        case .proposeAsLeader(let command): proposeAsLeader(command)
        case .proposeMembership(let change): propose(change)
        case .readIndex(let id): read(id)
        case .transferLeadership(let target): transferLeadership(to: target)
        case .campaign: campaignIfAllowed(isTransfer: false)
        case .persisted(let mark): confirm(mark)
        case .snapshotChunkRead(let peer, let chunk): send(chunk, to: peer)
        case .snapshotReadFailed(let peer): snapshotReadFailed(peer)
        case .snapshotChunkStored(let lastIncluded, let nextOffset):
            chunkStored(lastIncluded, nextOffset)
        case .snapshotInstalled(let description): installed(description)
        case .snapshotFailed(let lastIncluded): snapshotFailed(lastIncluded)
        case .compactLog(let through, _): forget(through: through)
        case .peerUnreachable(let peer): lostContact(with: peer)
        }
        startReadRound()
        emitWrite(isTick: isTick)
        handOutCommitted()
        // Swapped, so that nothing is copied.
        var finished = RaftOutput()
        swap(&finished, &output)
        return finished
    }

    private mutating func tick() {
        if case .leader = role {
            tickAsLeader()
            return
        }
        electionElapsed += 1
        if electionElapsed >= electionTimeout {
            drawElectionTimeout()
            electionElapsed = 0
            // Also one that may not campaign no longer counts as hearing a leader: its vote may be
            // wanted by a membership that it does not know yet.
            forgetLeader()
            campaignIfAllowed(isTransfer: false)
        }
    }

    /// Ends a step: what is committed and durable here is handed out once.
    private mutating func handOutCommitted() {
        let through = min(commitIndex, persistence.stableIndex)
        guard through > handedOut else { return }
        output.committed += log.entries(from: handedOut.next, through: through)
        handedOut = through
    }

    /// Lets the beginning of the log go; what is not handed out stays.
    private mutating func forget(through index: LogIndex) {
        let through = min(index, handedOut)
        guard through >= log.firstIndex else { return }
        log.forget(through: through)
        let kept = memberships.lastIndex { $0.index <= through } ?? 0
        memberships.removeFirst(kept)
    }
}

/// What others may know.
extension RaftNode {
    /// Which member this is.
    package var id: PeerID { configuration.id }

    /// Whether this node leads its term.
    package var isLeader: Bool {
        if case .leader = role { return true }
        return false
    }

    /// Whether this node asks for real votes.
    package var isCandidate: Bool {
        if case .candidate = role { return true }
        return false
    }

    /// Whether this node asks whether an election could be won.
    package var isPreCandidate: Bool {
        if case .preCandidate = role { return true }
        return false
    }

    /// The last entry of the log.
    package var lastEntry: EntryID { log.lastEntry }

    /// The first entry that is still in memory; one more than the last if none is.
    package var firstIndex: LogIndex { log.firstIndex }

    /// The last entry that is durable here.
    package var stableIndex: LogIndex { persistence.stableIndex }

    /// The membership in force: the latest in the log, committed or not (Raft §6).
    package var membership: Membership { memberships[memberships.count - 1].membership }

    /// The membership in force as of an entry that is not forgotten; the base's before it.
    package func membership(asOf index: LogIndex) -> Membership {
        (memberships.last { $0.index <= index } ?? memberships[0]).membership
    }

    /// The index at which the membership in force stands.
    package var membershipIndex: LogIndex { memberships[memberships.count - 1].index }

    /// The term of an entry; nil if it is forgotten or not there.
    package func term(at index: LogIndex) -> Term? { log.term(at: index) }

    /// An entry; nil if it is forgotten or not there.
    package func entry(at index: LogIndex) -> Entry? { log.entry(at: index) }

    /// The entries from `first` through `last`, which must be in memory.
    package func entries(from first: LogIndex, through last: LogIndex) -> [Entry] {
        log.entries(from: first, through: last)
    }

    /// Whether an entry of the present term is committed: from then on a leader knows all that is
    /// (Raft §8).
    package var hasCommittedInTerm: Bool { log.term(at: commitIndex) == term }

    /// What has to be on the disk.
    package var hardState: HardState {
        HardState(term: term, votedFor: votedFor, commitIndex: commitIndex)
    }

    /// As leader, how far a member is: durable through `match`, sent through before `next`; nil
    /// for others.
    package func progress(of peer: PeerID) -> (match: LogIndex, next: LogIndex)? {
        guard case .leader(let leadership) = role,
            let position = leadership.position(of: peer)
        else { return nil }
        let progress = leadership.progress[position]
        return (progress.matchIndex, progress.nextIndex)
    }

    /// As leader, the member that leadership is being passed to.
    package var transferTarget: PeerID? {
        guard case .leader(let leadership) = role else { return nil }
        return leadership.transfer?.target
    }
}
