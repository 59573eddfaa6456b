package import Primitives

/// What the cluster committed, entry by entry, as the first member that applied it had it. The
/// simulator's global truth for R3 and R4.
package struct CommittedLog: Sendable {
    /// By index from 1 on.
    private var hashes: [UInt64] = []
    private var firstAppliers: [PeerID] = []

    /// Nothing is committed yet.
    package init() {}

    /// The highest index committed so far; zero for none.
    package var last: LogIndex { LogIndex(UInt64(hashes.count)) }

    /// The hash of the entry at `index`; nil if it is not committed.
    package func hash(at index: LogIndex) -> UInt64? {
        guard index > .zero, index <= last else { return nil }
        return hashes[Int(index.rawValue) - 1]
    }

    /// A member applied an entry.
    /// - Throws: `.stateMachineSafety` if another entry was applied at this index before, or
    ///   nobody has applied the one below (Raft §5.4.3, State Machine Safety).
    package mutating func record(
        index: LogIndex, entryHash: UInt64, by member: PeerID
    ) throws(Violation) {
        if let known = hash(at: index) {
            if known == entryHash { return }
            throw Violation(
                .stateMachineSafety,
                "member \(member) applied another entry at index \(index) than member "
                    + "\(firstAppliers[Int(index.rawValue) - 1])")
        }
        guard index == last.next else {
            throw Violation(
                .stateMachineSafety,
                "member \(member) applied index \(index), but nobody applied \(last.next)")
        }
        hashes.append(entryHash)
        firstAppliers.append(member)
    }

    /// A member became leader. `hashAt` answers for its log; nil where the entry is compacted
    /// into a snapshot (`firstIndex` is the lowest entry it still has).
    /// - Throws: `.leaderCompleteness` if it lacks a committed entry (Raft §5.4).
    package func checkLeader(
        _ leader: PeerID, term: Term, firstIndex: LogIndex, hashAt: (LogIndex) -> UInt64?
    ) throws(Violation) {
        var index = max(firstIndex, LogIndex(1))
        while index <= last {
            if hashAt(index) != hash(at: index) {
                throw Violation(
                    .leaderCompleteness,
                    "leader \(leader) of term \(term) lacks the entry committed at index \(index)")
            }
            index = index.next
        }
    }
}
