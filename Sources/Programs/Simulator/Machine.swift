internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import SimulatedEnvironment
internal import StoreModel

/// One machine of the cluster: a disk, a clock, and at most one process with a member on it. A
/// machine keeps its member's identity for life; a wiped one never comes back under it.
final class Machine {
    /// What a machine is doing.
    enum Status: Equatable {
        /// Not started yet: it waits for its member to be added.
        case waiting
        case running
        /// The process ended and will start again.
        case stopped
        /// For good: wiped, damaged beyond its own repair, or removed from the cluster.
        case gone
    }

    /// Its place among the machines.
    let slot: Int
    /// Its member.
    let peer: PeerID
    /// Its files.
    let disk: SimulatedDisk
    /// Its backends.
    let backends: MemoryBackendProvider
    /// Whether it joins a cluster that exists.
    let joins: Bool
    var status = Status.waiting
    /// The member's process, if it runs.
    var process: MemberProcess?
    /// Counts starts and ends of the process: what was meant for an earlier one is void.
    var epoch: UInt64 = 0
    var starts: UInt64 = 0
    /// The process is suspended until then.
    var pausedUntil: Int64 = 0
    var clock = SimulatedClock(trueNanoseconds: 0)
    /// A turn is scheduled.
    var awaitsTurn = false
    /// Jobs under way, in order of their start.
    var jobs: [RunningJob] = []
    var lastJob: UInt64 = 0
    /// The last commit found no room.
    var hasCommitToRepeat = false
    /// A crash that waits for its moment.
    var armed: ArmedCrash?
    /// As a new leader: the turns after which it falls, and how.
    var fall: (turns: Int, fault: ScheduledFault)?
    /// How slow the disk is at present: a factor.
    var diskSlowness: Int64 = 1
    /// Calls of the disk fail at present.
    var hasFaultyDisk = false
    /// Faults that may end the process without anybody being to blame.
    var excuses = Excuses()
    /// Its disk was lost as a whole.
    var isWiped = false
    /// Where the member stood at the end of its last turn, and of the one before.
    var position = MemberPosition()
    var earlier = MemberPosition()
    /// What its log holds, from the outside.
    var shadow = ShadowLog()
    /// Where the membership in force at the end of the last turn stands in the log.
    var membershipIndex = LogIndex.zero
    /// What must still be true when it starts again.
    var promise = Promise()
    /// Its latest request for a read index, while nobody has answered it.
    var openRead: ReadRequestID?
    /// Turns that it has ended.
    var turns: UInt64 = 0
    /// Requests given to this process that it has not answered.
    var outstanding: [UInt64] = []

    init(slot: Int, joins: Bool, disk: SimulatedDisk, backends: MemoryBackendProvider) {
        self.slot = slot
        self.joins = joins
        self.disk = disk
        self.backends = backends
        peer = PeerID(UInt64(slot) + 1)
    }

    /// The memberships that were in force at some time in the present turn: one commits by the
    /// membership of its moment, and a turn may append another one behind.
    var membershipsOfTurn: [Membership] {
        let all = shadow.memberships
        let first = all.lastIndex { $0.index <= membershipIndex } ?? 0
        return all[min(first, all.count)...].map(\.membership)
    }

    /// Whether a planned end of the process has struck in the middle of some call.
    var isKilled: Bool { disk.isStopped || backends.isKilled }

    /// Whether the process runs, paused or not.
    var isRunning: Bool { process != nil }
}

/// A process with a member in it.
final class MemberProcess {
    var member: Member

    init(_ member: consuming Member) { self.member = member }

    /// Looks at the member in its place: a plain read would copy all of it first.
    func look<Answer>(_ body: (inout Member) -> Answer) -> Answer { body(&member) }
}

/// A job of a member under way.
struct RunningJob {
    var number: UInt64
    var kind: JobKind
    var job: MemberJob
    /// Of a sync: the last entry that it makes durable.
    var lastEntry: EntryID
    /// Of a commit: the entry as of which the backend will be.
    var applied: EntryID
}

/// A crash that waits for its moment.
struct ArmedCrash {
    var fault: Int
    var point: CrashPoint
    var downtime: Int64
    /// Jobs of the kind still to be let pass.
    var skipped: Int
}

/// Faults of the disk that a machine had and that may end its process.
struct Excuses: Equatable {
    /// A sync was made to fail.
    var hasFailedSync = false
    /// Reads failed, or there was no room.
    var hadDiskErrors = false
    /// Durable bytes were damaged.
    var isDamaged = false
}

/// What a member has made durable or promised to others, and must know after a restart (R6).
struct Promise {
    /// The term of the latest vote that left the machine, and whose it was.
    var voteTerm = Term.zero
    var votedFor = PeerID.zero
    /// The entry as of which the backend was at the last commit, and the revision there.
    var durableApplied = EntryID.zero
    var durableRevision = Revision.zero
}
