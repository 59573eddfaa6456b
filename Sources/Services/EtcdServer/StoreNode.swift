internal import Dispatch
internal import EtcdAPI
package import Environment
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// A member of a replicated store, as a server: one event loop on which HTTP/2, Raft and the state
/// machine run as plain synchronous code (DESIGN 3.2), with listeners for clients, metrics and
/// other members.
///
/// A pass of the loop: the reads of all connections hand requests to `member`; then `turn` runs
/// once, which proposes, writes, syncs, applies and answers; then the connections that have
/// answers are flushed. Backend commits and images run on threads of their own.
///
/// SAFETY: `@unchecked Sendable` because all state belongs to the event loop; `init`, `start` and
/// `stop` are called by one thread and reach the state only through the loop.
package final class StoreNode: @unchecked Sendable {
    /// Why a node ends by itself.
    package enum Ending: Sendable, Equatable {
        /// The files can no longer be trusted; says why.
        case failed(String)
        /// The member was removed from its cluster.
        case removed
    }

    let settings: StoreSettings
    let log: Logger
    let disk: any Disk
    let folder: DataDirectory
    let syncTimes = SyncTimes()
    let onEnd: @Sendable (Ending) -> Void
    let group: MultiThreadedEventLoopGroup
    let loop: any EventLoop
    let turn: LoopTurn
    /// Where calls of this process come in.
    let gate: LoopGate
    /// The member's own jobs, one at a time.
    let jobs = DispatchQueue(label: "keelson.jobs")
    /// Images for clients, which may run beside the jobs.
    let imageQueue = DispatchQueue(label: "keelson.images")
    let imagePace = ImagePace()

    // The rest belongs to the event loop.
    var member: MemberService!
    var record: MemberRecord!
    var links: PeerLinks!
    var router: GRPCRouter!
    var pages: HTTPPages!
    var listeners: [Listener] = []
    var metrics = ServerMetrics()
    var compactor: AutoCompactor
    var backups: BackupSchedule
    /// Streams of clients that are open, by their call.
    var streams: [ObjectIdentifier: StreamHandler] = [:]
    /// Whom watch deliveries go to.
    var sinks: [WatchStreamID: any WatchSink] = [:]
    var lastSink: UInt64 = 0
    /// Checked after each turn; a check that answers true is done with.
    var conditions: [() -> Bool] = []
    var noLeaderTicks = 0
    /// When the present leader was first seen.
    var leaderSince: MonotonicInstant?
    /// This member has no vote; asked for with every request, so it is kept here.
    var isLearner = false
    var publication = Publication.due
    var isReady = false
    var isStopping = false
    var isLeaving = false
    var hasEnded = false
    var nextTick = NIODeadline.now()
    /// Ports that were bound for clients, in the order of the settings.
    package internal(set) var clientPorts: [Int] = []
    /// Ports that were bound for other members.
    package internal(set) var peerPorts: [Int] = []
    /// Ports that were bound for metrics.
    package internal(set) var metricsPorts: [Int] = []

    /// Telling the cluster this member's name and client URLs.
    enum Publication {
        case due
        case waiting
        case retry(at: NIODeadline)
        case done
    }

    /// Prepares a node. `onEnd` is called on the event loop if the node ends by itself; the
    /// process should end then.
    package init(
        settings: StoreSettings, disk: any Disk, log: Logger,
        onEnd: @escaping @Sendable (Ending) -> Void
    ) {
        self.settings = settings
        self.log = log
        self.onEnd = onEnd
        let folder = DataDirectory(disk: disk, root: settings.effectiveDataDirectory)
        self.folder = folder
        self.disk = MeasuredDisk(disk, measuring: folder.memberPath + "/log", syncTimes)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        turn = LoopTurn(loop: loop)
        gate = LoopGate(loop)
        compactor = AutoCompactor(settings.autoCompaction)
        backups = BackupSchedule(settings.backups, member: settings.name)
    }

    /// Ticks without a leader before one is looked for.
    var electionTicks: Int {
        max(2, settings.electionMilliseconds / settings.heartbeatMilliseconds)
    }

    /// Seconds below which no lease is granted: one and a half election timeouts (etcd).
    var leaseSecondsMin: Int64 {
        Int64((3 * settings.electionMilliseconds / 2 + 999) / 1_000)
    }

    /// Takes a client's request into this pass's turn; `done` is called on the loop, once.
    @discardableResult
    func ask(
        _ request: ClientRequest, _ done: @escaping MemberService.Completion
    ) -> RequestID {
        turn.schedule()
        return member.submit(request, completion: done)
    }

    /// Waits for something that turns bring about; `condition` is called after each and answers
    /// true when it has what it waited for.
    func wait(_ condition: @escaping () -> Bool) {
        guard !condition() else { return }
        conditions.append(condition)
    }

    /// The header of an answer made now.
    var header: WireHeader {
        WireHeader(
            clusterID: member.clusterID, memberID: member.id.rawValue,
            revision: member.revision.rawValue, term: member.term.rawValue)
    }

    /// The body of the loop's turn.
    func runTurn() {
        guard !hasEnded else { return }
        member.turn()
        imagePace.note(applied: member.appliedIndex.rawValue)
        finishTurn()
    }

    /// What follows each turn.
    func finishTurn() {
        if !conditions.isEmpty {
            let waiting = conditions
            conditions = []
            let rest = waiting.filter { !$0() }
            conditions = rest + conditions
        }
        if member.hasWork { turn.schedule() }
    }
}

extension WireHeader {
    /// An engine's header on the wire.
    init(_ header: ResponseHeader) {
        self.init(
            clusterID: header.clusterID, memberID: header.memberID.rawValue,
            revision: header.revision.rawValue, term: header.term.rawValue)
    }
}
