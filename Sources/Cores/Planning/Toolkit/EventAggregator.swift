import Primitives
package import ResourceModel

/// Makes Event objects of what planners tell, few enough to be read: the same thing told again
/// counts up, many similar things become one, and an object that never stops telling is muted.
/// The limits are those of client-go.
package struct EventAggregator: Sendable {
    /// What is to be written.
    package enum Write: Sendable, Equatable {
        case create(JSON)
        case patch(ObjectReference, JSON)
    }

    /// How many kinds of events are remembered; beyond that the oldest are forgotten, and begin
    /// a new Event object when they come again.
    package static let rememberedMax = 4096
    /// From so many on, within the window, events that differ only in their message are one.
    static let similarMax = 10
    /// How long events belong together.
    static let windowSeconds: Int64 = 600
    /// An object may tell so much at once …
    static let burstMax = 25.0
    /// … and then once in so many seconds.
    static let refillSeconds = 300.0

    private struct Told: Sendable {
        var reference: ObjectReference
        var count: Int64
        var last: WallTime
    }

    private struct Similar: Sendable {
        var messages: Set<String>
        var last: WallTime
    }

    private struct Allowance: Sendable {
        var tokens: Double
        var last: WallTime
    }

    /// Where an instance of a controller runs, for `reportingInstance`.
    private let instance: String
    private var told = Remembered<EventNote, Told>(limit: rememberedMax)
    private var similar = Remembered<EventNote, Similar>(limit: rememberedMax)
    private var allowances = Remembered<String, Allowance>(limit: rememberedMax)

    /// Remembers nothing yet.
    package init(instance: String) {
        self.instance = instance
    }

    /// What is to be written because of a note; nil if the object has told too much.
    package mutating func record(_ note: EventNote, at now: WallTime) -> Write? {
        guard takeAllowance(note, now) else { return nil }
        let note = merged(note, now)
        if var earlier = told[note], now.seconds(since: earlier.last) <= Self.windowSeconds {
            earlier.count += 1
            earlier.last = now
            told[note] = earlier
            return .patch(
                earlier.reference,
                ["count": .integer(earlier.count), "lastTimestamp": now.json])
        }
        let event = event(note, now)
        told[note] = Told(reference: Resource(event).reference, count: 1, last: now)
        return .create(event)
    }

    private mutating func takeAllowance(_ note: EventNote, _ now: WallTime) -> Bool {
        let source = note.component + " " + note.uid
        var allowance = allowances[source] ?? Allowance(tokens: Self.burstMax, last: now)
        let seconds = Double(max(0, now.seconds(since: allowance.last)))
        allowance.tokens = min(Self.burstMax, allowance.tokens + seconds / Self.refillSeconds)
        allowance.last = now
        let isAllowed = allowance.tokens >= 1
        if isAllowed { allowance.tokens -= 1 }
        allowances[source] = allowance
        return isAllowed
    }

    /// The note itself, or one for all that differ from it only in what they say.
    private mutating func merged(_ note: EventNote, _ now: WallTime) -> EventNote {
        var group = note
        group.message = ""
        var seen = similar[group] ?? Similar(messages: [], last: now)
        if now.seconds(since: seen.last) > Self.windowSeconds { seen.messages = [] }
        seen.last = now
        if seen.messages.count < Self.similarMax { seen.messages.insert(note.message) }
        similar[group] = seen
        guard seen.messages.count >= Self.similarMax else { return note }
        var combined = note
        combined.message = "(combined from similar events)"
        return combined
    }

    private func event(_ note: EventNote, _ now: WallTime) -> JSON {
        let namespace = note.object.namespace.isEmpty ? "default" : note.object.namespace
        var hasher = StableHasher()
        for text in [note.uid, note.type.rawValue, note.reason, note.message, note.component] {
            hasher.combine(Array(text.utf8))
        }
        hasher.combine(now.seconds)
        let name = note.object.name + "." + String(hasher.value, radix: 16)
        var object: JSON = [
            "kind": .string(note.object.kind.kind), "name": .string(note.object.name),
            "uid": .string(note.uid),
            "apiVersion": .string(note.object.kind.groupVersion.description),
        ]
        if !note.object.namespace.isEmpty { object["namespace"] = .string(note.object.namespace) }
        return [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "involvedObject": object, "reason": .string(note.reason),
            "message": .string(note.message), "type": .string(note.type.rawValue),
            "source": ["component": .string(note.component)], "count": 1,
            "firstTimestamp": now.json, "lastTimestamp": now.json,
            "reportingComponent": .string(note.component),
            "reportingInstance": .string(instance),
        ]
    }
}

/// The values that were set last; those not touched for longest are dropped first.
private struct Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let limit: Int
    private var entries: [Key: (value: Value, turn: Int)] = [:]
    private var turn = 0

    init(limit: Int) {
        self.limit = limit
    }

    subscript(key: Key) -> Value? {
        get { entries[key]?.value }
        set {
            turn += 1
            entries[key] = newValue.map { ($0, turn) }
            if entries.count > limit { dropOldest() }
        }
    }

    /// Drops the older half at once, so that it costs little for each.
    private mutating func dropOldest() {
        let middle = entries.values.map(\.turn).sorted()[limit / 2]
        entries = entries.filter { $0.value.turn >= middle }
    }
}
