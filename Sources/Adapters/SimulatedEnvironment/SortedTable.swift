internal import Primitives

/// An ordered map from bytes to bytes in chunks. Copies share all chunks until one of them is
/// changed, so that a view costs nothing and a change copies one chunk.
///
/// SAFETY: the pointers are into keys and values of entries that the table holds while it is
/// being read; indices come from counts of the same arrays.
struct SortedTable: Sendable {
    struct Entry: Sendable {
        /// The first eight bytes of the key, most significant first: most comparisons end here.
        var prefix: UInt64
        var key: Bytes
        var value: Bytes
    }

    /// A run of neighbours.
    private struct Chunk: Sendable {
        /// The prefix of the first entry.
        var prefix: UInt64
        var entries: ContiguousArray<Entry>

        init(_ entries: ContiguousArray<Entry>) {
            prefix = entries[0].prefix
            self.entries = entries
        }
    }

    /// Where an entry is, or where it would have to be put.
    struct Position: Equatable {
        var chunk: Int
        var index: Int
    }

    static let chunkMax = 128
    private static let chunkMin = chunkMax / 4
    /// What an entry takes beside its key and value, about as in an LMDB page.
    static let entryOverheadBytes = 16

    /// None is empty.
    private var chunks: ContiguousArray<Chunk> = []
    private(set) var count = 0
    /// Keys, values and the overhead of all entries.
    private(set) var sizeBytes = 0

    /// Stores `value` under `key`.
    mutating func put(_ key: Bytes, _ value: Bytes) {
        let (position, isFound) = locate(key)
        if isFound {
            let old = chunks[position.chunk].entries[position.index].value.count
            sizeBytes += value.count - old
            chunks[position.chunk].entries[position.index].value = value
            return
        }
        count += 1
        sizeBytes += key.count + value.count + Self.entryOverheadBytes
        insert(Entry(prefix: KeyOrder.prefix(key), key: key, value: value), at: position)
    }

    /// Removes `key` if it is there.
    mutating func delete(_ key: Bytes) {
        let (position, isFound) = locate(key)
        guard isFound else { return }
        let entry = chunks[position.chunk].entries.remove(at: position.index)
        count -= 1
        sizeBytes -= entry.key.count + entry.value.count + Self.entryOverheadBytes
        mergeIfSmall(position.chunk)
    }

    /// Calls `body` with the value of `key`; nil if it is missing.
    func read<Result>(_ key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        let (position, isFound) = locate(key)
        guard isFound else { return nil }
        return unsafe chunks[position.chunk].entries[position.index].value.withUnsafeBytes {
            unsafe body($0)
        }
    }

    /// Visits entries in order, see `BackendView.scan`.
    func scan(
        from: Bytes, to: Bytes?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) {
        let start = locate(from).0
        let end = to.map { locate($0).0 } ?? Position(chunk: chunks.count, index: 0)
        var chunk = start.chunk
        while chunk < chunks.count, chunk <= end.chunk {
            let entries = chunks[chunk].entries
            let first = chunk == start.chunk ? start.index : 0
            let last = chunk == end.chunk ? end.index : entries.count
            var index = first
            while index < last {
                let goesOn = unsafe entries[index].key.withUnsafeBytes { key in
                    unsafe entries[index].value.withUnsafeBytes { value in
                        unsafe body(key, value)
                    }
                }
                guard goesOn else { return }
                index += 1
            }
            chunk += 1
        }
    }

    /// Where `key` is, or where it belongs.
    private func locate(_ key: Bytes) -> (Position, isFound: Bool) {
        let prefix = KeyOrder.prefix(key)
        // The last chunk whose first key is not behind the wanted one.
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            var isBehind = chunks[middle].prefix > prefix
            if chunks[middle].prefix == prefix {
                isBehind = KeyOrder.compare(chunks[middle].entries[0].key, key) > 0
            }
            if isBehind { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return (Position(chunk: 0, index: 0), false) }
        let chunk = low - 1
        let (index, isFound) = Self.locate(key, prefix, in: chunks[chunk].entries)
        return (Position(chunk: chunk, index: index), isFound)
    }

    private static func locate(
        _ key: Bytes, _ prefix: UInt64, in entries: ContiguousArray<Entry>
    ) -> (Int, isFound: Bool) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].prefix == prefix {
                let order = KeyOrder.compare(entries[middle].key, key)
                if order == 0 { return (middle, true) }
                if order < 0 { low = middle + 1 } else { high = middle }
            } else if entries[middle].prefix < prefix {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return (low, false)
    }

    private mutating func insert(_ entry: Entry, at position: Position) {
        guard !chunks.isEmpty else {
            chunks.append(Chunk([entry]))
            return
        }
        let chunk = position.chunk
        guard chunks[chunk].entries.count == Self.chunkMax else {
            insert(entry, into: chunk, at: position.index)
            return
        }
        if chunk == chunks.count - 1, position.index == Self.chunkMax {
            // Records come in the order of their keys: leave the full chunk full.
            chunks.append(Chunk([entry]))
            return
        }
        let half = Self.chunkMax / 2
        let upper = ContiguousArray(chunks[chunk].entries[half...])
        chunks[chunk].entries.removeSubrange(half...)
        chunks.insert(Chunk(upper), at: chunk + 1)
        if position.index <= half {
            insert(entry, into: chunk, at: position.index)
        } else {
            insert(entry, into: chunk + 1, at: position.index - half)
        }
    }

    private mutating func insert(_ entry: Entry, into chunk: Int, at index: Int) {
        chunks[chunk].entries.insert(entry, at: index)
        if index == 0 { chunks[chunk].prefix = entry.prefix }
    }

    private mutating func mergeIfSmall(_ chunk: Int) {
        let size = chunks[chunk].entries.count
        if size == 0 {
            chunks.remove(at: chunk)
            return
        }
        chunks[chunk].prefix = chunks[chunk].entries[0].prefix
        if size < Self.chunkMin, chunk + 1 < chunks.count,
            size + chunks[chunk + 1].entries.count <= Self.chunkMax / 2
        {
            chunks[chunk].entries.append(contentsOf: chunks[chunk + 1].entries)
            chunks.remove(at: chunk + 1)
        }
    }
}
