package import Primitives
package import StoreModel

extension StateMachine {
    /// Reads changes from history, whole revisions and at least one, exactly as they were
    /// published when they were applied. Stops behind the revision with which `recordsMax`
    /// records were looked at, or the events have `bytesMax` bytes of keys and values.
    ///
    /// - Parameters:
    ///   - first: where to begin: at least `compactRevision`, at most `revision`.
    ///   - wantsPrevious: fills in the versions before, where they are not compacted.
    ///   - isWanted: whether events of a key are to be returned.
    /// - Returns: The events in order, and the first revision that was not read.
    package func events(
        from first: Revision, wantsPrevious: Bool, recordsMax: Int, bytesMax: Int,
        isWanted: (_ key: Bytes) -> Bool
    ) -> (events: [Event], next: Revision) {
        invariant(
            first >= compactRevision, "history from \(first), compacted to \(compactRevision)")
        var slice = EventSlice(recordsMax: recordsMax, bytesMax: bytesMax, next: revision.next)
        records.visit(
            from: first,
            stored: { id, span in
                guard slice.admits(id) else { return false }
                slice.count(id)
                do {
                    let key = copy(span.extracting(try RecordHeader(decoding: span).key))
                    guard isWanted(key) else { return true }
                    let keyValue = try KeyValue(decoding: span, id: id, known: key)
                    slice.append(event(keyValue, id, wantsPrevious))
                } catch {
                    // It was whole when the index was built.
                    invariant(false, "record \(id.main).\(id.sub) is damaged: \(error)")
                }
                return true
            },
            recent: { record in
                guard slice.admits(record.id) else { return false }
                slice.count(record.id)
                if isWanted(record.keyValue.key) {
                    slice.append(event(record.keyValue, record.id, wantsPrevious))
                }
                return true
            })
        return (slice.events, slice.next)
    }

    private func event(_ keyValue: KeyValue, _ id: RecordID, _ wantsPrevious: Bool) -> Event {
        Event(
            kind: keyValue.version == 0 ? .delete : .put, keyValue: keyValue,
            previous: wantsPrevious ? version(of: keyValue.key, before: id.main) : nil)
    }

    /// The version before a revision; nil where none existed or it may be compacted.
    private func version(of key: Bytes, before main: Revision) -> KeyValue? {
        guard main > compactRevision, let item = index.item(of: key),
            let record = index.olderVersion(of: item, at: main.previous.rawValue)
        else { return nil }
        return records.read(record.id, hash: record.hash, known: key)
    }
}

/// Events being gathered, up to a bound.
private struct EventSlice {
    let recordsMax: Int
    let bytesMax: Int
    var next: Revision
    var events: [Event] = []
    private var last = Revision.zero
    private var recordCount = 0
    private var byteCount = 0

    init(recordsMax: Int, bytesMax: Int, next: Revision) {
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
        self.next = next
    }

    /// Whether the record belongs to the slice: a bound ends it only between revisions.
    mutating func admits(_ id: RecordID) -> Bool {
        guard id.main != last, recordCount >= recordsMax || byteCount >= bytesMax else {
            return true
        }
        next = id.main
        return false
    }

    mutating func count(_ id: RecordID) {
        recordCount += 1
        last = id.main
    }

    mutating func append(_ event: Event) {
        byteCount += event.keyValue.key.count + event.keyValue.value.count
        byteCount += (event.previous?.key.count ?? 0) + (event.previous?.value.count ?? 0)
        events.append(event)
    }
}
