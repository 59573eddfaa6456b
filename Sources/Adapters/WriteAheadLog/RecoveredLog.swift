internal import Primitives
package import Raft

/// What a log held when it was opened. All of it is durable.
package struct RecoveredLog: Sendable {
    /// The last hard state; `.init()` for a new log. Its commit index is a hint and may lie
    /// beyond the last entry, where unsynced entries were lost.
    package var hardState: HardState
    /// The entry before the first of `entries`; zero for a log from its beginning.
    package var baseEntry: EntryID
    /// All entries after `baseEntry`, consecutive.
    package var entries: [Entry]
    /// The folder held no log: this one was made just now.
    package var isNew: Bool
    /// What a write that was cut short had left; nil if there was nothing of the kind.
    package var tornTail: TornTail?

    /// The last entry; `baseEntry` if there is none after it.
    package var lastEntry: EntryID {
        entries.last.map { EntryID(index: $0.index, term: $0.term) } ?? baseEntry
    }
}

/// Sectors of batches that were never synced and are not complete.
package struct TornTail: Sendable, Equatable {
    /// The segment.
    package var path: String
    /// Where the batches that count end.
    package var offset: Int
    /// How many sectors behind that held something.
    package var sectors: Int
}

/// What the records of a log up to some point amount to.
struct LogPosition: Equatable {
    var hardState = HardState()
    var lastEntry = EntryID.zero
}
