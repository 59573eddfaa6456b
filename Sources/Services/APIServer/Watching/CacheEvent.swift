internal import Primitives
internal import ResourceModel

/// A change of one object, as the watch cache keeps it. Belongs to the event loop.
final class CacheEvent {
    /// The revision of the change.
    let revision: Revision
    /// NAMESPACE/NAME, or the name alone.
    let place: String
    /// The object after the change; nil for a deletion.
    let object: VersionedObject?
    /// The object before the change; nil for a creation.
    let previous: VersionedObject?
    /// What was written for watchers that see the same, while it is being published.
    private var written: [Written: Bytes] = [:]

    /// The parsed objects, while it is being published.
    private var parsed: (object: JSON?, previous: JSON?) = (nil, nil)

    private struct Written: Hashable {
        var type: WatchEventType
        var view: ObjectView
    }

    init(revision: Revision, place: String, object: VersionedObject?, previous: VersionedObject?) {
        self.revision = revision
        self.place = place
        self.object = object
        self.previous = previous
    }

    /// Bytes that it holds.
    var bytes: Int { (object?.bytes.count ?? 0) + (previous?.bytes.count ?? 0) }

    /// What a watcher with this filter has to be told; nil for nothing.
    func change(seenThrough filter: WatchFilter) -> (WatchEventType, VersionedObject)? {
        guard filter.covers(place) else { return nil }
        let isIn = matches(object, filter, \.object)
        let wasIn = matches(previous, filter, \.previous)
        switch (wasIn, isIn) {
        case (false, true): return object.map { (.added, $0) }
        case (true, true): return object.map { (.modified, $0) }
        // It is gone from what the watcher sees: its last state there, at the present revision.
        case (true, false): return previous.map { (.deleted, $0.at(revision)) }
        case (false, false): return nil
        }
    }

    private func matches(
        _ object: VersionedObject?, _ filter: WatchFilter,
        _ place: WritableKeyPath<(object: JSON?, previous: JSON?), JSON?>
    ) -> Bool {
        guard let object else { return false }
        guard filter.selects != nil else { return true }
        // What is no JSON has no labels.
        let json = parsed[keyPath: place] ?? (try? JSON(parsing: object.bytes)) ?? .null
        parsed[keyPath: place] = json
        return filter.matches(json)
    }

    /// A line for the watchers of a view, written once for all of them.
    func line(_ type: WatchEventType, _ object: VersionedObject, _ view: ObjectView) -> Bytes {
        let key = Written(type: type, view: view)
        if let line = written[key] { return line }
        let line = view.line(type, object)
        written[key] = line
        return line
    }

    /// Forgets what was written and parsed.
    func wasPublished() {
        written = [:]
        parsed = (nil, nil)
    }
}

/// What a watch tells.
enum WatchEventType: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
    case bookmark = "BOOKMARK"
    case error = "ERROR"
}

/// Which objects a watcher or a list sees.
struct WatchFilter: Sendable {
    /// Only this namespace.
    var namespace: String?
    /// Only this object.
    var name: String?
    /// Beyond that, what selectors say of the object; nil without selectors.
    var selects: (@Sendable (JSON) -> Bool)?

    /// Whether the place of an object is in it at all.
    func covers(_ place: String) -> Bool {
        if let namespace, !Self.isPrefix(namespace, of: place) { return false }
        guard let name else { return true }
        return place == name || place.hasSuffix("/" + name)
    }

    /// Whether selectors choose the object.
    func matches(_ object: JSON) -> Bool { selects?(object) ?? true }

    /// Whether selectors choose the object; what is no JSON has no labels.
    func chooses(_ object: VersionedObject) -> Bool {
        guard selects != nil else { return true }
        // What is no JSON has no labels, so that nothing chooses it.
        return (try? JSON(parsing: object.bytes)).map(matches) ?? false
    }

    private static func isPrefix(_ namespace: String, of place: String) -> Bool {
        place.utf8.count > namespace.utf8.count
            && place.utf8.starts(with: namespace.utf8)
            && place.utf8[place.utf8.index(place.startIndex, offsetBy: namespace.utf8.count)]
                == UInt8(ascii: "/")
    }
}
