package import Environment
internal import Leasing
internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel
internal import Watching
internal import WriteAheadLog

extension Member {
    /// Starts a member on its folder: a new one on an empty folder, else from what it finds.
    ///
    /// The backend says which entries are applied; the log says what came after. Where the process
    /// ended between putting an installed image in force and resetting the log, the log is
    /// behind the backend and is reset here.
    /// - Throws: `.refused` naming file and offset when something there cannot be trusted or
    ///   belongs to another member or cluster; `.disk` and `.backend` for failures. Nothing was
    ///   changed then.
    package static func open(
        configuration: MemberConfiguration, disk: any Disk, backends: any BackendProvider,
        now: MonotonicInstant
    ) throws(MemberFailure) -> Member {
        do {
            return try start(configuration, disk, backends, now)
        } catch {
            throw MemberFailure(any: error)
        }
    }

    private static func start(
        _ configuration: MemberConfiguration, _ disk: any Disk, _ backends: any BackendProvider,
        _ now: MonotonicInstant
    ) throws -> Member {
        let directory = configuration.directory
        try disk.createDirectory(directory)
        let lock = try disk.open(directory + "/lock", .createIfMissing)
        try lock.lock()
        try removeLeftovers(in: directory, disk)
        let backend = try backends.open()
        var store = try StateMachine(limits: configuration.limits, backend: backend)
        var (log, recovered) = try SegmentedLog.open(
            disk: disk, directory: MemberFiles.logDirectory(in: directory),
            options: LogOptions(
                segmentBytes: configuration.segmentBytes, clusterID: configuration.clusterID,
                memberID: configuration.id.rawValue, mutation: configuration.mutation))
        guard !recovered.isNew || store.appliedEntry == .zero else {
            // With the log its vote is gone, and what the member acknowledged last.
            throw MemberFailure.refused(
                reason: "there is no log in \(MemberFiles.logDirectory(in: directory)), but the "
                    + "backend includes entry \(store.appliedEntry)")
        }
        if store.appliedEntry == .zero, recovered.lastEntry == .zero {
            try bootstrap(&store, backend, configuration)
        }
        let restored = try join(store, &log, recovered, configuration)
        let files = MemberFiles(
            disk: disk, directory: directory, backends: backends, backend: backend, lock: lock)
        return Member(
            configuration: configuration, raft: RaftNode(
                configuration: raftConfiguration(configuration), restored: restored),
            store: store, log: log, files: files, now: now)
    }

    private init(
        configuration: MemberConfiguration, raft: RaftNode, store: StateMachine,
        log: SegmentedLog, files: MemberFiles, now: MonotonicInstant
    ) {
        self.configuration = configuration
        self.raft = raft
        self.store = store
        self.log = log
        self.files = files
        self.now = now
        var watching = WatchConfiguration(mutation: configuration.mutation)
        watching.deliveryBytesMax = configuration.watchDeliveryBytesMax
        watching.progressTicks = configuration.watchProgressTicks
        hub = WatchHub(configuration: watching)
        deadlines = LeaseDeadlines(checkpointSeconds: configuration.leaseCheckpointSeconds)
        snapshots = SnapshotProgress()
        var random = SplitMix64(seed: configuration.seed)
        // The upper bits differ at each start, the lower ones count.
        lastRequestNumber =
            (random.next() >> 2) & ~((1 << ForwardedProposals.countBits) - 1)
        isCompacting = store.isCompacting
        commits = CommitProgress(
            durable: store.appliedEntry, membership: raft.membership(asOf: store.appliedIndex))
    }

    /// Raft's settings with the member's identity, seed and deliberate bug.
    private static func raftConfiguration(
        _ configuration: MemberConfiguration
    ) -> RaftConfiguration {
        var raft = configuration.raft
        raft.id = configuration.id
        raft.seed = configuration.seed
        raft.mutation = configuration.mutation
        return raft
    }

    /// Images are only of use to the run that made them.
    private static func removeLeftovers(in directory: String, _ disk: any Disk) throws {
        for name in try disk.list(directory)
        where name.hasSuffix(".snapshot") || name.hasSuffix(".snapshot.part") {
            try disk.remove(directory + "/" + name)
        }
    }

    /// Gives a new cluster's member the state that all of its first members share: one applied
    /// entry of term 1 for each of them. The log of the cluster therefore never begins at its
    /// first entry, and a member that joins later always receives an image, which tells it who
    /// the first members were.
    private static func bootstrap(
        _ store: inout StateMachine, _ backend: any Backend,
        _ configuration: MemberConfiguration
    ) throws {
        let members = configuration.initialMembers.sorted { $0.0 < $1.0 }
        guard !members.isEmpty else { return }
        var index = LogIndex.zero
        store.membershipRecord = Membership(voters: members.map(\.0)).encoded()
        for (peer, attributes) in members {
            index = index.next
            _ = store.apply(.setMember(peer, attributes), at: index, term: Term(1))
        }
        if let batch = store.takeBatch() {
            try backend.commit(batch)
            store.batchCommitted()
        }
    }

    /// Puts backend and log together into the state that Raft starts from.
    private static func join(
        _ store: StateMachine, _ log: inout SegmentedLog, _ recovered: RecoveredLog,
        _ configuration: MemberConfiguration
    ) throws -> RestoredState {
        let applied = store.appliedEntry
        let membership =
            applied == .zero
            ? Membership(voters: [])
            : try Membership(decoding: store.membershipRecord)
        guard recovered.baseEntry.index <= applied.index else {
            throw MemberFailure.refused(
                reason: "the log in \(MemberFiles.logDirectory(in: configuration.directory)) "
                    + "starts behind entry \(recovered.baseEntry.index), but the backend "
                    + "includes only entries up to \(applied.index)")
        }
        var hardState = recovered.hardState
        let entries = recovered.entries
        let holdsApplied =
            recovered.baseEntry == applied
            || entries.contains { $0.index == applied.index && $0.term == applied.term }
        guard holdsApplied || applied == .zero else {
            hardState.commitIndex = max(hardState.commitIndex, applied.index)
            if applied.term > hardState.term {
                hardState.term = applied.term
                hardState.votedFor = .zero
            }
            try log.reset(to: applied, hardState: hardState)
            return RestoredState(
                hardState: hardState,
                snapshot: SnapshotDescription(lastIncluded: applied, membership: membership),
                entries: [])
        }
        let base = startingPoint(recovered, applied: applied)
        hardState.commitIndex = max(hardState.commitIndex, applied.index)
        // The commit index is a hint that may have outlived the entries of a torn tail.
        hardState.commitIndex = min(
            hardState.commitIndex, max(recovered.lastEntry.index, applied.index))
        return RestoredState(
            hardState: hardState,
            snapshot: SnapshotDescription(lastIncluded: base, membership: membership),
            entries: entries.filter { $0.index > base.index })
    }

    /// From where on the log is kept in memory: as far back as the membership of the backend has
    /// been in force, so that followers that lag a little need no image.
    private static func startingPoint(_ recovered: RecoveredLog, applied: EntryID) -> EntryID {
        var base = recovered.baseEntry
        for entry in recovered.entries where entry.index <= applied.index {
            if case .membership = entry.payload {
                base = EntryID(index: entry.index, term: entry.term)
            }
        }
        return base
    }

    /// Closes the files; the member must not be used again.
    package func close() {
        log.close()
        files.backend.close()
        files.lock.close()
    }
}
