package import Environment

/// Which keys are to be worked on next, with client-go's guarantees: a key that is added several
/// times is handed out once; no key is handed out again before it is done; a key that is added
/// meanwhile comes again after that; the key that waits longest is next.
///
/// As keys are told apart, the queue holds no more than there are objects.
package struct WorkQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    /// How long a key waits that fails again and again: doubled each time, up to the cap.
    package struct Backoff: Sendable {
        /// The first delay.
        package var firstMilliseconds: Int64
        /// The longest delay.
        package var longestMilliseconds: Int64

        /// Describes delays.
        package init(firstMilliseconds: Int64 = 5, longestMilliseconds: Int64 = 1_000_000) {
            self.firstMilliseconds = firstMilliseconds
            self.longestMilliseconds = longestMilliseconds
        }

        /// The delay after so many failures.
        func milliseconds(afterFailures count: Int) -> Int64 {
            let (delay, overflow) = firstMilliseconds.multipliedReportingOverflow(
                by: 1 << min(count, 40))
            return overflow ? longestMilliseconds : min(delay, longestMilliseconds)
        }
    }

    private let backoff: Backoff
    /// Keys in the order in which they were added; those before `nextPlace` are handed out.
    private var queue: [Key] = []
    private var nextPlace = 0
    /// Keys that have to be worked on: in the queue, or being worked on and added again.
    private var dirty: Set<Key> = []
    private var processing: Set<Key> = []
    private var failures: [Key: Int] = [:]
    private var delayed = DelayedKeys<Key>()

    /// An empty queue.
    package init(backoff: Backoff = Backoff()) {
        self.backoff = backoff
    }

    /// Adds a key.
    package mutating func add(_ key: Key) {
        guard dirty.insert(key).inserted, !processing.contains(key) else { return }
        queue.append(key)
    }

    /// Adds a key at a later time; of several times for one key the earliest counts.
    package mutating func add(_ key: Key, at instant: MonotonicInstant) {
        delayed.add(key, at: instant)
    }

    /// Adds a key that failed, after its back-off.
    package mutating func addAfterFailure(_ key: Key, now: MonotonicInstant) {
        let count = failures[key, default: 0]
        failures[key] = count + 1
        add(key, at: now.adding(milliseconds: backoff.milliseconds(afterFailures: count)))
    }

    /// Forgets that a key failed.
    package mutating func forgetFailures(of key: Key) {
        failures[key] = nil
    }

    /// The next key to work on; nil if there is none now. It must be given back to `finish`.
    package mutating func take(now: MonotonicInstant) -> Key? {
        while let key = delayed.takeDue(now) { add(key) }
        guard nextPlace < queue.count else { return nil }
        let key = queue[nextPlace]
        nextPlace += 1
        if nextPlace > 64, nextPlace * 2 > queue.count {
            queue.removeFirst(nextPlace)
            nextPlace = 0
        }
        dirty.remove(key)
        processing.insert(key)
        return key
    }

    /// Work on a key has ended, well or not.
    package mutating func finish(_ key: Key) {
        guard processing.remove(key) != nil, dirty.contains(key) else { return }
        queue.append(key)
    }

    /// How many keys could be taken now, those aside that become due.
    package var count: Int { queue.count - nextPlace }

    /// When the next delayed key becomes due.
    package var nextDeadline: MonotonicInstant? { delayed.nextDeadline }
}

/// Keys that wait for their time, in a binary heap.
private struct DelayedKeys<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var instant: MonotonicInstant
        var key: Key

        func isBefore(_ other: Entry) -> Bool {
            (instant, key) < (other.instant, other.key)
        }
    }

    private var heap: [Entry] = []
    /// When each key is due. An entry of the heap that says otherwise is of no account any more.
    private var dueTimes: [Key: MonotonicInstant] = [:]

    mutating func add(_ key: Key, at instant: MonotonicInstant) {
        if let earlier = dueTimes[key], earlier <= instant { return }
        dueTimes[key] = instant
        push(Entry(instant: instant, key: key))
        if heap.count > 2 * dueTimes.count + 64 { rebuild() }
    }

    var nextDeadline: MonotonicInstant? { dueTimes.isEmpty ? nil : heap.first?.instant }

    mutating func takeDue(_ now: MonotonicInstant) -> Key? {
        guard let first = heap.first, first.instant <= now else { return nil }
        pop()
        dueTimes[first.key] = nil
        dropOutdated()
        return first.key
    }

    /// The first entry is always one that counts.
    private mutating func dropOutdated() {
        while let first = heap.first, dueTimes[first.key] != first.instant { pop() }
    }

    private mutating func rebuild() {
        heap = dueTimes.map { Entry(instant: $1, key: $0) }.sorted { $0.isBefore($1) }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0, heap[place].isBefore(heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        dropOutdated()
    }

    private mutating func pop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].isBefore(heap[$1]) }),
                heap[least].isBefore(heap[place])
            else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
