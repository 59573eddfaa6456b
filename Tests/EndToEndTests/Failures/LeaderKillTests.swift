import Dispatch
import EtcdAPI
import Foundation
import Glibc
import Primitives
import StoreModel
import Synchronization
import Testing
import Verification

/// A cluster of three whose leader dies again and again, at etcd's default pace of elections.
struct LeaderKillTests {
    private static let kills = 20
    /// Two election timeouts of 1,000 ms.
    private static let patience = Duration.milliseconds(2_000)

    @Test func `killing the leader twenty times loses no write and no event`() throws {
        let cluster = try StoreCluster(
            .keelson, Setup(memberCount: 3, isSecure: false), flags: [])
        let ports = cluster.members.map(\.clientPort)
        let writers = (0..<3).map { HistoryWriter(client: $0, ports: ports) }
        let watchers = [
            KeyRange(key: [0], end: [0]), KeyRange(key: Bytes("shared/2".utf8)),
            KeyRange(key: Bytes("own/".utf8), end: Bytes("own0".utf8)),
        ].enumerated().map { HistoryWatcher(client: 10 + $0, ports: ports, range: $1) }
        let prober = HistoryWriter(client: 99, ports: ports)

        let crew = Crew()
        for writer in writers { crew.writers.start { writer.run(until: $0) } }
        for watcher in watchers { crew.watchers.start { watcher.run(until: $0) } }
        defer { crew.stop() }
        var times: [Int64] = []
        for round in 1...Self.kills {
            times.append(try killLeader(of: cluster, round, prober))
        }
        crew.writers.stop()

        let last = try finalRevision(ports[0], prober)
        try eventually("the watchers to see everything") {
            watchers[0].seen >= last ? true : nil
        }
        crew.watchers.stop()
        let milliseconds = times.sorted().map { $0 / 1_000_000 }
        print("first write after each kill, in ms: \(milliseconds)")
        #expect(times.allSatisfy { .nanoseconds($0) <= Self.patience }, "\(milliseconds)")
        #expect(writers.allSatisfy { $0.acknowledged > Self.kills }, "writers wrote all the time")
        #expect(watchers.allSatisfy { $0.refusals.isEmpty })
        try check(
            (writers + [prober]).flatMap(\.operations), watchers.flatMap(\.watches), upTo: last,
            ports)
    }

    /// Kills the leader, waits for the first write that is acknowledged, and starts the member
    /// again. Answers the nanoseconds from the end of the process to the write.
    private func killLeader(
        of cluster: StoreCluster, _ round: Int, _ prober: HistoryWriter
    ) throws -> Int64 {
        let ports = cluster.members.map(\.clientPort)
        let leader = try eventually("a leader") { try Self.leader(ports) }
        cluster.kill(leader)
        let died = Deadline.now
        var attempt = 0
        try eventually("a write after kill \(round)") {
            attempt += 1
            let port = ports[(leader + 1 + attempt % 2) % 3]
            let connection = try GRPCConnection(port: port)
            let isAcknowledged = prober.put(
                "probe", "\(round)-\(attempt)", on: connection, within: .milliseconds(50))
            return isAcknowledged ? true : nil
        }
        let time = Deadline.now - died
        let goal = try eventually("the new leader's position") {
            try Self.leader(ports).map { try GRPCConnection(port: ports[$0]).status() }
        }.status.appliedIndex
        try cluster.start(leader)
        try eventually("the killed member to catch up") {
            let status = try GRPCConnection(port: ports[leader]).status().status
            return status.leader != 0 && status.appliedIndex >= goal ? true : nil
        }
        return time
    }

    /// The place of the member that leads, as it says itself; nil if none does.
    private static func leader(_ ports: [Int]) throws -> Int? {
        ports.indices.first { index in
            // A member that is down does not lead.
            guard let answer = try? GRPCConnection(port: ports[index]).status() else {
                return false
            }
            return answer.status.leader == answer.header.memberID
        }
    }

    /// The revision when the writers are done; a write of its own tells the last watcher of it.
    private func finalRevision(_ port: Int, _ prober: HistoryWriter) throws -> Revision {
        var attempt = 0
        return try eventually("a last write") {
            attempt += 1
            let connection = try GRPCConnection(port: port)
            guard
                prober.put("own/last", "end-\(attempt)", on: connection, within: .seconds(5))
            else { return nil }
            let request = RangeRequest(KeyRange(key: Bytes("own/last".utf8)))
            return try connection.range(request, within: .seconds(5)).0
        }
    }

    /// Every member tells the same history, which explains all that clients were told.
    private func check(
        _ operations: [Verification.Operation], _ watches: [ObservedWatch], upTo last: Revision,
        _ ports: [Int]
    ) throws {
        let logs = try ports.map { try Self.history(port: $0, upTo: last) }
        #expect(logs[0].numberingViolation() == nil)
        let areEqual = logs.allSatisfy { $0.entries == logs[0].entries }
        #expect(areEqual, "members tell different histories")
        let hashes = try ports.map { try GRPCConnection(port: $0).hash(at: last).hash }
        #expect(Set(hashes).count == 1, "members have different hashes: \(hashes)")
        let history = RevisionOrderChecker(log: logs[0]).check(operations)
        #expect(history.isOK, "\(history)")
        let watched = WatchChecker(log: logs[0]).check(watches)
        #expect(watched.isOK, "\(watched)")
    }

    /// Everything that ever happened, as one member tells it.
    private static func history(port: Int, upTo last: Revision) throws -> EventLog {
        let connection = try GRPCConnection(port: port)
        try connection.watch(
            WatchRequest(KeyRange(key: [0], end: [0]), startRevision: Revision(2)))
        var entries: [EventLog.Entry] = []
        let deadline = Deadline(.seconds(30))
        while (entries.last?.revision ?? .zero) < last {
            guard let delivery = try connection.nextDelivery(deadline) else {
                throw connection.ended()
            }
            guard case .events(let events, _) = delivery.body else { continue }
            for event in events {
                let revision = event.keyValue.modRevision
                if entries.last?.revision == revision {
                    entries[entries.count - 1].events.append(event)
                } else {
                    entries.append(EventLog.Entry(revision: revision, events: [event]))
                }
            }
        }
        return EventLog(entries)
    }
}

/// Threads that work until they are stopped.
private final class Crew {
    final class Shift: Sendable {
        private let isStopped = Atomic(false)
        private let running = DispatchGroup()

        func start(_ work: @escaping @Sendable (borrowing Atomic<Bool>) -> Void) {
            running.enter()
            Thread.detachNewThread { [self] in
                work(isStopped)
                running.leave()
            }
        }

        func stop() {
            isStopped.store(true, ordering: .relaxed)
            running.wait()
        }
    }

    let writers = Shift()
    let watchers = Shift()

    func stop() {
        writers.stop()
        watchers.stop()
    }
}
