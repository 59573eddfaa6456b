/// Things that must happen sometimes, or the runs test less than they seem to ("sometimes
/// assertions"). A counter that stays at zero over a thousand seeds is a failure.
package enum Landmark: Int, CaseIterable, Sendable {
    case leaderElected
    case leaderChangeWithUncommittedSuffix
    case logTruncated
    case membershipChangeTruncated
    case twoLeadersAlive
    case leaderStoppedLeading
    case partitionMade
    case messageLost
    case messageDuplicated
    case messageOvertook
    case connectionReset
    case processPaused
    case clockChanged
    case crashBeforeSync
    case crashAfterSync
    case crashAroundCommit
    case crashAroundSnapshotWrite
    case crashAroundInstall
    case crashWithinDiskOperations
    case crashWithinBackendCall
    case restartWithLostTail
    case failedSyncDeath
    case readErrorHit
    case noSpaceHit
    case corruptedDiskRefused
    case damagedImageRefused
    case noSpaceAlarmRaised
    case memberWiped
    case snapshotSent
    case snapshotInstalled
    case snapshotInstalledOverUnsyncedWatch
    case memberAdded
    case learnerPromoted
    case memberRemoved
    case memberDemoted
    case jointMembership
    case leaderRemoved
    case leadershipTransferred
    case readIndexRetried
    case requestTimedOut
    case requestRefusedAsOverload
    case writeWithUnknownResult
    case unknownWriteTookEffect
    case transactionFailedItsConditions
    case hundredOperationsASecondCompleted
    case compactionDone
    case compactedReadRefused
    case compactionBeforeFirstEvent
    case futureRevisionRefused
    case watchCancelledAsCompacted
    case watchResumed
    case watchOfFutureRevision
    case slowWatcherCaughtUp
    case watchProgress
    case fragmentedDelivery
    case leaseGranted
    case leaseRenewed
    case leaseRenewedThroughFollower
    case leaseExpired
    case leaseCheckpointed
    case leaseRevokedWithKeys
    case livenessWithPartOfTheCluster
    case livenessWithHalfOpenMember
    case livenessWithReturningMember
    case commitRefused
    case commitRepeated
    case leaseGrantedAgain

    /// The name in the table.
    package var name: String { "\(self)" }
}

/// How often each landmark was reached.
package struct Coverage: Sendable, Equatable {
    private var counts = [UInt64](repeating: 0, count: Landmark.allCases.count)

    /// Nothing was reached yet.
    package init() {}

    /// A landmark was reached.
    package mutating func reach(_ landmark: Landmark) { counts[landmark.rawValue] += 1 }

    /// How often.
    package func count(_ landmark: Landmark) -> UInt64 { counts[landmark.rawValue] }

    /// Adds another run's counts.
    package mutating func add(_ other: Coverage) {
        for position in counts.indices { counts[position] += other.counts[position] }
    }

    /// The counts in the order of the landmarks, for passing on as text.
    package var numbers: [UInt64] {
        get { counts }
        set { if newValue.count == counts.count { counts = newValue } }
    }

    /// What was never reached.
    package var missing: [Landmark] { Landmark.allCases.filter { count($0) == 0 } }
}
