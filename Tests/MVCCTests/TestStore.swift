import Environment
import MVCC
import Primitives
import SimulatedEnvironment
import StoreModel

/// A state machine on a backend in memory, with the log that made it, so that it can be killed
/// and started again.
struct TestStore {
    var machine: StateMachine
    var provider = MemoryBackendProvider()
    var backend: any Backend
    /// All entries so far; nil for one without a command.
    var log: [(command: Command?, term: Term)] = []
    var term = Term(1)
    /// A batch on its way, and whether the backend has it.
    private var underWay: (batch: BackendBatch, isDurable: Bool)?
    private let limits: StoreLimits

    init(_ limits: StoreLimits = StoreLimits()) throws {
        self.limits = limits
        backend = try provider.open()
        machine = try StateMachine(limits: limits, backend: backend)
    }

    /// Applies the next entry.
    @discardableResult
    mutating func apply(_ command: Command) -> ApplyOutcome {
        log.append((command, term))
        return machine.apply(command, at: machine.appliedIndex.next, term: term)
    }

    /// Applies the next entry, which must succeed.
    @discardableResult
    mutating func succeed(_ command: Command) throws -> CommandResponse {
        try apply(command).result.get()
    }

    /// Applies the next entry, which must be refused.
    mutating func refusal(_ command: Command) -> StoreError? {
        guard case .failure(let error) = apply(command).result else { return nil }
        return error
    }

    @discardableResult
    mutating func put(_ key: String, _ value: String, lease: LeaseID = .zero) throws -> Revision {
        try succeed(.put(PutRequest(key: bytes(key), value: bytes(value), lease: lease)))
        return machine.revision
    }

    @discardableResult
    mutating func delete(_ key: String, _ end: Bytes = []) throws -> Revision {
        try succeed(.deleteRange(DeleteRangeRequest(KeyRange(key: bytes(key), end: end))))
        return machine.revision
    }

    /// One of the steps of a commit: taking a batch, making it durable, hearing of it.
    mutating func advanceCommit() throws {
        guard let (batch, isDurable) = underWay else {
            underWay = machine.takeBatch().map { ($0, false) }
            return
        }
        if isDurable {
            machine.batchCommitted()
            underWay = nil
        } else {
            try backend.commit(batch)
            underWay = (batch, true)
        }
    }

    /// Commits what was applied, after the commit under way.
    mutating func commit() throws {
        while underWay != nil { try advanceCommit() }
        guard let batch = machine.takeBatch() else { return }
        try backend.commit(batch)
        machine.batchCommitted()
    }

    /// Finishes a compaction, `recordsMax` records at a time, with a commit after each slice.
    mutating func compactAll(recordsMax: Int = 100) throws {
        while machine.compactSlice(recordsMax: recordsMax) {
            try commit()
        }
        try commit()
    }

    /// The process ends without a word, and starts again from what was committed.
    mutating func kill() throws {
        var random = SplitMix64(seed: 1)
        provider.crash(using: &random)
        underWay = nil
        backend = try provider.open()
        machine = try StateMachine(limits: limits, backend: backend)
    }

    /// Applies the entries that the backend did not have.
    mutating func replay() {
        for entry in log[Int(machine.appliedIndex.rawValue)...] {
            let index = machine.appliedIndex.next
            if let command = entry.command {
                _ = machine.apply(command, at: index, term: entry.term)
            } else {
                machine.skip(to: index, term: entry.term)
            }
        }
    }

    /// The values of all keys at a revision, as `key=value` in key order.
    func contents(at revision: Revision = .zero) throws -> String {
        try machine.range(RangeRequest(everything, revision: revision)).keyValues
            .map { "\(text($0.key))=\(text($0.value))" }.joined(separator: " ")
    }

    /// Every row of the backend, to be compared or damaged.
    func rows() -> [(table: BackendTable, key: Bytes, value: Bytes)] {
        var rows: [(table: BackendTable, key: Bytes, value: Bytes)] = []
        let view = provider.durableView()
        for table in BackendTable.allCases {
            view.scan(table, from: [], to: nil) { key, value in
                rows.append((table, Bytes(key), Bytes(value)))
                return true
            }
        }
        return rows
    }
}

let everything = KeyRange(key: [0], end: [0])

func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

func one(_ key: String) -> KeyRange { KeyRange(key: bytes(key)) }

func range(_ key: String, _ end: String) -> KeyRange {
    KeyRange(key: bytes(key), end: bytes(end))
}

func put(_ key: String, _ value: String = "v") -> TransactionOperation {
    .put(PutRequest(key: bytes(key), value: bytes(value)))
}

func delete(_ range: KeyRange) -> TransactionOperation {
    .deleteRange(DeleteRangeRequest(range))
}

func get(_ range: KeyRange, at revision: Revision = .zero) -> TransactionOperation {
    .range(RangeRequest(range, revision: revision))
}

func version(
    _ key: String, _ value: String, create: Int64, mod: Int64, version: Int64, lease: Int64 = 0
) -> KeyValue {
    KeyValue(
        key: bytes(key), value: bytes(value), createRevision: Revision(create),
        modRevision: Revision(mod), version: version, lease: LeaseID(lease))
}
