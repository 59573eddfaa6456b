internal import Primitives
internal import Raft
internal import StoreModel
internal import Verification

/// What really happened, as the members' outputs showed it first: what all others are held to.
struct Truth {
    /// The committed log, as hashes of prefixes (R3, R4).
    private(set) var committed = CommittedLog()
    /// By index from 1 on: what the entry led to (S1).
    private var outcomes: [UInt64] = []
    /// By index from 1 on: the store's revision after the entry.
    private var revisions: [Revision] = []
    /// All changes by revision.
    private(set) var events = EventLog()
    /// Hashes of the whole state by index, where one was taken, and whose it was (S1, S2).
    private var stateHashes: [LogIndex: (hash: UInt64, member: PeerID)] = [:]
    /// The highest index that any member knew to be committed.
    private(set) var commitIndex = LogIndex.zero
    /// How far each term's leader committed, ascending in both.
    private var commits: [(term: Term, through: LogIndex)] = []
    /// Who led which term (R1).
    var leaders = LeaderRegistry()
    /// Logs with equal entries (R2).
    var prefixes = PrefixRegistry()
    /// Who got whose vote: by term and voter (R1, R6).
    private var votes: [Vote: PeerID] = [:]

    private struct Vote: Hashable {
        var term: Term
        var voter: PeerID
    }

    /// The state that the first members share: so many applied entries of term 1.
    mutating func bootstrap(entries: Int) throws(RunFailure) {
        for index in 0..<entries {
            try record(
                EntryID(index: LogIndex(UInt64(index) + 1), term: Term(1)),
                prefixHash: mix64(UInt64(index) + 1), outcomeHash: 0, revision: Revision(1), [],
                by: .zero)
        }
        noteCommit(through: committed.last, in: Term(1))
    }

    /// A member of this term knows that everything up to `index` is committed; nobody knew before.
    mutating func noteCommit(through index: LogIndex, in term: Term) {
        commitIndex = index
        if let last = commits.last, last.term >= term {
            commits[commits.count - 1].through = index
        } else {
            commits.append((term, index))
        }
    }

    /// What every leader of `term` must have: all that was committed in terms before it, even if
    /// it comes late into office (Raft §5.4, Leader Completeness).
    func committed(before term: Term) -> LogIndex {
        commits.last { $0.term < term }?.through ?? .zero
    }

    /// A member applied an entry; answers whether it was the first to do so.
    @discardableResult
    mutating func record(
        _ entry: EntryID, prefixHash: UInt64, outcomeHash: UInt64, revision: Revision,
        _ changes: [Event], by member: PeerID
    ) throws(RunFailure) -> Bool {
        let isFirst = entry.index > committed.last
        do throws(Violation) {
            try committed.record(index: entry.index, entryHash: prefixHash, by: member)
        } catch {
            throw RunFailure(error)
        }
        guard isFirst else {
            let position = Int(entry.index.rawValue) - 1
            if outcomes[position] != outcomeHash {
                throw RunFailure(
                    "S1",
                    "entry \(entry) had another outcome on member \(member) than on the first one "
                        + "(revision \(revision) against \(revisions[position]))")
            }
            return false
        }
        try checkNumbering(entry, revision, changes)
        outcomes.append(outcomeHash)
        revisions.append(revision)
        events.append(revision, changes)
        return true
    }

    /// S3: a mutating transaction makes one revision, anything else none.
    private func checkNumbering(
        _ entry: EntryID, _ revision: Revision, _ changes: [Event]
    ) throws(RunFailure) {
        let before = revisions.last ?? Revision(1)
        let expected = changes.isEmpty ? before : before.next
        guard revision == expected else {
            throw RunFailure(
                "S3",
                "entry \(entry) with \(changes.count) changes took the store from revision "
                    + "\(before) to \(revision)")
        }
    }

    /// The store's revision after an entry; nil if it is not known to be committed.
    func revision(after index: LogIndex) -> Revision? {
        guard index > .zero, index <= committed.last else { return nil }
        return revisions[Int(index.rawValue) - 1]
    }

    /// The hash of the committed log up to `index`.
    func prefixHash(at index: LogIndex) -> UInt64? {
        index == .zero ? 0 : committed.hash(at: index)
    }

    /// A member's whole state as of an applied entry (S1); with `checker` S2 if it was read back
    /// from its disk.
    mutating func record(
        stateHash: UInt64, at index: LogIndex, by member: PeerID, checker: String = "S1"
    ) throws(RunFailure) {
        guard let known = stateHashes[index] else {
            stateHashes[index] = (stateHash, member)
            return
        }
        if known.hash == stateHash { return }
        throw RunFailure(
            checker,
            "members \(known.member) and \(member) differ in their state at index \(index)")
    }

    /// A vote left its voter (R1: at most one in a term).
    mutating func record(vote voter: PeerID, for candidate: PeerID, in term: Term)
        throws(RunFailure)
    {
        let vote = Vote(term: term, voter: voter)
        let known = votes[vote] ?? candidate
        votes[vote] = known
        if known == candidate { return }
        throw RunFailure(
            "R1", "member \(voter) voted for \(known) and for \(candidate) in term \(term)")
    }
}
