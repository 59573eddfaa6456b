internal import Primitives
internal import StoreModel

/// Watched ranges, found by a key inside them in logarithmic time: a treap (Seidel and Aragon
/// 1996) ordered by where ranges begin, in which each node knows how far the ranges below it
/// reach. Watches of equal ranges share a node.
struct RangeTree: Sendable {
    private struct Node: Sendable {
        var start: Bytes
        /// The first key behind the range; a single zero byte for no end.
        var end: Bytes
        /// The furthest end at or below this node.
        var reach: Bytes
        var watches: [Int]
        var left: Int?
        var right: Int?
        /// Random, and never less than the children's: keeps the tree flat.
        var priority: UInt64
    }

    private var nodes: [Node] = []
    private var freeNodes: [Int] = []
    private var root: Int?
    private var random = SplitMix64(seed: 0)

    var isEmpty: Bool { root == nil }

    /// Adds a watch; answers its place among those of its range.
    mutating func insert(_ watch: Int, _ range: KeyRange) -> Int {
        if let node = find(range) {
            nodes[node].watches.append(watch)
            return nodes[node].watches.count - 1
        }
        let node = Node(
            start: range.key, end: range.end, reach: range.end, watches: [watch], left: nil,
            right: nil, priority: random.next())
        let index: Int
        if let free = freeNodes.popLast() {
            index = free
            nodes[free] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        root = insert(index, under: root)
        return 0
    }

    /// Removes the watch at a place of a range; answers which one moved there.
    mutating func remove(at place: Int, _ range: KeyRange) -> Int? {
        guard let node = find(range) else {
            invariant(false, "no watch of the range is in the tree")
            return nil
        }
        let moved = nodes[node].watches.removeSwapping(at: place)
        if nodes[node].watches.isEmpty {
            root = remove(node, under: root)
            nodes[node] = Node(
                start: [], end: [], reach: [], watches: [], left: nil, right: nil, priority: 0)
            freeNodes.append(node)
        }
        return moved
    }

    /// Appends the watches of all ranges with the key, in the ranges' order.
    func collect(_ key: Bytes, into found: inout [Int]) {
        collect(key, under: root, into: &found)
    }

    /// Whether any range has the key.
    func contains(_ key: Bytes) -> Bool {
        contains(key, under: root)
    }
}

extension RangeTree {
    private func collect(_ key: Bytes, under top: Int?, into found: inout [Int]) {
        guard let top, Self.isBelow(key, nodes[top].reach) else { return }
        collect(key, under: nodes[top].left, into: &found)
        // Whatever is to the right begins no earlier than this node.
        if key.lexicographicallyPrecedes(nodes[top].start) { return }
        if Self.isBelow(key, nodes[top].end) { found.append(contentsOf: nodes[top].watches) }
        collect(key, under: nodes[top].right, into: &found)
    }

    private func contains(_ key: Bytes, under top: Int?) -> Bool {
        guard let top, Self.isBelow(key, nodes[top].reach) else { return false }
        if contains(key, under: nodes[top].left) { return true }
        if key.lexicographicallyPrecedes(nodes[top].start) { return false }
        return Self.isBelow(key, nodes[top].end) || contains(key, under: nodes[top].right)
    }

    private func find(_ range: KeyRange) -> Int? {
        var node = root
        while let present = node {
            if range.key == nodes[present].start, range.end == nodes[present].end {
                return present
            }
            let goesLeft = Self.isBefore(range.key, range.end, nodes[present])
            node = goesLeft ? nodes[present].left : nodes[present].right
        }
        return nil
    }

    private mutating func insert(_ node: Int, under top: Int?) -> Int {
        guard let top else { return node }
        if nodes[node].priority > nodes[top].priority {
            let (left, right) = split(top, at: node)
            nodes[node].left = left
            nodes[node].right = right
            measure(node)
            return node
        }
        if isBefore(node, top) {
            nodes[top].left = insert(node, under: nodes[top].left)
        } else {
            nodes[top].right = insert(node, under: nodes[top].right)
        }
        measure(top)
        return top
    }

    private mutating func remove(_ node: Int, under top: Int?) -> Int? {
        guard let top else { return nil }
        if top == node { return merge(nodes[top].left, nodes[top].right) }
        if isBefore(node, top) {
            nodes[top].left = remove(node, under: nodes[top].left)
        } else {
            nodes[top].right = remove(node, under: nodes[top].right)
        }
        measure(top)
        return top
    }

    /// Parts a tree into what is before `node` and what is behind it.
    private mutating func split(_ top: Int?, at node: Int) -> (Int?, Int?) {
        guard let top else { return (nil, nil) }
        if isBefore(node, top) {
            let (left, right) = split(nodes[top].left, at: node)
            nodes[top].left = right
            measure(top)
            return (left, top)
        }
        let (left, right) = split(nodes[top].right, at: node)
        nodes[top].right = left
        measure(top)
        return (top, right)
    }

    /// Joins two trees, all of `left` being before all of `right`.
    private mutating func merge(_ left: Int?, _ right: Int?) -> Int? {
        guard let left else { return right }
        guard let right else { return left }
        if nodes[left].priority > nodes[right].priority {
            nodes[left].right = merge(nodes[left].right, right)
            measure(left)
            return left
        }
        nodes[right].left = merge(left, nodes[right].left)
        measure(right)
        return right
    }

    /// Says anew how far the ranges at and below a node reach.
    private mutating func measure(_ node: Int) {
        var reach = nodes[node].end
        for child in [nodes[node].left, nodes[node].right] {
            guard let child, Self.isLater(nodes[child].reach, than: reach) else { continue }
            reach = nodes[child].reach
        }
        nodes[node].reach = reach
    }

    private func isBefore(_ node: Int, _ other: Int) -> Bool {
        Self.isBefore(nodes[node].start, nodes[node].end, nodes[other])
    }

    private static func isBefore(_ start: Bytes, _ end: Bytes, _ other: Node) -> Bool {
        if start == other.start { return isLater(other.end, than: end) }
        return start.lexicographicallyPrecedes(other.start)
    }

    private static func isLater(_ end: Bytes, than other: Bytes) -> Bool {
        if isUnbounded(other) { return false }
        return isUnbounded(end) || other.lexicographicallyPrecedes(end)
    }

    private static func isBelow(_ key: Bytes, _ end: Bytes) -> Bool {
        isUnbounded(end) || key.lexicographicallyPrecedes(end)
    }

    private static func isUnbounded(_ end: Bytes) -> Bool { end.count == 1 && end[0] == 0 }
}
