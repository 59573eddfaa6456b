/// What a run is mostly about. Seeds map to profiles in turn, so that any run of seeds has all of
/// them; what a profile does not demand or forbid is left to chance.
package enum Profile: String, CaseIterable, Sendable {
    /// Anything.
    case mixed
    /// Elections and replication over a bad network.
    case network
    /// Processes that end and start again.
    case crashes
    /// Members that come and go.
    case membership
    /// Followers that need images.
    case snapshots
    /// Many watches, slow ones too, and compactions.
    case watches
    /// Leases, clocks and leaders that lose touch.
    case leases
    /// Disks that fail.
    case disks
    /// One member, and only crashes.
    case single
    /// Nothing goes wrong.
    case calm
    /// Leaders that fall soon after they were elected.
    case elections

    /// The profile of a seed.
    package init(seed: UInt64) {
        self = Self.allCases[Int(seed % UInt64(Self.allCases.count))]
    }

    /// What every run of the profile has.
    var demanded: [Ingredient] {
        switch self {
        case .mixed: return []
        case .network: return [.delay, .partition]
        case .crashes: return [.crash]
        case .membership: return [.membership, .partition]
        case .snapshots: return [.shortLog, .partition]
        case .watches: return [.watches, .compaction]
        case .leases: return [.leases, .partition]
        case .disks: return [.crash, .tornWrites]
        case .single: return [.crash]
        case .calm: return [.watches]
        case .elections: return [.fallingLeaders, .tinyBatches]
        }
    }

    /// What no run of the profile has.
    var forbidden: [Ingredient] {
        switch self {
        case .mixed, .network, .crashes, .snapshots, .watches, .leases: return []
        case .elections: return [.membership, .wipe, .bitRot, .quota, .slowDisk]
        case .membership: return [.bitRot]
        case .disks: return [.membership, .wipe]
        case .single:
            // One copy of everything: nothing that only a second copy could repair.
            return [
                .delay, .loss, .duplication, .reorder, .clog, .partition, .oneWayPartition,
                .reset, .wipe, .bitRot, .membership, .transfer, .fallingLeaders,
            ]
        case .calm:
            return Ingredient.allCases.filter { ingredient in
                ![
                    .transactions, .oldReads, .watches, .leases, .batchedTurns, .compaction,
                ].contains(ingredient)
            }
        }
    }

    /// How many voters a cluster may begin with; longer for what is likelier.
    var memberCounts: [Int] {
        switch self {
        case .single: return [1]
        case .membership: return [3, 3, 3, 4, 2, 5]
        case .calm: return [3, 5]
        case .elections: return [5, 5, 5, 3]
        default: return [3, 3, 3, 3, 3, 3, 5, 5, 4, 2]
        }
    }
}
