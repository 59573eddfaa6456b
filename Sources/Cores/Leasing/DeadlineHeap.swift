/// Slots ordered by a time, the earliest first: a binary heap that knows where each slot stands,
/// so that a deadline can be moved or taken out and nothing stale is kept.
struct DeadlineHeap: Sendable {
    /// The time of each slot, in nanoseconds.
    private var times: [Int64] = []
    /// Where each slot stands in the heap.
    private var places: [Int?] = []
    private var heap: [Int] = []

    /// How many slots have a deadline.
    var count: Int { heap.count }

    /// The slot with the earliest time; among equals the lowest slot.
    var first: (slot: Int, nanoseconds: Int64)? {
        heap.first.map { ($0, times[$0]) }
    }

    /// The slot's time, if it has one.
    subscript(slot: Int) -> Int64? {
        slot < places.count && places[slot] != nil ? times[slot] : nil
    }

    /// Gives a slot a time, or another one.
    mutating func set(_ slot: Int, to nanoseconds: Int64) {
        while places.count <= slot {
            places.append(nil)
            times.append(0)
        }
        times[slot] = nanoseconds
        if let place = places[slot] {
            siftDown(siftUp(place))
        } else {
            heap.append(slot)
            places[slot] = heap.count - 1
            siftUp(heap.count - 1)
        }
    }

    /// Takes a slot out, if it is in.
    mutating func remove(_ slot: Int) {
        guard slot < places.count, let place = places[slot] else { return }
        places[slot] = nil
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        places[last] = place
        siftDown(siftUp(place))
    }

    /// Forgets all slots.
    mutating func removeAll() {
        times = []
        places = []
        heap = []
    }

    private func isBefore(_ slot: Int, _ other: Int) -> Bool {
        times[slot] == times[other] ? slot < other : times[slot] < times[other]
    }

    @discardableResult
    private mutating func siftUp(_ start: Int) -> Int {
        var place = start
        while place > 0, isBefore(heap[place], heap[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return place
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && isBefore(heap[child], heap[least]) {
                least = child
            }
            if least == place { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ place: Int, _ other: Int) {
        heap.swapAt(place, other)
        places[heap[place]] = place
        places[heap[other]] = other
    }

    /// Whether the order and the places are right.
    var isConsistent: Bool {
        heap.indices.allSatisfy { place in
            places[heap[place]] == place
                && (place == 0 || !isBefore(heap[place], heap[(place - 1) / 2]))
        } && places.count(where: { $0 != nil }) == heap.count
    }
}
