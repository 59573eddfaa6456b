import Dispatch
import Environment
import Primitives
import Raft
import ReplicatedStore
import Storage
import StoreModel
import Synchronization

/// Durable puts through one whole member: Raft, log, state machine, backend commits.
struct MemberBenchmark {
    let valueBytes: Int
    let folder: ScratchFolder
    /// Callers that each wait for their answer before they ask again.
    private let callers = 64

    func run(_ report: inout Report) throws {
        guard report.wants("member put") else { return }
        let free = try putRate("unsynced", UnsyncedDisk(folder.disk), operations: 400_000)
        report.add(
            "member put, no fsync", "\(grouped(Int(free.rate)))/s, \(free.latencies)",
            goal: "≥ 100,000/s", free.rate >= 100_000)
        let latency = try syncLatency()
        report.add(
            "fdatasync of 24 KiB", "p50 \(rounded(latency)) µs", goal: "", nil)
        let durable = try putRate("synced", folder.disk, operations: 200_000)
        // One batch of all callers costs the work without the sync, and the sync.
        let allowed = Double(callers) / (Double(callers) / free.rate + latency / 1e6)
        let part = durable.rate / allowed
        report.add(
            "member put, fsync", "\(grouped(Int(durable.rate)))/s, \(durable.latencies)",
            goal: "≥ 80 % of \(grouped(Int(allowed)))/s", part >= 0.8)
    }

    private func putRate(
        _ name: String, _ disk: any Disk, operations: Int
    ) throws -> (rate: Double, latencies: String) {
        let directory = try folder.folder("member-" + name)
        var configuration = MemberConfiguration(
            id: PeerID(1), clusterID: 7, directory: directory, seed: 1)
        configuration.initialMembers = [(PeerID(1), MemberAttributes(name: "one"))]
        let backends = LMDBBackendProvider(directory: directory + "/backend", disk: folder.disk)
        // SAFETY: the member and the disk below it go to the thread and are used only there, but
        // for the measurements that come after the thread has stopped.
        nonisolated(unsafe) let member = try Member.open(
            configuration: configuration, disk: disk, backends: backends,
            now: MemberThread.now())
        let thread = MemberThread(
            member: unsafe member, tickNanoseconds: configuration.tickNanoseconds,
            peers: { _ in }, watches: { _ in })
        defer { thread.stop() }
        let load = PutLoad(
            thread: thread, value: Bytes(repeating: 0x62, count: valueBytes),
            operations: operations)
        load.warmUp()
        return load.run(callers: callers)
    }

    /// The median of writing and syncing as much as a batch of all callers has.
    private func syncLatency() throws -> Double {
        let file = try folder.disk.open(folder.path + "/sync", .new)
        defer { file.close() }
        try file.preallocate(size: 64 << 20)
        try file.sync()
        let block = Bytes(repeating: 0x63, count: 24 << 10)
        var costs: [Int64] = []
        for turn in 0..<1_000 {
            costs.append(
                try measure {
                    try file.write(block, at: turn * block.count)
                    try file.sync()
                })
        }
        return Durations(costs).microseconds(0.5)
    }
}

/// Callers that put one key after another.
final class PutLoad: Sendable {
    private let thread: MemberThread
    private let value: Bytes
    private let operations: Int
    private let started = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)
    private let latencies = Mutex<[Int64]>([])
    private let done = DispatchSemaphore(value: 0)

    init(thread: MemberThread, value: Bytes, operations: Int) {
        self.thread = thread
        self.value = value
        self.operations = operations
    }

    /// Waits until the member leads.
    func warmUp() {
        let ready = DispatchSemaphore(value: 0)
        thread.submit(
            .command(.put(PutRequest(key: Bytes("warm".utf8), value: value)))
        ) { result in
            if case .failure(let error) = result { fatalError("the member is not ready: \(error)") }
            ready.signal()
        }
        ready.wait()
    }

    /// Runs all operations with `callers` at a time.
    func run(callers: Int) -> (rate: Double, latencies: String) {
        latencies.withLock { $0.reserveCapacity(operations) }
        let took = measure {
            for _ in 0..<callers {
                putNext()
            }
            done.wait()
        }
        let failed = failures.load(ordering: .relaxed)
        invariant(failed == 0, "\(failed) puts failed")
        let durations = latencies.withLock { Durations($0) }
        let text =
            "p50 \(rounded(durations.microseconds(0.5))) µs "
            + "p99 \(rounded(durations.microseconds(0.99))) µs"
        return (Double(operations) / (Double(took) / 1e9), text)
    }

    private func putNext() {
        let number = started.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < operations else { return }
        let start = nanoseconds()
        let request = PutRequest(key: StoreBenchmark.key(number % 100_000), value: value)
        thread.submit(.command(.put(request))) { result in
            self.latencies.withLock { $0.append(nanoseconds() - start) }
            if case .failure = result {
                self.failures.wrappingAdd(1, ordering: .relaxed)
            }
            let finished = self.finished.wrappingAdd(1, ordering: .relaxed).newValue
            if finished == self.operations { self.done.signal() }
            self.putNext()
        }
    }
}
