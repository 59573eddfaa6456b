/// Something that a run may or may not contain: a kind of fault, or a thing that clients,
/// operators and settings do. Each is left out of half of the runs (swarm testing, Groce et al.,
/// ISSTA 2012), and the shrinker leaves out all that a failure does not need.
package enum Ingredient: Int, CaseIterable, Sendable, Comparable {
    // The network.
    case delay
    case loss
    case duplication
    case reorder
    case clog
    case partition
    case oneWayPartition
    case reset
    // Processes and clocks.
    case crash
    case pause
    case clockRate
    case wipe
    // Disks.
    case slowDisk
    case tornWrites
    case failedSync
    case readError
    case noSpace
    case bitRot
    // Clients.
    case lostAnswers
    case transactions
    case bigTransactions
    case oldReads
    case compaction
    case leases
    case watches
    case slowWatchers
    // Operators.
    case membership
    case transfer
    // Settings.
    case tinyBatches
    case shortLog
    case tinySegments
    case tinyCatchUp
    case batchedTurns
    // Added later; the order is part of what a seed means.
    case quota
    case fallingLeaders

    /// Orders by number.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The name by which the command line knows it.
    package var name: String { "\(self)" }
}

/// A set of ingredients.
package struct IngredientSet: Sendable, Equatable, CustomStringConvertible {
    private var bits: UInt64 = 0

    /// The set of the given ingredients.
    package init(_ ingredients: [Ingredient] = []) {
        for ingredient in ingredients { insert(ingredient) }
    }

    /// Whether it has the ingredient.
    package func contains(_ ingredient: Ingredient) -> Bool {
        bits >> UInt64(ingredient.rawValue) & 1 == 1
    }

    /// Adds an ingredient.
    package mutating func insert(_ ingredient: Ingredient) {
        bits |= 1 << UInt64(ingredient.rawValue)
    }

    /// Takes an ingredient out.
    package mutating func remove(_ ingredient: Ingredient) {
        bits &= ~(1 << UInt64(ingredient.rawValue))
    }

    /// The ingredients in order.
    package var all: [Ingredient] { Ingredient.allCases.filter(contains) }

    /// The names, separated by spaces.
    package var description: String { all.map(\.name).joined(separator: " ") }
}
