/// Calls and returns in order of time, in lists from which a placed operation is taken out and
/// put back in constant time (Lowe 2017). Calls that never returned have a list of their own, so
/// that they are tried last: they need not be placed at all.
struct CallList: Sendable {
    private struct Entry: Sendable {
        var at: Int64
        var operation: Int
        /// The entry of the return; of a return itself and of what never returned, -1.
        var match = -1
        var isCall: Bool
        var previous = -1
        var next = -1
    }

    /// Entry 0 heads the list of what returned, entry 1 the list of what did not.
    private var entries: [Entry]
    /// Returns that are still in the list.
    private(set) var returnsLeft = 0

    /// Lists operations by the times at which they were invoked and returned, if they did.
    init(_ spans: [(invokedAt: Int64, returnedAt: Int64?)]) {
        // At the same time calls come first: what touches counts as concurrent.
        var order: [(at: Int64, isReturn: Int, operation: Int)] = []
        for (operation, span) in spans.enumerated() {
            order.append((span.invokedAt, 0, operation))
            if let at = span.returnedAt { order.append((at, 1, operation)) }
        }
        order.sort { $0 < $1 }
        let head = Entry(at: .min, operation: -1, isCall: false)
        entries = [head, head]
        var calls = Array(repeating: 0, count: spans.count)
        var last = [0, 1]
        for item in order {
            let list = spans[item.operation].returnedAt == nil ? 1 : 0
            let entry = entries.count
            entries.append(
                Entry(at: item.at, operation: item.operation, isCall: item.isReturn == 0))
            entries[entry].previous = last[list]
            entries[last[list]].next = entry
            last[list] = entry
            if item.isReturn == 0 {
                calls[item.operation] = entry
            } else {
                entries[calls[item.operation]].match = entry
                returnsLeft += 1
            }
        }
    }

    /// The first call that may be placed next; nil if none is left.
    var firstChoice: Int? {
        let first = entries[0].next
        return entries[first].isCall ? first : firstUnanswered
    }

    /// The next one to try after `call`; nil if all that began before the first return were.
    func choice(after call: Int) -> Int? {
        let next = entries[call].next
        if entries[call].match < 0 { return isInTime(next) ? next : nil }
        // The list cannot end before the return of `call`.
        return entries[next].isCall ? next : firstUnanswered
    }

    private var firstUnanswered: Int? {
        let first = entries[1].next
        return isInTime(first) ? first : nil
    }

    /// Whether a call without an answer began before the first return: calls are tried only up
    /// to there, since what returned must be placed first.
    private func isInTime(_ call: Int) -> Bool {
        call >= 0 && entries[call].at <= entries[firstReturn].at
    }

    /// The entry of the first return in the list; there must be one.
    private var firstReturn: Int {
        var entry = entries[0].next
        while entries[entry].isCall { entry = entries[entry].next }
        return entry
    }

    /// The operation that must be placed before anything that began after its return.
    var firstReturned: Int { entries[firstReturn].operation }

    /// The operation of an entry.
    func operation(_ entry: Int) -> Int { entries[entry].operation }

    /// Takes a call and its return out.
    mutating func remove(_ call: Int) {
        unlink(call)
        let match = entries[call].match
        if match >= 0 {
            unlink(match)
            returnsLeft -= 1
        }
    }

    /// Puts back what was taken out last.
    mutating func restore(_ call: Int) {
        let match = entries[call].match
        if match >= 0 {
            relink(match)
            returnsLeft += 1
        }
        relink(call)
    }

    private mutating func unlink(_ entry: Int) {
        let (previous, next) = (entries[entry].previous, entries[entry].next)
        entries[previous].next = next
        if next >= 0 { entries[next].previous = previous }
    }

    private mutating func relink(_ entry: Int) {
        let (previous, next) = (entries[entry].previous, entries[entry].next)
        entries[previous].next = entry
        if next >= 0 { entries[next].previous = entry }
    }
}

/// Numbers from which the smallest is known at any time while some are taken out and, last out
/// first in, put back.
struct SmallestLeft: Sendable {
    private let sorted: [(value: Int64, owner: Int)]
    /// By owner: whether its number is out.
    private var isOut: [Bool]
    /// The first in order that is not out.
    private var first = 0
    private let places: [Int]

    /// Holds a number for some of the owners `0..<values.count`.
    init(_ values: [Int64?]) {
        var sorted: [(value: Int64, owner: Int)] = []
        for (owner, value) in values.enumerated() {
            if let value { sorted.append((value, owner)) }
        }
        sorted.sort { $0 < $1 }
        var places = Array(repeating: -1, count: values.count)
        for (place, item) in sorted.enumerated() { places[item.owner] = place }
        self.sorted = sorted
        self.places = places
        isOut = Array(repeating: false, count: values.count)
    }

    /// The smallest number left; the largest possible if none is.
    var value: Int64 { first < sorted.count ? sorted[first].value : .max }

    /// Whose number is the smallest left, one owner not counted; nil if none is left.
    func owner(except ignored: Int) -> Int? {
        sorted[first...].first { !isOut[$0.owner] && $0.owner != ignored }?.owner
    }

    /// Takes the owner's number out.
    mutating func remove(_ owner: Int) {
        isOut[owner] = true
        while first < sorted.count && isOut[sorted[first].owner] { first += 1 }
    }

    /// Puts the owner's number back.
    mutating func restore(_ owner: Int) {
        isOut[owner] = false
        if places[owner] >= 0 { first = min(first, places[owner]) }
    }
}
