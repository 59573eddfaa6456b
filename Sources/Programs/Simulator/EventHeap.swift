internal import Primitives

/// The events to come, ordered by time and, at the same time, by when they were scheduled: a
/// binary heap of small keys, with the events themselves in slots that don't move.
struct EventHeap<Event> {
    private struct Key {
        var time: Int64
        var sequence: UInt64
        var slot: Int32

        @inline(__always)
        static func < (left: Key, right: Key) -> Bool {
            left.time == right.time ? left.sequence < right.sequence : left.time < right.time
        }
    }

    private var keys: [Key] = []
    private var slots: [Event?] = []
    private var free: [Int32] = []
    /// How many events were scheduled so far.
    private(set) var sequence: UInt64 = 0

    /// How many are to come.
    var count: Int { keys.count }

    /// When the next one happens; nil if none is left.
    var nextTime: Int64? { keys.first?.time }

    /// Schedules an event at `time` in nanoseconds.
    mutating func push(_ event: Event, at time: Int64) {
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            slots[Int(slot)] = event
        } else {
            slot = Int32(slots.count)
            slots.append(event)
        }
        sequence += 1
        keys.append(Key(time: time, sequence: sequence, slot: slot))
        siftUp(keys.count - 1)
    }

    /// Takes the next event out.
    mutating func pop() -> (time: Int64, event: Event)? {
        guard let first = keys.first, let last = keys.popLast() else { return nil }
        if !keys.isEmpty {
            keys[0] = last
            siftDown(0)
        }
        free.append(first.slot)
        guard let event = slots[Int(first.slot)].take() else {
            invariant(false, "slot \(first.slot) of the event heap is empty")
            return nil
        }
        return (first.time, event)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        let key = keys[child]
        while child > 0 {
            let parent = (child - 1) / 2
            guard key < keys[parent] else { break }
            keys[child] = keys[parent]
            child = parent
        }
        keys[child] = key
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        let key = keys[parent]
        while true {
            var child = 2 * parent + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[parent] = keys[child]
            parent = child
        }
        keys[parent] = key
    }
}
