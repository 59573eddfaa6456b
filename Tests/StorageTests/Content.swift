import Environment
import Primitives

/// Everything in a backend, as the simplest thing that could hold it.
struct Content: Equatable {
    var tables: [[Bytes: Bytes]] = Array(repeating: [:], count: BackendTable.allCases.count)

    init() {}

    /// What a view shows, visited from the first key to the last.
    init(of view: any BackendView) {
        for table in BackendTable.allCases {
            view.scan(table, from: [], to: nil) { key, value in
                tables[Int(table.rawValue)][Bytes(key)] = Bytes(value)
                return true
            }
        }
    }

    subscript(_ table: BackendTable) -> [Bytes: Bytes] {
        get { tables[Int(table.rawValue)] }
        set { tables[Int(table.rawValue)] = newValue }
    }

    mutating func apply(_ batch: BackendBatch) {
        for operation in batch.operations {
            switch operation {
            case .put(let table, let key, let value): self[table][key] = value
            case .delete(let table, let key): self[table][key] = nil
            }
        }
    }

    /// The entries with `from <= key < to` in ascending order of keys.
    func range(_ table: BackendTable, from: Bytes, to: Bytes?) -> [(key: Bytes, value: Bytes)] {
        self[table]
            .filter { !$0.key.lexicographicallyPrecedes(from) }
            .filter { entry in to.map { entry.key.lexicographicallyPrecedes($0) } ?? true }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (key: $0.key, value: $0.value) }
    }
}

extension BackendView {
    /// The value of a key.
    func value(_ table: BackendTable, _ key: Bytes) -> Bytes? {
        read(table, key: key) { Bytes($0) }
    }

    /// The entries of a range.
    func range(_ table: BackendTable, from: Bytes, to: Bytes?) -> [(key: Bytes, value: Bytes)] {
        var entries: [(key: Bytes, value: Bytes)] = []
        scan(table, from: from, to: to) { key, value in
            entries.append((Bytes(key), Bytes(value)))
            return true
        }
        return entries
    }
}

/// Random batches over few keys, so that they meet again.
struct BatchSource {
    var random: SplitMix64
    var lastRecord: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// A key of the history, as the store makes them: a number that grows.
    static func record(_ number: UInt64) -> Bytes {
        var writer = ByteWriter()
        writer.writeBigEndian(number)
        writer.write(UInt8(ascii: "_"))
        writer.writeBigEndian(UInt64(0))
        return writer.bytes
    }

    mutating func bytes(count: Int) -> Bytes {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// Values of no bytes, of a few, and of more than a page.
    mutating func value() -> Bytes {
        switch random.below(20) {
        case 0: return []
        case 1: return bytes(count: 2_000 + random.below(12_000))
        default: return bytes(count: random.below(300))
        }
    }

    mutating func batch(operations: Int) -> BackendBatch {
        var batch = BackendBatch()
        for _ in 0..<operations {
            switch random.below(10) {
            case 0..<5:
                lastRecord += 1 + UInt64(random.below(3))
                batch.put(.records, key: Self.record(lastRecord), value: value())
            case 5:
                let number = UInt64(random.below(Int(lastRecord) + 2))
                batch.put(.records, key: Self.record(number), value: value())
            case 6, 7:
                let number = UInt64(random.below(Int(lastRecord) + 2))
                batch.delete(.records, key: Self.record(number))
            case 8:
                batch.put(.leases, key: [UInt8(random.below(40))], value: value())
            default:
                let table: BackendTable = random.chance(0.5) ? .meta : .leases
                let key = Bytes(repeating: 7, count: 1 + random.below(511))
                if random.chance(0.3) {
                    batch.delete(table, key: key)
                } else {
                    batch.put(table, key: key, value: value())
                }
            }
        }
        return batch
    }
}
