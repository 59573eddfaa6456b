/// A deliberate bug that the simulator must notice (docs/TESTING.md lists them with the checkers).
///
/// Only builds with the flag `SIMULATION` contain them; elsewhere `isActive` is always false and
/// the branch compiles to nothing.
public enum Mutation: Int, CaseIterable, Sendable, Hashable {
    case commitsPriorTermByCount = 1
    case votesBeforePersisting = 2
    case acknowledgesAppendBeforeSync = 3
    case acceptsStalePersistence = 4
    case truncatesOnEveryAppend = 5
    case commitsUnverifiedEntries = 6
    case quorumOfHalf = 7
    case comparesIndexBeforeTerm = 8
    case keepsVoteAcrossTerms = 9
    case changesMembershipBeforeOwnTermCommit = 10
    case allowsTwoMembershipChanges = 11
    case keepsMembershipAfterTruncation = 12
    case readsWithoutReadIndex = 13
    case readIndexBeforeOwnTermCommit = 14
    case reusesReadContext = 15
    case readsBeforeApplied = 16
    case truncatesCorruptedMiddle = 17
    case releasesLogBeforeDurable = 18
    case commitsAppliedIndexSeparately = 19
    case revisionFromLastKeptRecord = 20
    case progressWhileUnsynced = 21
    case resetsWatchersOnSnapshot = 22
    case dropsSlowWatcherBatch = 23
    case splitsRevisionAcrossBatches = 24
    case noCheckQuorum = 25
    case noPreVote = 26
    case snapshotNeverRetried = 27
    case oldLeaderRevokesLeases = 28
    case endsLaterLease = 29
    /// The canary: an acknowledged put is forgotten. Every checker run must catch it.
    case canary = 30
}

extension Optional where Wrapped == Mutation {
    /// Whether this build carries the deliberate bug `mutation` and it is switched on.
    @inlinable
    public func isActive(_ mutation: Mutation) -> Bool {
        #if SIMULATION
        return self == mutation
        #else
        return false
        #endif
    }
}
