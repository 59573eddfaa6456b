internal import Environment
internal import Primitives
internal import StoreModel

/// A closed block of the backend.
struct BlockInfo {
    /// The entry's name: at or before its first record.
    var base: RecordID
    /// Records in it, dead ones included.
    var count: Int
    /// Records in it that are compacted.
    var dead: ContiguousArray<RecordID> = []
    /// The next batch must say what is dead.
    var isTouched = false
    /// Waits to be written again without its dead records.
    var isQueued = false
}

/// All records of history: the newest in memory, the others in blocks of the backend.
struct RecordStore {
    let backend: any Backend
    var tail = RecordTail()
    /// Closed blocks, ascending.
    var blocks: ContiguousArray<BlockInfo> = []
    /// Blocks in which records died since the last batch.
    var touched: ContiguousArray<RecordID> = []
    /// Blocks that are half dead.
    var crowded: ContiguousArray<RecordID> = []
    /// A batch was taken and is not committed.
    var isBatchUnderWay = false
    /// The backend did not show its last commit; what it shows is older.
    var isViewStale = false

    init(backend: any Backend) {
        self.backend = backend
    }

    /// The block that has, or would have, a record; nil before the first.
    func block(of id: RecordID) -> Int? {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) >> 1
            if blocks[middle].base <= id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low == 0 ? nil : low - 1
    }

    /// Reads a record that is kept.
    /// - Parameter known: its key, where the caller has it.
    func read(_ id: RecordID, hash: UInt32, known: Bytes? = nil) -> KeyValue {
        if let position = tail.position(of: id) { return tail.records[position].keyValue }
        guard let block = block(of: id) else { return keyValue(nil, id) }
        let base = blocks[block].base
        let result = backend.withValue(.records, base.encoded) { span in
            RecordStore.decode(id, hash, known, base, in: span)
        }
        return keyValue(result ?? nil, id)
    }

    /// Reads many records that are kept, in the given order.
    func read(_ wanted: ContiguousArray<WantedRecord>) -> [KeyValue] {
        if wanted.count == 1 { return [read(wanted[0].id, hash: wanted[0].hash)] }
        var found = [KeyValue](repeating: .unread, count: wanted.count)
        // In the order of history, so that each block is searched for once.
        let order = wanted.historyOrder()
        var next = 0
        while next < order.count {
            let first = wanted[order[next]]
            if let position = tail.position(of: first.id) {
                found[order[next]] = tail.records[position].keyValue
                next += 1
                continue
            }
            guard let block = block(of: first.id) else { return [keyValue(nil, first.id)] }
            let end = block + 1 < blocks.count ? blocks[block + 1].base : nil
            next = readRun(wanted, order, from: next, base: blocks[block].base, end, &found)
        }
        return found
    }

    /// Reads the wanted records of one block; the answer is the next that is not in it.
    ///
    /// One pass finds the places, one looks at each record, one copies: within a pass nothing
    /// waits for the fetch before, so that the fetches from memory overlap.
    private func readRun(
        _ wanted: ContiguousArray<WantedRecord>, _ order: ContiguousArray<Int>, from start: Int,
        base: RecordID, _ end: RecordID?, _ found: inout [KeyValue]
    ) -> Int {
        let limit = [end, tail.first].compactMap(\.self).min()
        var last = start + 1
        while last < order.count {
            let id = wanted[order[last]].id
            if id < base || limit.map({ $0 <= id }) ?? false { break }
            last += 1
        }
        let isWhole = backend.withValue(.records, base.encoded) { span in
            var places: ContiguousArray<Int> = []
            places.reserveCapacity(last - start)
            for position in order[start..<last] {
                let place = RecordBlock.guess(wanted[position].id, in: span, base: base)
                places.append(place?.lowerBound ?? 0)
            }
            var isAsGuessed = true
            for (position, place) in zip(order[start..<last], places) {
                let hash = number(UInt32.self, in: span, at: min(place, span.count - 4))
                isAsGuessed = isAsGuessed && hash == wanted[position].hash
            }
            for position in order[start..<last] {
                let record = wanted[position]
                let result = RecordStore.decode(record.id, record.hash, nil, base, in: span)
                found[position] = keyValue(result, record.id)
            }
            return isAsGuessed
        }
        if isWhole == nil { _ = keyValue(nil, wanted[order[start]].id) }
        return last
    }

    private static func decode(
        _ id: RecordID, _ hash: UInt32, _ known: Bytes?, _ base: RecordID, in span: ByteSpan
    ) -> Result<KeyValue, DecodingError>? {
        if let bytes = RecordBlock.guess(id, in: span, base: base) {
            let result = decode(id, hash, known, span.extracting(bytes))
            if case .success = result { return result }
        }
        guard let bytes = RecordBlock.find(id, in: span, base: base) else { return nil }
        return decode(id, hash, known, span.extracting(bytes))
    }

    private static func decode(
        _ id: RecordID, _ hash: UInt32, _ known: Bytes?, _ record: ByteSpan
    ) -> Result<KeyValue, DecodingError> {
        do {
            let keyValue = try KeyValue(decoding: record, id: id, known: known)
            guard number(UInt32.self, in: record, at: 0) == hash else {
                return .failure(.invalid(field: "record", offset: 0))
            }
            return .success(keyValue)
        } catch {
            return .failure(error)
        }
    }

    /// The index was built from what the backend had, each record checked: whatever is wrong now
    /// must not be answered as data.
    private func keyValue(_ result: Result<KeyValue, DecodingError>?, _ id: RecordID) -> KeyValue {
        switch result {
        case .success(let keyValue): return keyValue
        case .failure(let error):
            invariantBroken("record \(id.main).\(id.sub) is damaged: \(error)")
        case nil: invariantBroken("record \(id.main).\(id.sub) is gone")
        }
    }
}

/// A record to be read.
struct WantedRecord {
    var id: RecordID
    var hash: UInt32
}

extension KeyValue {
    /// Stands where a record will be.
    static var unread: KeyValue {
        KeyValue(
            key: [], value: [], createRevision: .zero, modRevision: .zero, version: 0, lease: .zero)
    }
}

extension ContiguousArray<WantedRecord> {
    /// The positions in the order of the records' revisions; within one revision in any order.
    func historyOrder() -> ContiguousArray<Int> {
        guard count > 1, var smallest = first?.id.main.rawValue else {
            return ContiguousArray<Int>(indices)
        }
        var largest = smallest
        for record in self {
            smallest = Swift.min(smallest, record.id.main.rawValue)
            largest = Swift.max(largest, record.id.main.rawValue)
        }
        // Sorted by eleven bits of the revision at a time, lowest first.
        var order = ContiguousArray<Int>(indices)
        var sorted = order
        var shift: Int64 = 0
        while (largest - smallest) >> shift > 0 {
            var starts = ContiguousArray<Int>(repeating: 0, count: 2_049)
            for position in order {
                starts[Int((self[position].id.main.rawValue - smallest) >> shift & 2_047) + 1] += 1
            }
            for digit in 1...2_048 { starts[digit] += starts[digit - 1] }
            for position in order {
                let digit = Int((self[position].id.main.rawValue - smallest) >> shift & 2_047)
                sorted[starts[digit]] = position
                starts[digit] += 1
            }
            swap(&order, &sorted)
            shift += 11
        }
        return order
    }
}
