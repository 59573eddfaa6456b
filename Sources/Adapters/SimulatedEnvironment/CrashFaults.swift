package import Primitives

/// What a power cut does to what was not synced. What was synced always survives.
package struct CrashFaults: Sendable, Equatable {
    /// How much of the unsynced changes has reached the disk.
    package enum Survival: Sendable, Equatable, CaseIterable {
        /// Nothing.
        case nothing
        /// All changes before some moment, and of the write at that moment some sectors. The
        /// moment is one for the whole disk.
        case prefix
        /// Any changes, whatever their order: each 512-byte sector and each file size for itself;
        /// each name keeps a prefix of its own changes, and a rename its two names together.
        case anySubset
        /// Everything.
        case everything
    }

    /// Bytes and sizes of files.
    package var data: Survival
    /// Names in folders: created, renamed, removed.
    package var names: Survival
    /// With `.anySubset`: a surviving sector or size may be any version since the last sync, not
    /// only the latest.
    package var keepsOldVersions: Bool

    /// The given survival of data and names.
    package init(data: Survival, names: Survival, keepsOldVersions: Bool = false) {
        self.data = data
        self.names = names
        self.keepsOldVersions = keepsOldVersions
    }

    /// Nothing unsynced survives.
    package static let losesUnsynced = Self(data: .nothing, names: .nothing)
    /// Everything survives: the cache was written back just before.
    package static let keepsUnsynced = Self(data: .everything, names: .everything)
    /// The disk stops at some moment, perhaps in the middle of a write.
    package static let tearsInOrder = Self(data: .prefix, names: .prefix)
    /// Torn and out of order, the latest versions.
    package static let reorders = Self(data: .anySubset, names: .anySubset)
    /// Torn and out of order, any version.
    package static let reordersVersions = Self(
        data: .anySubset, names: .anySubset, keepsOldVersions: true)

    /// The five presets, from mild to wild.
    package static let presets: [CrashFaults] = [
        .keepsUnsynced, .losesUnsynced, .tearsInOrder, .reorders, .reordersVersions,
    ]

    /// A drawn combination.
    package static func drawn(using random: inout SplitMix64) -> CrashFaults {
        CrashFaults(
            data: Survival.allCases[random.below(Survival.allCases.count)],
            names: Survival.allCases[random.below(Survival.allCases.count)],
            keepsOldVersions: random.chance(0.5))
    }
}
