import Environment
import Primitives
import Raft
import ReplicatedStore
import SimulatedEnvironment
import StoreModel

/// Members whose messages and syncs take time, and that collect what arrives while they are busy,
/// as the service does: enough to count what a write costs. Times are microseconds.
final class TimedCluster {
    /// How long a message is under way, a sync takes, and a turn without one.
    struct Delays {
        var message = 250
        var sync = 200
        var turn = 20
    }

    private struct Machine {
        var member: Member
        var inbox: [MemberInput] = []
        var busyUntil = 0
    }

    private enum Occurrence {
        case arrival(PeerID, MemberInput)
        case turn(PeerID)
        case synced(PeerID)
    }

    /// What was sent, by kind.
    private(set) var counts: [String: Int] = [:]
    /// From a commit at the leader to the same at each follower: the sum, the longest, the count.
    private(set) var commitDelays = (sum: 0, longest: 0, count: 0)
    private(set) var answered = 0
    private var machines: [PeerID: Machine] = [:]
    private var events: [(at: Int, number: Int, what: Occurrence)] = []
    private var now = 0
    private var lastNumber = 0
    private var lastRequest: UInt64 = 0
    private var committedAt: [LogIndex: Int] = [:]
    private let delays: Delays

    init(voters: Int, delays: Delays = Delays()) throws {
        self.delays = delays
        let initial = (1...UInt64(voters)).map { (PeerID($0), MemberAttributes(name: "m\($0)")) }
        for (id, _) in initial {
            var configuration = MemberConfiguration(
                id: id, clusterID: 9, directory: "/data", seed: id.rawValue)
            configuration.initialMembers = initial
            let member = try Member.open(
                configuration: configuration, disk: SimulatedDisk(),
                backends: MemoryBackendProvider(), now: MonotonicInstant(nanoseconds: 0))
            machines[id] = Machine(member: member)
        }
    }

    var leader: PeerID? { machines.keys.first { machines[$0]!.member.raft.isLeader } }

    /// Counts from zero again.
    func reset() {
        counts = [:]
        answered = 0
        commitDelays = (0, 0, 0)
    }

    /// Hands the member a put whose answer brings the next one.
    func put(at id: PeerID) {
        lastRequest += 1
        let put = PutRequest(key: Bytes("k\(lastRequest % 100)".utf8), value: [1])
        let input = MemberInput.request(RequestID(lastRequest), .command(.put(put)))
        add(.arrival(id, input), at: now)
    }

    /// Lets time pass, with a tick for everyone each 100 ms.
    func run(for duration: Int) throws {
        let end = now + duration
        var nextTick = (now / 100_000 + 1) * 100_000
        while true {
            let next = events.indices.min {
                (events[$0].at, events[$0].number) < (events[$1].at, events[$1].number)
            }
            let at = next.map { events[$0].at } ?? .max
            if min(at, nextTick) > end { break }
            if nextTick <= at {
                now = nextTick
                nextTick += 100_000
                for id in machines.keys.sorted() {
                    let instant = MonotonicInstant(nanoseconds: Int64(now) * 1_000)
                    add(.arrival(id, .tick(instant)), at: now)
                }
                continue
            }
            now = at
            try handle(events.remove(at: next!).what)
        }
        now = end
    }

    private func add(_ what: Occurrence, at time: Int) {
        lastNumber += 1
        events.append((time, lastNumber, what))
    }

    private func handle(_ what: Occurrence) throws {
        switch what {
        case .arrival(let id, let input):
            let isFirst = machines[id]!.inbox.isEmpty
            machines[id]!.inbox.append(input)
            if isFirst { add(.turn(id), at: max(now, machines[id]!.busyUntil)) }
        case .turn(let id):
            if machines[id]!.busyUntil > now {
                add(.turn(id), at: machines[id]!.busyUntil)
                return
            }
            let inputs = machines[id]!.inbox
            machines[id]!.inbox = []
            for input in inputs { machines[id]!.member.receive(input) }
            try send(machines[id]!.member.finishTurn(), id)
        case .synced(let id):
            let result = try machines[id]!.member.perform(.syncLog)
            try send(machines[id]!.member.step(.jobDone(result)), id)
        }
    }

    private func send(_ output: MemberOutput, _ id: PeerID) throws {
        machines[id]!.busyUntil = now + delays.turn
        noteCommit(id)
        for message in output.messages {
            counts[kind(of: message), default: 0] += 1
            add(.arrival(message.to, .peer(message)), at: now + delays.message)
        }
        for job in output.jobs {
            if case .syncLog = job {
                machines[id]!.busyUntil = now + delays.sync
                add(.synced(id), at: now + delays.sync)
            } else {
                let result = try machines[id]!.member.perform(job)
                add(.arrival(id, .jobDone(result)), at: now + delays.turn)
            }
        }
        for (_, result) in output.responses {
            guard case .success = result else { continue }
            answered += 1
            put(at: id)
        }
    }

    private func noteCommit(_ id: PeerID) {
        let index = machines[id]!.member.raft.commitIndex
        if machines[id]!.member.raft.isLeader {
            if committedAt[index] == nil { committedAt[index] = now }
        } else if let time = committedAt[index] {
            commitDelays.sum += now - time
            commitDelays.longest = max(commitDelays.longest, now - time)
            commitDelays.count += 1
        }
    }

    private func kind(of message: PeerMessage) -> String {
        guard case .raft(let raft) = message else { return "other" }
        switch raft.body {
        case .append(let append): return append.entries.isEmpty ? "empty append" : "append"
        case .appendResponse: return "append answer"
        case .heartbeat, .heartbeatResponse: return "heartbeat"
        default: return "other"
        }
    }
}
