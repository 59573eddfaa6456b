package import Primitives
package import StoreModel

/// All changes of the store by revision: the truth that histories and watches are held against.
/// Taken from a replica's apply outcomes or from a watch of all keys from the first revision on.
package struct EventLog: Sendable, Equatable {
    /// The changes of one revision, in the order in which they were made.
    package struct Entry: Sendable, Equatable {
        /// The revision that the changes made.
        package var revision: Revision
        /// The previous versions in them are ignored: the log knows them itself.
        package var events: [Event]

        /// Makes an entry.
        package init(revision: Revision, events: [Event]) {
            self.revision = revision
            self.events = events
        }
    }

    /// The revision of the empty store that the log starts from; 1 in etcd.
    package let base: Revision
    /// One entry for each revision from `base + 1` on, if the store is right.
    package private(set) var entries: [Entry] = []

    /// Starts from an empty store at `base`.
    package init(base: Revision = Revision(1)) {
        self.base = base
    }

    /// Starts from an empty store at revision 1 with these entries.
    package init(_ entries: [Entry]) {
        base = Revision(1)
        self.entries = entries
    }

    /// Adds the next revision's changes; nothing if there are none.
    package mutating func append(_ revision: Revision, _ events: [Event]) {
        if events.isEmpty { return }
        entries.append(Entry(revision: revision, events: events))
    }

    /// The newest revision.
    package var last: Revision { entries.last?.revision ?? base }

    /// What is wrong with the numbering, if anything: revisions are consecutive, each has
    /// events, and each event carries its revision (S3).
    package func numberingViolation() -> Violation? {
        var expected = base.next
        for entry in entries {
            if entry.revision != expected {
                return Violation(
                    .brokenLog,
                    "the log has revision \(entry.revision) where \(expected) should follow")
            }
            if entry.events.isEmpty {
                return Violation(.brokenLog, "revision \(expected) of the log has no events")
            }
            for event in entry.events where event.keyValue.modRevision != expected {
                return Violation(
                    .brokenLog,
                    "revision \(expected) of the log holds an event of revision "
                        + "\(event.keyValue.modRevision): \(describe(event))")
            }
            expected = expected.next
        }
        return nil
    }

    /// The changes of `revision`; empty where the log has none. Needs a log that is numbered
    /// right.
    package func events(at revision: Revision) -> [Event] {
        let index = revision.rawValue - base.rawValue - 1
        guard index >= 0, index < entries.count else { return [] }
        return entries[Int(index)].events
    }

    /// The index of the first entry at or after `revision`.
    func firstIndex(from revision: Revision) -> Int {
        Int(clamping: max(0, revision.rawValue - base.rawValue - 1))
    }
}

/// Every version of every key of a log, to look up the state at any revision.
struct KeyVersions: Sendable {
    private struct Versions: Sendable {
        var key: Bytes
        /// Ascending by modRevision; deletions have version 0.
        var versions: [KeyValue]
    }

    private var keys: [Versions] = []

    init(_ log: EventLog) {
        for entry in log.entries {
            for event in entry.events { record(event) }
        }
    }

    private mutating func record(_ event: Event) {
        var version = event.keyValue
        if event.kind == .delete { version.version = 0 }
        let (position, isPresent) = find(version.key)
        if isPresent {
            keys[position].versions.append(version)
        } else {
            keys.insert(Versions(key: version.key, versions: [version]), at: position)
        }
    }

    private func find(_ key: Bytes) -> (position: Int, isPresent: Bool) {
        let position = keys.partitionPoint { precedes($0.key, key) }
        return (position, position < keys.count && keys[position].key == key)
    }

    /// The key's version at `revision`; nil where it does not exist.
    func version(of key: Bytes, at revision: Revision) -> KeyValue? {
        let (position, isPresent) = find(key)
        guard isPresent else { return nil }
        return keys[position].versions.version(at: revision)
    }

    /// The keys attached to `lease` at `revision`, sorted.
    func keys(attachedTo lease: LeaseID, at revision: Revision) -> [Bytes] {
        keys.compactMap { entry in
            guard let version = entry.versions.version(at: revision) else { return nil }
            return version.lease == lease ? entry.key : nil
        }
    }
}

extension [KeyValue] {
    /// The version in force at `revision` of a key's ascending versions; nil before the first
    /// and after a deletion.
    func version(at revision: Revision) -> KeyValue? {
        // Most questions are about the present.
        guard let newest = last else { return nil }
        if newest.modRevision <= revision { return newest.version == 0 ? nil : newest }
        let position = partitionPoint { $0.modRevision <= revision }
        if position == 0 || self[position - 1].version == 0 { return nil }
        return self[position - 1]
    }
}

extension Array {
    /// The number of leading elements for which `isBefore` holds; it must hold for a prefix.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Whether key `left` sorts before `right` (bytewise, shorter first).
@inline(__always)
func precedes(_ left: Bytes, _ right: Bytes) -> Bool {
    let shared = Swift.min(left.count, right.count)
    for index in 0..<shared where left[index] != right[index] {
        return left[index] < right[index]
    }
    return left.count < right.count
}
