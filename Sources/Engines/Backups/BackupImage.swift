package import Environment
internal import MVCC
package import Primitives
package import Storage
package import StoreModel

/// Why the content of a backup cannot be used, though the file is whole.
package struct BackupError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For the operator.
    package var description: String
}

/// What a backup holds: a verified file, read with the store's own code. Takes memory for keys,
/// not for values, which are read from the file as they are asked for.
package struct BackupImage {
    /// The file's facts.
    package let summary: SnapshotSummary
    private let store: StateMachine

    /// Reads and verifies a backup.
    /// - Parameter onFault: told of a read that fails later, and must end the process.
    /// - Throws: `SnapshotError`, `DiskError`, `BackupError`.
    package init(
        path: String, disk: any Disk, ending: SnapshotEnding = .sum,
        onFault: @escaping @Sendable (BackendError) -> Never
    ) throws {
        let backend = try SnapshotBackend(
            path: path, disk: disk, ending: ending, onFault: onFault)
        summary = backend.summary
        do {
            store = try StateMachine(limits: StoreLimits(), backend: backend)
        } catch {
            throw BackupError(description: "\(path): \(error)")
        }
    }

    /// The newest revision.
    package var revision: Revision { store.revision }

    /// Reads below it are refused.
    package var compactRevision: Revision { store.compactRevision }

    /// Keys that exist at the newest revision.
    package var keyCount: Int { store.keyCount }

    /// The hash of history, as `endpoint hashkv --rev` answers at the same revision and compact
    /// revision.
    package func historyHash() -> UInt32 {
        do {
            return try store.hashKV(through: .zero).hash
        } catch {
            invariant(false, "the newest revision cannot be read: \(error)")
            return 0
        }
    }

    /// How many objects there are of each kind, and other keys, sorted by name.
    package func counts() -> [(kind: String, count: Int)] {
        var counts: [String: Int] = [:]
        var reader = BackupReader(self, range: .everything, keysOnly: true)
        while let next = reader.next() {
            counts[ObjectName(key: next.key)?.kind ?? "(other keys)", default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Reads a few keys in order.
    func page(_ range: KeyRange, limit: Int, keysOnly: Bool) -> [KeyValue] {
        do {
            return try store.range(
                RangeRequest(range, limit: Int64(limit), isKeysOnly: keysOnly)
            ).keyValues
        } catch {
            invariant(false, "the newest revision cannot be read: \(error)")
            return []
        }
    }
}

extension KeyRange {
    /// All keys.
    package static var everything: KeyRange { KeyRange(key: [0], end: [0]) }

    /// All keys that begin with a text.
    package static func prefix(_ text: String) -> KeyRange {
        var end = Bytes(text.utf8)
        while end.last == 0xFF { end.removeLast() }
        guard let last = end.last else { return .everything }
        end[end.count - 1] = last + 1
        return KeyRange(key: Bytes(text.utf8), end: end)
    }
}

/// Reads keys of a backup one after the other, in order, a page at a time.
package struct BackupReader {
    private static let pageKeys = 64

    private let image: BackupImage
    private let keysOnly: Bool
    private var rest: KeyRange
    private var page: ArraySlice<KeyValue> = []
    private var isAtEnd = false

    /// Starts at the first key of a range.
    package init(_ image: BackupImage, range: KeyRange, keysOnly: Bool = false) {
        self.image = image
        self.keysOnly = keysOnly
        rest = range
    }

    /// The next key.
    package mutating func next() -> KeyValue? {
        if page.isEmpty, !isAtEnd {
            page = image.page(rest, limit: Self.pageKeys, keysOnly: keysOnly)[...]
            isAtEnd = page.count < Self.pageKeys
            // The first key behind the last one.
            if let last = page.last { rest.key = last.key + [0] }
        }
        return page.popFirst()
    }
}
