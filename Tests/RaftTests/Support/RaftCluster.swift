import Primitives
import Raft
import Testing

/// Raft nodes on simulated disks, joined by a network in which nothing moves by itself. A value:
/// a copy goes its own way, which is what the search through small worlds lives on.
///
/// After each step the ledger holds what happened against the paper's guarantees.
struct RaftCluster {
    private(set) var ids: [PeerID] = []
    var machines: [PeerID: Machine] = [:]
    var network = TestNetwork()
    var ledger = SafetyLedger()
    /// What the ledger objected to; also a failure of the test unless `toleratesFaults`.
    private(set) var faults: [String] = []
    /// Mutants are expected to break something, and asked afterwards what.
    var toleratesFaults = false
    /// What happened, in readable form, for scripts.
    var journal: [String]?
    /// While stabilizing only what arrives is journalled, and of that no plain heartbeats.
    var isQuiet = false
    /// Plain heartbeats are not journalled at all.
    var hidesRoutine = false

    // What came out of the nodes so far.
    var events: [(PeerID, RaftEvent)] = []
    var permits: [ReadPermit] = []
    var refusedReads: [ReadRequestID] = []
    var refusedProposals: [(Bytes, ProposalRefusal)] = []
    var refusedChanges: [(MembershipChange, ProposalRefusal)] = []

    init() {}

    /// Members 1...`voters` with empty disks.
    init(voters: Int, configure: (inout RaftConfiguration) -> Void = { _ in }) {
        let membership = Membership(voters: (1...UInt64(voters)).map { PeerID($0) })
        for id in membership.voters {
            add(id, membership: membership, configure: configure)
        }
    }

    /// Members whose logs have entries of the given terms, from index 1 on; all have seen `term`.
    init(
        logs: [UInt64: [UInt64]], term: UInt64, voters: [UInt64]? = nil,
        configure: (inout RaftConfiguration) -> Void = { _ in }
    ) {
        let names = voters ?? logs.keys.sorted()
        let membership = Membership(voters: names.map { PeerID($0) })
        for id in logs.keys.sorted() {
            let entries = zip(1..., logs[id]!).map { index, term in
                Entry(
                    term: Term(term), index: LogIndex(UInt64(index)),
                    payload: .command(Bytes("\(term).\(index)".utf8)))
            }
            add(
                PeerID(id), membership: membership, entries: entries,
                hardState: HardState(term: Term(term)), configure: configure)
        }
    }

    /// Starts a member with the given disk; an empty membership is that of one about to join.
    mutating func add(
        _ id: PeerID, membership: Membership = Membership(voters: []), entries: [Entry] = [],
        hardState: HardState = HardState(),
        configure: (inout RaftConfiguration) -> Void = { _ in }
    ) {
        var configuration = RaftConfiguration(id: id, seed: id.rawValue * 1_000)
        configure(&configuration)
        var disk = TestDisk(
            snapshot: SnapshotDescription(lastIncluded: .zero, membership: membership))
        disk.hardState = hardState
        disk.entries = entries
        var machine = Machine(configuration: configuration, disk: disk)
        machine.start()
        machines[id] = machine
        ids = machines.keys.sorted()
    }


    func machine(_ id: UInt64) -> Machine { machines[PeerID(id)]! }

    /// The running node; a crashed one is a mistake of the test.
    func node(_ id: UInt64) -> RaftNode { machines[PeerID(id)]!.node! }

    func role(_ id: UInt64) -> TestRole { machine(id).role }

    func term(_ id: UInt64) -> UInt64 { node(id).term.rawValue }

    func commitIndex(_ id: UInt64) -> UInt64 { node(id).commitIndex.rawValue }

    /// Whom the member takes for the leader; 0 for nobody.
    func leader(_ id: UInt64) -> UInt64 { node(id).leader.rawValue }

    /// The log in memory, with what is not yet durable.
    func log(_ id: UInt64) -> [Entry] { machine(id).disk.volatile.entries }

    /// The terms of the log in memory.
    func terms(_ id: UInt64) -> [UInt64] { log(id).map(\.term.rawValue) }

    /// The commands applied, as text.
    func applied(_ id: UInt64) -> [String] {
        machine(id).machine.commands.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Those that lead now, in order.
    var leaders: [UInt64] {
        ids.filter { machines[$0]?.node?.isLeader == true }.map(\.rawValue)
    }

    /// Messages under way that fit.
    func messages(_ from: UInt64? = nil, _ to: UInt64? = nil) -> [Message] {
        network.inFlight.filter {
            (from == nil || $0.from.rawValue == from) && (to == nil || $0.to.rawValue == to)
        }
    }

    func events(of id: UInt64) -> [RaftEvent] {
        events.filter { $0.0.rawValue == id }.map(\.1)
    }


    /// Notes what the ledger objects to.
    mutating func object(_ fault: String?) {
        guard let fault else { return }
        faults.append(fault)
        note("FAULT \(fault)")
        if !toleratesFaults { Issue.record("\(fault)") }
    }

    mutating func note(_ line: @autoclosure () -> String) {
        if journal != nil { journal!.append(line()) }
    }
}
