import Environment
import MVCC
import Primitives
import Storage
import StoreModel

/// The state machine over LMDB: apply, reads, ranges, memory, restart, snapshot.
struct StoreBenchmark {
    let keys: Int
    let valueBytes: Int
    let folder: ScratchFolder

    func run(_ report: inout Report) throws {
        let names = [
            "apply put", "point read", "range 10,000", "memory per key", "restart",
            "snapshot write",
        ]
        guard names.contains(where: report.wants) else { return }
        let directory = try folder.folder("store")
        let provider = LMDBBackendProvider(directory: directory, disk: folder.disk)
        let backend = try provider.open()
        let before = Machine.privateMemoryBytes
        var store = try StateMachine(limits: StoreLimits(), backend: backend)
        try load(&store, backend, &report)
        if report.wants("memory per key") {
            let keyBytes = Self.key(0).count
            let perKey = (Machine.privateMemoryBytes - before) / keys - keyBytes
            report.add(
                "memory per key", "\(perKey) bytes beyond a key of \(keyBytes) bytes",
                goal: "≤ 150 bytes", perKey <= 150)
        }
        readPoints(store, &report)
        readRanges(store, &report)
        try writeSnapshot(backend, directory, &report)
        backend.close()
        try restart(provider, &report)
    }

    /// Keys in a scattered order, so that the index is not filled at its end only.
    static func key(_ number: Int) -> Bytes {
        let scattered = mix64(UInt64(number))
        var text = String(scattered, radix: 16)
        text = String(repeating: "0", count: 16 - text.count) + text
        return Bytes("/registry/pods/\(text)".utf8)
    }

    private func load(
        _ store: inout StateMachine, _ backend: any Backend, _ report: inout Report
    ) throws {
        let value = Bytes(repeating: 0x61, count: valueBytes)
        var index = LogIndex.zero
        var spent: Int64 = 0
        var batchCosts: [Int64] = []
        var number = 0
        while number < keys {
            let batch = min(10_000, keys - number)
            let commands = (number..<number + batch).map { number in
                Command.put(PutRequest(key: Self.key(number), value: value))
            }
            let took = measure {
                for command in commands {
                    index = index.next
                    _ = store.apply(command, at: index, term: Term(1))
                }
            }
            spent += took
            batchCosts.append(took / Int64(batch))
            number += batch
            if let changes = store.takeBatch() {
                try backend.commit(changes)
                store.batchCommitted()
            }
        }
        guard report.wants("apply put") else { return }
        let mean = Double(spent) / Double(keys) / 1_000
        let last = Double(batchCosts.suffix(10).reduce(0, +)) / 10_000
        report.add(
            "apply put", "\(rounded(mean)) µs (\(rounded(last)) µs at \(grouped(keys)) keys)",
            goal: "≤ 2 µs", mean <= 2)
    }

    private func readPoints(_ store: StateMachine, _ report: inout Report) {
        guard report.wants("point read") else { return }
        var random = SplitMix64(seed: 1)
        let wanted = (0..<200_000).map { _ in
            RangeRequest(KeyRange(key: Self.key(random.below(keys))))
        }
        var found = 0
        let took = measure {
            for request in wanted {
                // A key that was put is found; a miss would show in the count below.
                found += (try? store.range(request))?.keyValues.count ?? 0
            }
        }
        invariant(found == wanted.count, "\(wanted.count - found) keys are missing")
        let each = Double(took) / Double(wanted.count) / 1_000
        report.add("point read", "\(rounded(each)) µs", goal: "≤ 1 µs", each <= 1)
    }

    private func readRanges(_ store: StateMachine, _ report: inout Report) {
        guard report.wants("range 10,000") else { return }
        var costs: [Int64] = []
        for start in 0..<20 {
            let first = Bytes("/registry/pods/\(String(start % 8, radix: 16))".utf8)
            let request = RangeRequest(KeyRange(key: first, end: [0]), limit: 10_000)
            costs.append(
                measure {
                    // Keys start with every digit, so that the range is full.
                    let count = (try? store.range(request))?.keyValues.count ?? 0
                    invariant(count == 10_000, "range has \(count) keys")
                })
        }
        let durations = Durations(costs)
        let median = durations.microseconds(0.5) / 1_000
        let slowest = durations.microseconds(0.99) / 1_000
        report.add(
            "range 10,000", "\(rounded(median)) ms, p99 \(rounded(slowest)) ms",
            goal: "≤ 3 ms", median <= 3)
    }

    private func writeSnapshot(
        _ backend: any Backend, _ directory: String, _ report: inout Report
    ) throws {
        guard report.wants("snapshot write") else { return }
        let path = directory + "/benchmark.snapshot"
        var best = Int64.max
        for _ in 0..<3 {
            let view = try backend.makeView()
            let took = try measure {
                try SnapshotFile.write(view: view, header: [], to: path, disk: folder.disk)
            }
            best = min(best, took)
        }
        let file = try folder.disk.open(path, .existing)
        let megabytes = Double(try file.size()) / 1e6
        file.close()
        let rate = megabytes / (Double(best) / 1e9)
        report.add(
            "snapshot write", "\(rounded(rate)) MB/s (\(rounded(megabytes)) MB)",
            goal: "≥ 300 MB/s", rate >= 300)
    }

    private func restart(_ provider: any BackendProvider, _ report: inout Report) throws {
        guard report.wants("restart") else { return }
        var count = 0
        let took = try measure {
            let backend = try provider.open()
            let store = try StateMachine(limits: StoreLimits(), backend: backend)
            count = store.keyCount
            backend.close()
        }
        invariant(count == keys, "\(count) keys after the restart")
        let seconds = Double(took) / 1e9
        report.add(
            "restart", "\(rounded(seconds)) s with \(grouped(keys)) keys", goal: "≤ 2 s",
            seconds <= 2)
    }
}
