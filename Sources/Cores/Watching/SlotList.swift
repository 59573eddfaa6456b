/// A queue of slots, in `SlotLinks`.
struct SlotList: Sendable, Equatable {
    fileprivate(set) var first: Int?
    fileprivate(set) var last: Int?
    fileprivate(set) var count = 0

    var isEmpty: Bool { first == nil }
}

/// Links that put each slot into at most one `SlotList`, so that a watch can leave the middle of
/// a queue at once and stale entries never pile up.
struct SlotLinks: Sendable {
    private var before: [Int?] = []
    private var after: [Int?] = []

    /// Room for slots below `count`.
    mutating func grow(to count: Int) {
        while before.count < count {
            before.append(nil)
            after.append(nil)
        }
    }

    /// The slot behind, in whatever list it is.
    func following(_ slot: Int) -> Int? { after[slot] }

    /// Puts a slot that is in no list at the end of `list`.
    mutating func append(_ slot: Int, to list: inout SlotList) {
        before[slot] = list.last
        after[slot] = nil
        if let last = list.last { after[last] = slot } else { list.first = slot }
        list.last = slot
        list.count += 1
    }

    /// Takes a slot out of `list`, which it is in.
    mutating func remove(_ slot: Int, from list: inout SlotList) {
        if let previous = before[slot] {
            after[previous] = after[slot]
        } else {
            list.first = after[slot]
        }
        if let next = after[slot] { before[next] = before[slot] } else { list.last = before[slot] }
        before[slot] = nil
        after[slot] = nil
        list.count -= 1
    }

    /// The slots of a list in order.
    func slots(of list: SlotList) -> [Int] {
        var slots: [Int] = []
        var slot = list.first
        while let present = slot {
            slots.append(present)
            slot = after[present]
        }
        return slots
    }
}
