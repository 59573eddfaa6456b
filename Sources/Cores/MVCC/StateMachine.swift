internal import Environment
package import Primitives
package import StoreModel

/// The replicated state: every version of every key that is kept, leases, alarms and what is
/// known of the members, with the semantics of etcd v3.
///
/// `apply` takes the log's commands one by one and depends on nothing but them, so that members
/// with equal logs have equal states to the bit, whatever they have compacted, restarted or
/// received as an image. Reads answer from the state as it is now.
///
/// Keys and what is known of them are in memory; records of history are in the tail, in memory,
/// until a batch has taken them into the backend. The owner takes batches and commits them one at
/// a time, possibly elsewhere, while applying goes on.
package struct StateMachine {
    /// Bounds that all members share.
    package let limits: StoreLimits
    /// Whether `ApplyOutcome.events` carry the versions before; costs a read for each change.
    package var recordsPreviousVersions = false

    /// Single values.
    var meta: Meta
    /// The values that the backend has, or will have with the batch under way.
    var savedMeta: Meta
    /// Under a deliberate bug: the applied entry that the batch before should have had.
    var delayedMeta: Meta?
    /// Keys in order, with their newest records and links to older ones.
    var index = KeyIndex()
    /// Records of history.
    var records: RecordStore
    /// Leases and their keys.
    var leases: LeaseTable
    /// What is known of members.
    var members: Roster
    /// Where the compaction under way goes on; nil if none is.
    var sweepCursor: Bytes?
    /// The sum of the contributions of all records in the index.
    var historyHash: UInt64 = 0

    /// The newest revision; counts commands that changed keys, from 1 for a new store.
    package var revision: Revision { meta.revision }

    /// Reads below it are refused; zero before the first compaction. A watch may start exactly
    /// here: its changes are kept, deletions too.
    package var compactRevision: Revision { meta.compactRevision }

    /// The last entry applied; zero for a new state.
    package var appliedIndex: LogIndex { meta.appliedIndex }

    /// The term of the last entry applied.
    package var appliedTerm: Term { meta.appliedTerm }

    /// The engine's encoded membership as of the last entry applied; opaque here. It goes into
    /// the same batches as everything else.
    package var membershipRecord: Bytes {
        get { meta.membershipRecord }
        set { meta.membershipRecord = newValue }
    }

    /// Keys that exist.
    package var keyCount: Int { index.liveCount }

    /// The alarms raised, sorted.
    package var alarms: [Alarm] { meta.alarms }

    /// What is known of members, sorted by member.
    package var roster: [(PeerID, MemberAttributes)] { members.members }

    /// What is known of a member.
    package func attributes(of member: PeerID) -> MemberAttributes? { members[member] }

    /// Records applied that no batch has taken.
    package var uncommittedRecordCount: Int { records.tail.untakenCount }

    /// Bytes of their keys and values.
    package var uncommittedBytes: Int { records.tail.untakenBytes }

    /// An entry without a command was applied.
    package mutating func skip(to index: LogIndex, term: Term) {
        invariant(index == appliedIndex.next, "entry \(index) follows \(appliedIndex)")
        invariant(term >= appliedTerm, "an entry of term \(term) follows one of \(appliedTerm)")
        meta.appliedIndex = index
        meta.appliedTerm = term
    }
}
