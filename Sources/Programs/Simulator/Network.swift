internal import Primitives

/// The links between machines, one for each ordered pair. By default a link delivers in order, as
/// a connection does; what is lost, doubled, late or out of order is decided message by message.
struct Network {
    /// A one-way link.
    struct Link {
        /// Messages sent so far: keys their fates.
        var ordinal: UInt64 = 0
        /// Counts resets; what was in flight before is lost.
        var epoch: UInt64 = 0
        /// When the latest message arrives; in-order links deliver no later one before.
        var lastArrival: Int64 = 0
        /// How many partitions cut it.
        var cuts = 0
        /// Nothing arrives before.
        var cloggedUntil: Int64 = 0
        var inFlight = 0
    }

    /// Machines that there can be in a run.
    static let machinesMax = 24
    /// Messages in flight on a link; more are lost.
    static let inFlightMax = 500

    private var links = [Link](repeating: Link(), count: machinesMax * machinesMax)
    /// What each partition under way cut, by the fault's number.
    private var cuts: [(fault: Int, links: [Int])] = []

    /// The number of the link between two machines.
    static func link(from: Int, to: Int) -> Int { from * machinesMax + to }

    subscript(link: Int) -> Link {
        get { links[link] }
        _modify { yield &links[link] }
    }

    /// Whether anything gets through from one machine to another.
    func isOpen(from: Int, to: Int) -> Bool { links[Self.link(from: from, to: to)].cuts == 0 }

    /// Cuts links until `heal`.
    mutating func cut(_ pairs: [(from: Int, to: Int)], fault: Int) {
        let numbers = pairs.map { Self.link(from: $0.from, to: $0.to) }
        for number in numbers { links[number].cuts += 1 }
        cuts.append((fault, numbers))
    }

    /// Ends a partition.
    mutating func heal(fault: Int) {
        guard let position = cuts.firstIndex(where: { $0.fault == fault }) else { return }
        for number in cuts.remove(at: position).links { links[number].cuts -= 1 }
    }

    /// Ends all partitions and clogs.
    mutating func healAll() {
        cuts = []
        for number in links.indices {
            links[number].cuts = 0
            links[number].cloggedUntil = 0
        }
    }

    /// Breaks the connection between two machines: what is in flight both ways is lost.
    mutating func reset(_ one: Int, _ other: Int) {
        for number in [Self.link(from: one, to: other), Self.link(from: other, to: one)] {
            links[number].epoch += 1
            links[number].inFlight = 0
            links[number].lastArrival = 0
        }
    }
}

extension PartitionShape {
    /// The pairs of `machines` that cannot talk, in one direction each.
    /// - Parameter leader: the leader's machine, or any where there is none.
    func pairs(
        _ machines: [Int], leader: Int, using random: inout SplitMix64
    ) -> [(one: Int, other: Int)] {
        var order = machines
        for position in order.indices.reversed() where position > 0 {
            order.swapAt(position, random.below(position + 1))
        }
        let count = order.count
        switch self {
        case .one: return between(order.prefix(1), order.dropFirst())
        case .leader: return between([leader], order.filter { $0 != leader }[...])
        case .minority:
            let size = max(1, (count - 1) / 2)
            return between(order.prefix(size), order.dropFirst(size))
        case .bridge:
            guard count >= 3 else { return between(order.prefix(1), order.dropFirst()) }
            let rest = order.dropFirst()
            let half = rest.count / 2
            return between(rest.prefix(half), rest.dropFirst(half))
        case .ring:
            guard count >= 4 else { return between(order.prefix(1), order.suffix(1)) }
            // Each reaches a majority of neighbours on a circle and nobody else.
            let reach = count / 4 + 1
            var pairs: [(one: Int, other: Int)] = []
            for one in 0..<count {
                for other in one + 1..<count
                where min(other - one, count - (other - one)) > reach {
                    pairs.append((order[one], order[other]))
                }
            }
            return pairs.isEmpty ? between(order.prefix(1), order.suffix(1)) : pairs
        case .shattered:
            var pairs: [(one: Int, other: Int)] = []
            for one in 0..<count {
                for other in one + 1..<count { pairs.append((order[one], order[other])) }
            }
            return pairs
        }
    }

    private func between(
        _ left: ArraySlice<Int>, _ right: ArraySlice<Int>
    ) -> [(one: Int, other: Int)] {
        left.flatMap { one in right.filter { $0 != one }.map { (one, $0) } }
    }
}
