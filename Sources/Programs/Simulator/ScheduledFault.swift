internal import Primitives

/// One entry of a run's schedule of trouble. What it hits in the end (which leader, which files)
/// is decided when its time comes, by chance keyed by `id`.
package struct ScheduledFault: Sendable, Equatable, CustomStringConvertible {
    /// Its place in the full schedule of the seed; stays the same when others are left out.
    package var id: Int
    /// When, in nanoseconds.
    package var at: Int64
    /// What happens.
    package var kind: FaultKind

    /// For people: `#12 at 8.251 s: crash(…)`.
    package var description: String { "#\(id) at \(seconds(at)): \(kind)" }
}

/// What can be scheduled. Durations are nanoseconds.
package enum FaultKind: Sendable, Equatable {
    case partition(PartitionShape, isOneWay: Bool, lasts: Int64)
    case clog(lasts: Int64)
    case reset
    case crash(FaultTarget, CrashPoint, downtime: Int64)
    case pause(FaultTarget, lasts: Int64)
    case clockRate(FaultTarget, Double)
    case slowDisk(FaultTarget, lasts: Int64)
    case failedSync(FaultTarget)
    case readError(FaultTarget, lasts: Int64)
    case noSpace(FaultTarget, lasts: Int64)
    case bitRot(FaultTarget)
    case wipe(FaultTarget)
    case membership
    case transfer
    /// Whoever becomes leader next falls after so many turns: its process ends, or it is cut off.
    case leaderFalls(turns: Int, isCutOff: Bool, lasts: Int64)
}

/// Whom a fault is for, among the members that run.
package enum FaultTarget: Sendable, Equatable, CaseIterable {
    case leader
    case follower
    case anyone
}

/// How a partition divides the cluster.
package enum PartitionShape: Sendable, Equatable, CaseIterable {
    /// One member is alone.
    case one
    /// The leader is alone.
    case leader
    /// Less than half are apart from the rest.
    case minority
    /// Two halves joined by one member that both reach.
    case bridge
    /// Everyone reaches a majority, nobody reaches all.
    case ring
    /// Nobody reaches anybody.
    case shattered
}

/// Where in its work a process ends.
package enum CrashPoint: Sendable, Equatable {
    /// Wherever it is.
    case now
    /// At the end of the job of this kind that comes after `skipped` others of the kind.
    case job(JobKind, skipped: Int, CrashPhase)
    /// After so many more disk operations, whatever they belong to.
    case diskOperation(Int)
    /// In the middle of a later call of the backend; 1 is the next one.
    case backendCall(Int)
}

/// Which side of a job's effect a crash hits.
package enum CrashPhase: Sendable, Equatable, CaseIterable {
    /// Nothing of the job reached the disk for certain.
    case before
    /// The job's effect is there, but the member never knew.
    case after
    /// The member knew, but nobody heard anything of it.
    case afterTurn
}

/// The kinds of job.
package enum JobKind: Int, Sendable, Equatable, CaseIterable {
    case sync
    case commit
    case writeSnapshot
    case install
}
