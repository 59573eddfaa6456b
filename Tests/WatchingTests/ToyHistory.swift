import Primitives
import StoreModel
import Watching

/// A change to make: a put, or a deletion where the value is nil.
struct Change {
    var key: String
    var value: String?
}

func put(_ key: String, _ value: String = "v") -> Change { Change(key: key, value: value) }
func delete(_ key: String) -> Change { Change(key: key, value: nil) }
func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

/// The truth: every revision from 2 on with its events, previous versions included.
struct ToyHistory: WatchHistory {
    /// The events of revision 2 and on.
    private(set) var entries: [[Event]] = []
    private(set) var compactRevision = Revision.zero
    private var current: [Bytes: KeyValue] = [:]

    var revision: Revision { Revision(Int64(entries.count) + 1) }

    /// Makes the next revision; keys must differ, and those deleted exist.
    mutating func apply(_ changes: [Change]) -> [Event] {
        let revision = revision.next
        let events = changes.map { change in
            let key = bytes(change.key)
            let before = current[key]
            guard let value = change.value else {
                current[key] = nil
                let gone = KeyValue(
                    key: key, value: [], createRevision: .zero, modRevision: revision, version: 0,
                    lease: .zero)
                return Event(kind: .delete, keyValue: gone, previous: before)
            }
            let now = KeyValue(
                key: key, value: bytes(value), createRevision: before?.createRevision ?? revision,
                modRevision: revision, version: (before?.version ?? 0) + 1, lease: .zero)
            current[key] = now
            return Event(kind: .put, keyValue: now, previous: before)
        }
        entries.append(events)
        return events
    }

    func exists(_ key: String) -> Bool { current[bytes(key)] != nil }

    mutating func compact(_ revision: Revision) {
        compactRevision = max(compactRevision, revision)
    }

    func events(at revision: Revision) -> [Event] { entries[Int(revision.rawValue) - 2] }

    func events(
        from first: Revision, wantsPrevious: Bool, recordsMax: Int, bytesMax: Int,
        isWanted: (_ key: Bytes) -> Bool
    ) -> (events: [Event], next: Revision) {
        precondition(first >= compactRevision && first <= revision, "asked for \(first)")
        precondition(recordsMax > 0 && bytesMax > 0)
        var slice: (events: [Event], next: Revision) = ([], max(first, Revision(2)))
        var records = 0
        var size = 0
        while slice.next <= revision, records < recordsMax, size < bytesMax {
            for var event in events(at: slice.next) {
                records += 1
                guard isWanted(event.keyValue.key) else { continue }
                let isKept = wantsPrevious && slice.next > compactRevision
                if !isKept { event.previous = nil }
                size += event.keyValue.key.count + event.keyValue.value.count
                size += event.previous.map { $0.key.count + $0.value.count } ?? 0
                slice.events.append(event)
            }
            slice.next = slice.next.next
        }
        return slice
    }
}
