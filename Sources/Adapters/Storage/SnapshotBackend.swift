package import Environment
package import Primitives

/// A verified image file as a backend that can only be read, so that what an image holds can be
/// asked for without a copy of it: in memory are the entries' keys and places. For one thread at
/// a time; the file may be renamed or removed meanwhile, not changed.
///
/// SAFETY: the buffers that are handed out belong to arrays that outlive the call.
package final class SnapshotBackend: Backend {
    private struct Entry {
        var key: Bytes
        var offset: Int
        var count: Int
    }

    /// What the image holds.
    package let summary: SnapshotSummary
    private let file: any DiskFile
    private let onFault: @Sendable (BackendError) -> Never
    /// By table, in the order of keys.
    private var tables: [[Entry]]

    /// Reads and verifies all of a file.
    /// - Parameter onFault: told of a read that fails later, and must end the process.
    /// - Throws: as `SnapshotFile.verify`.
    package init(
        path: String, disk: any Disk, ending: SnapshotEnding,
        onFault: @escaping @Sendable (BackendError) -> Never
    ) throws {
        self.onFault = onFault
        let file = try disk.open(path, .reading)
        self.file = file
        var tables: [[Entry]] = BackendTable.allCases.map { _ in [] }
        do {
            var reader = try SnapshotReader(path: path, file: file, ending: ending)
            summary = try reader.readAll { batch, start in
                var offset = start
                for case .put(let table, let key, let value) in batch.operations {
                    offset += SnapshotLayout.entryHeadBytes + key.count
                    let entry = Entry(key: key, offset: offset, count: value.count)
                    tables[Int(table.rawValue)].append(entry)
                    offset += value.count
                }
            }
        } catch {
            file.close()
            throw error
        }
        self.tables = tables
    }

    deinit {
        file.close()
    }

    /// Calls `body` with the bytes of `key`; nil if missing.
    package func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        let entries = tables[Int(table.rawValue)]
        let place = Self.place(of: key, in: entries)
        guard place < entries.count, entries[place].key == key else { return nil }
        return unsafe value(entries[place]).withUnsafeBytes { unsafe body($0) }
    }

    /// Visits entries in ascending key order.
    package func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        let entries = tables[Int(table.rawValue)]
        for entry in entries[Self.place(of: from, in: entries)...] {
            if let to, !entry.key.lexicographicallyPrecedes(to) { return }
            let value = value(entry)
            let goesOn = unsafe entry.key.withUnsafeBytes { key in
                unsafe value.withUnsafeBytes { unsafe body(key, $0) }
            }
            guard goesOn else { return }
        }
    }

    /// How many entries a table has.
    package func count(_ table: BackendTable) -> Int { tables[Int(table.rawValue)].count }

    /// The size of the file.
    package func sizes() -> (allocatedBytes: Int, inUseBytes: Int) {
        (summary.sizeBytes, summary.sizeBytes)
    }

    /// Refuses: an image does not change.
    package func commit(_ batch: BackendBatch) throws(BackendError) { throw readOnly("commit") }

    /// Refuses: an image does not change.
    package func defragment() throws(BackendError) { throw readOnly("defragment") }

    /// There is never anything newer.
    package func refresh() throws(BackendError) {}

    /// The image itself.
    package func makeView() throws(BackendError) -> any BackendView { self }

    /// Ends reading.
    package func close() { file.close() }

    /// The first entry that does not come before a key.
    private static func place(of key: Bytes, in entries: [Entry]) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key.lexicographicallyPrecedes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func value(_ entry: Entry) -> Bytes {
        do {
            let bytes = try file.read(at: entry.offset, count: entry.count)
            guard bytes.count == entry.count else {
                onFault(
                    .corrupted(
                        path: file.path, offset: entry.offset + bytes.count,
                        reason: "the file became shorter while it was read"))
            }
            return bytes
        } catch {
            onFault(.failed(operation: "read image", reason: "\(error)"))
        }
    }

    private func readOnly(_ operation: String) -> BackendError {
        .failed(operation: operation, reason: "\(file.path) is an image")
    }
}
