package import Primitives
package import Raft

/// Where a member stands: a few numbers at little cost, for the simulator's checkers after every
/// turn and for metrics.
package struct MemberPosition: Sendable, Equatable {
    /// The latest term seen.
    package var term = Term.zero
    /// Whether it leads that term.
    package var isLeader = false
    /// The leader it knows of; zero for none.
    package var leader = PeerID.zero
    /// The highest index known to be committed.
    package var commitIndex = LogIndex.zero
    /// The first entry that the log still has in memory.
    package var firstIndex = LogIndex(1)
    /// The last entry of the log.
    package var lastEntry = EntryID.zero
    /// The last entry applied.
    package var appliedEntry = EntryID.zero
    /// The store's revision.
    package var revision = Revision.zero
    /// The last entry covered by the log write that is being synced; nil if none is.
    package var syncingThrough: EntryID?
    /// The last entry covered by the backend commit that is under way or waits for room; nil if
    /// there is none.
    package var committingThrough: EntryID?
    /// That commit found no room on the disk.
    package var waitsForSpace = false
    /// Lagging watches want another turn.
    package var hasWork = false

    /// Nowhere yet.
    package init() {}
}

extension Member {
    /// Whether another turn would do something without any new input (lagging watches).
    package var hasWork: Bool { hub.hasWork && !snapshots.isInstalling }

    /// Where the member stands now.
    package var position: MemberPosition {
        var position = MemberPosition()
        position.term = raft.term
        position.isLeader = raft.isLeader
        position.leader = raft.leader
        position.commitIndex = raft.commitIndex
        position.firstIndex = raft.firstIndex
        position.lastEntry = raft.lastEntry
        position.appliedEntry = store.appliedEntry
        position.revision = store.revision
        position.syncingThrough = syncing?.lastEntry
        position.committingThrough = commits.running?.entry
        position.waitsForSpace = commits.refused != nil
        position.hasWork = hasWork
        return position
    }
}
