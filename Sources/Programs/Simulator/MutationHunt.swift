package import Primitives

/// How a deliberate bug is looked for: in which profiles, and in how many seeds it must be found.
package struct MutationHunt: Sendable {
    /// The bug.
    package let mutation: Mutation
    /// The profiles in which it shows; seeds take them in turn.
    package let profiles: [Profile]
    /// Seeds within which a checker must notice (RELIABILITY C1).
    package let seedsMax: Int

    /// How to look for a bug.
    package init(_ mutation: Mutation) {
        self.mutation = mutation
        (profiles, seedsMax) = Self.terrain(of: mutation)
    }

    /// All bugs that must be found, without the canary.
    package static let all = Mutation.allCases.filter { $0 != .canary }.map(MutationHunt.init)

    /// The run of the `number`-th try, from 0 on.
    package func request(_ number: Int) -> RunRequest {
        RunRequest(
            seed: UInt64(number) + 1, profile: profiles[number % profiles.count],
            mutation: mutation)
    }

    private static func terrain(of mutation: Mutation) -> ([Profile], Int) {
        switch mutation {
        case .commitsPriorTermByCount: return ([.elections], 2_000)
        case .votesBeforePersisting: return ([.crashes, .network], 1_000)
        case .acknowledgesAppendBeforeSync: return ([.crashes, .network], 200)
        case .acceptsStalePersistence: return ([.elections, .network, .crashes], 2_000)
        case .truncatesOnEveryAppend: return ([.network], 500)
        case .commitsUnverifiedEntries: return ([.network, .crashes], 1_000)
        case .quorumOfHalf: return ([.network, .membership], 200)
        case .comparesIndexBeforeTerm: return ([.elections, .network], 1_000)
        case .keepsVoteAcrossTerms: return ([.network, .crashes], 200)
        case .changesMembershipBeforeOwnTermCommit: return ([.membership], 5_000)
        case .allowsTwoMembershipChanges: return ([.membership], 500)
        case .keepsMembershipAfterTruncation: return ([.membership], 5_000)
        case .readsWithoutReadIndex: return ([.network], 200)
        case .readIndexBeforeOwnTermCommit: return ([.network, .crashes], 500)
        case .reusesReadContext: return ([.network], 5_000)
        case .readsBeforeApplied: return ([.network, .crashes], 200)
        case .truncatesCorruptedMiddle: return ([.disks], 500)
        case .releasesLogBeforeDurable: return ([.snapshots, .crashes], 500)
        case .commitsAppliedIndexSeparately: return ([.crashes, .single], 500)
        case .revisionFromLastKeptRecord: return ([.watches, .crashes], 1_000)
        case .progressWhileUnsynced: return ([.watches], 500)
        case .resetsWatchersOnSnapshot: return ([.snapshots], 500)
        case .dropsSlowWatcherBatch: return ([.watches], 200)
        case .splitsRevisionAcrossBatches: return ([.watches], 500)
        case .noCheckQuorum: return ([.network], 500)
        case .noPreVote: return ([.network], 500)
        case .snapshotNeverRetried: return ([.snapshots], 500)
        case .oldLeaderRevokesLeases: return ([.leases], 500)
        case .endsLaterLease: return ([.leases], 1_000)
        case .canary: return ([.calm], 10)
        }
    }
}
