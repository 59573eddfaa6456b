internal import Environment
internal import Primitives

/// All tables at one commit.
struct BackendVersion: Sendable {
    static let pageBytes = 4_096
    /// What an empty backend takes: its header pages and a root for each table.
    static let emptyBytes = (2 + BackendTable.allCases.count) * pageBytes

    private(set) var tables = [SortedTable](
        repeating: SortedTable(), count: BackendTable.allCases.count)
    /// The file never shrinks by itself.
    private(set) var allocatedBytes = emptyBytes

    /// Bytes in use, in whole pages.
    var inUseBytes: Int {
        tables.reduce(Self.emptyBytes) { total, table in
            total + (table.sizeBytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
        }
    }

    subscript(table: BackendTable) -> SortedTable { tables[Int(table.rawValue)] }

    /// Carries out a batch and returns the bytes that it wrote.
    mutating func apply(_ batch: BackendBatch) -> Int {
        var bytes = 0
        for operation in batch.operations {
            switch operation {
            case .put(let table, let key, let value):
                tables[Int(table.rawValue)].put(key, value)
                bytes += key.count + value.count
            case .delete(let table, let key):
                tables[Int(table.rawValue)].delete(key)
                bytes += key.count
            }
        }
        allocatedBytes = max(allocatedBytes, inUseBytes)
        return bytes
    }

    mutating func dropFreeSpace() {
        allocatedBytes = inUseBytes
    }
}
