import Environment
import Primitives
import Raft
import ReplicatedStore
import SimulatedEnvironment
import StoreModel

/// Members on simulated disks, joined by a network that delivers at once and in order: enough
/// to test what a member does. Loss, delay and crashes at awkward moments are the simulator's.
final class TestCluster {
    struct Machine {
        var disk: SimulatedDisk
        var backends: MemoryBackendProvider
        var member: Member?
        var starts: UInt64 = 0
    }

    private(set) var machines: [PeerID: Machine] = [:]
    private(set) var answers: [RequestID: Result<ClientResponse, RequestError>] = [:]
    /// How often each member's backend was written.
    private(set) var backendCommits: [PeerID: Int] = [:]
    private(set) var deliveries: [PeerID: [WatchDelivery]] = [:]
    var isolated: Set<PeerID> = []
    /// How often a message arrives: 0 for a lost one.
    var copies: (PeerMessage) -> Int = { _ in 1 }
    var configure: (inout MemberConfiguration) -> Void = { _ in }
    private var lastRequest: UInt64 = 0
    private var nanoseconds: Int64 = 0
    private let initial: [(PeerID, MemberAttributes)]

    init(
        voters: Int, configure: @escaping (inout MemberConfiguration) -> Void = { _ in }
    ) throws {
        initial = (1...UInt64(voters)).map {
            (PeerID($0), MemberAttributes(name: "m\($0)", peerURLs: ["http://m\($0)"]))
        }
        self.configure = configure
        for (id, _) in initial {
            try start(id)
        }
    }

    var ids: [PeerID] { machines.keys.sorted() }

    /// Starts, or restarts, a member on its disk.
    func start(_ id: PeerID, joins: Bool = false) throws {
        var machine =
            machines[id]
            ?? Machine(disk: SimulatedDisk(), backends: MemoryBackendProvider(), member: nil)
        machine.starts += 1
        var configuration = MemberConfiguration(
            id: id, clusterID: 9, directory: "/data", seed: id.rawValue * 1_000 + machine.starts)
        configuration.initialMembers = joins ? [] : initial
        configuration.segmentBytes = 64 << 10
        configure(&configuration)
        machine.member = try Member.open(
            configuration: configuration, disk: machine.disk, backends: machine.backends,
            now: MonotonicInstant(nanoseconds: nanoseconds))
        machines[id] = machine
    }

    /// The process ends without a word; what was not synced is lost.
    func kill(_ id: PeerID) {
        machines[id]?.member = nil
        var random = SplitMix64(seed: id.rawValue)
        machines[id]?.disk.crash(using: &random, faults: .losesUnsynced)
    }

    func member(_ id: PeerID) -> Member? { machines[id]?.member }

    var leader: PeerID? {
        ids.filter { member($0)?.raft.isLeader == true && !isolated.contains($0) }
            .max { (member($0)?.raft.term ?? .zero) < (member($1)?.raft.term ?? .zero) }
    }

    /// One input to one member, and everything that follows until nothing moves.
    func step(_ id: PeerID, _ input: MemberInput) {
        var queue: [(PeerID, MemberInput)] = [(id, input)]
        while !queue.isEmpty {
            let (target, input) = queue.removeFirst()
            guard machines[target]?.member != nil else { continue }
            // The member is taken out so that its storage is not shared while it changes.
            var member = machines[target]!.member.take()!
            let output = member.step(input)
            member.checkInvariants()
            for job in output.jobs {
                if case .commit = job { backendCommits[target, default: 0] += 1 }
                do {
                    queue.append((target, .jobDone(try member.perform(job))))
                } catch {
                    fatalError("job failed: \(error)")
                }
            }
            machines[target]!.member = member
            for (request, result) in output.responses {
                precondition(answers[request] == nil, "\(request) is answered twice")
                answers[request] = result
            }
            deliveries[target, default: []] += output.deliveries
            for message in output.messages
            where !isolated.contains(target) && !isolated.contains(message.to) {
                for _ in 0..<copies(message) { queue.append((message.to, .peer(message))) }
            }
        }
    }

    /// Time passes for everyone.
    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            nanoseconds += 100_000_000
            for id in ids {
                step(id, .tick(MonotonicInstant(nanoseconds: nanoseconds)))
            }
        }
    }

    /// Lets time pass until a leader is there.
    func elect(within ticks: Int = 200) -> PeerID {
        for _ in 0..<ticks {
            if let leader, member(leader)?.raft.hasCommittedInTerm == true { return leader }
            tick()
        }
        fatalError("no leader within \(ticks) ticks")
    }

    /// Asks a member and lets time pass until it has answered.
    func ask(
        _ id: PeerID, _ request: ClientRequest, within ticks: Int = 200
    ) -> Result<ClientResponse.Body, RequestError> {
        lastRequest += 1
        let name = RequestID(lastRequest)
        step(id, .request(name, request))
        for _ in 0..<ticks where answers[name] == nil {
            tick()
        }
        return (answers[name] ?? .failure(.timedOut)).map(\.body)
    }

    @discardableResult
    func put(_ id: PeerID, _ key: String, _ value: String, lease: LeaseID = .zero) -> Bool {
        let request = PutRequest(
            key: Bytes(key.utf8), value: Bytes(value.utf8), lease: lease)
        if case .success = ask(id, .command(.put(request))) { return true }
        return false
    }

    func get(_ id: PeerID, _ key: String, isSerializable: Bool = false) -> String? {
        let range = RangeRequest(KeyRange(key: Bytes(key.utf8)))
        guard case .success(.range(let response)) =
            ask(id, .range(range, isSerializable: isSerializable)),
            let first = response.keyValues.first
        else { return nil }
        return String(decoding: first.value, as: UTF8.self)
    }
}
