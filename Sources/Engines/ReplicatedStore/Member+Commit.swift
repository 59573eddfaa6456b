internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel
internal import WriteAheadLog

/// How far the backend follows the applied state.
struct CommitProgress {
    /// The last entry that the backend durably includes.
    var durable: EntryID
    /// The membership as of it.
    var durableMembership: Membership
    /// What the commit under way will make durable.
    var running: (entry: EntryID, membership: Membership)?
    /// That commit found no room, and is tried again from the tick on.
    var refused: (batch: BackendBatch, retryTick: UInt64)?
    /// Tick of the last start.
    var lastTick: UInt64 = 0

    init(durable: EntryID = .zero, membership: Membership = Membership(voters: [])) {
        self.durable = durable
        durableMembership = membership
    }

    /// A commit uses the backend now.
    var isUnderWay: Bool { running != nil && refused == nil }
}

/// Committing applied changes to the backend, off the request path.
extension Member {
    /// Ticks after which a commit that found no room is tried again.
    static let commitRetryTicks: UInt64 = 10

    /// Starts a commit when enough waits, or long enough after the last.
    mutating func startCommit() {
        guard !snapshots.isInstalling, snapshots.delayedInstall == nil, failure == nil
        else { return }
        guard commits.running == nil else {
            repeatCommit()
            return
        }
        let isDue = tick >= commits.lastTick + UInt64(configuration.commitTicks)
        let isFull = store.uncommittedRecordCount >= configuration.commitRecordsMax
        guard isFull || (isDue && (store.appliedEntry != commits.durable || isCompacting)) else {
            return
        }
        if isCompacting {
            isCompacting = store.compactSlice(recordsMax: configuration.compactionSliceMax)
        }
        guard let batch = store.takeBatch() else { return }
        commits.running = (store.appliedEntry, committedMembership())
        commits.lastTick = tick
        output.jobs.append(.commit(batch))
        if configuration.mutation.isActive(.releasesLogBeforeDurable) {
            releaseLog(through: store.appliedEntry, image: store.appliedEntry)
        }
    }

    /// The disk is full. What was applied stays in memory and in the log, which keeps all entries
    /// from here on; the alarm sees to it that only deletions and the like add to that.
    mutating func postponeCommit(_ batch: BackendBatch) {
        commits.refused = (batch, retryTick: tick + Self.commitRetryTicks)
        checkSpace()
        // An image brings a backend of its own.
        startDelayedInstall()
    }

    private mutating func repeatCommit() {
        guard let refused = commits.refused, tick >= refused.retryTick else { return }
        commits.refused = nil
        output.jobs.append(.commit(refused.batch))
    }

    /// The batch is durable: the log behind it may go, but for what lagging followers may need.
    mutating func finishCommit() {
        guard let running = commits.running else { return }
        commits.running = nil
        commits.durable = running.entry
        commits.durableMembership = running.membership
        store.batchCommitted()
        startDelayedInstall()
        releaseLog(through: commits.durable, image: commits.durable)
    }

    /// Lets Raft and the log forget entries that the backend includes.
    private mutating func releaseLog(through entry: EntryID, image: EntryID) {
        let kept = configuration.entriesKept
        guard entry.index.rawValue > kept else { return }
        let through = LogIndex(entry.index.rawValue - kept)
        guard through >= raft.firstIndex, let term = raft.term(at: through) else { return }
        absorb(
            raft.step(
                .compactLog(
                    through: through,
                    image: SnapshotDescription(
                        lastIncluded: image, membership: commits.durableMembership))))
        do {
            try log.release(through: through, base: EntryID(index: through, term: term))
        } catch {
            fail(.log(error))
        }
    }

    /// The membership as of the applied index.
    func committedMembership() -> Membership {
        raft.membership(asOf: store.appliedIndex)
    }

    /// Bytes allocated and in use; while an image is being put in force, as they were before.
    var backendSizes: (allocatedBytes: Int, inUseBytes: Int) {
        snapshots.sizesBeforeInstall ?? files.backend.sizes()
    }

    /// Raises the NOSPACE alarm, unless it is raised, when the backend is above its quota or found
    /// no room for a commit.
    mutating func checkSpace() {
        let alarm = Alarm(member: id, kind: .noSpace)
        guard raft.leader != .zero, !store.alarms.contains(alarm) else { return }
        let isOverQuota =
            configuration.quotaBytes > 0 && backendSizes.allocatedBytes > configuration.quotaBytes
        if isOverQuota || commits.refused != nil { proposeQuietly(.activateAlarm(alarm)) }
    }
}
