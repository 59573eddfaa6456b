/// A regular expression in the common part of RE2's syntax. Matching takes time in proportion to
/// the text for any expression: all ways to match are followed at once (Thompson 1968).
struct Pattern: Sendable {
    /// Why a text is no expression.
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        var description: String
    }

    /// One step of the matching.
    enum Step: Sendable {
        /// Passes one character that is in the set.
        case character(CharacterSet)
        /// Goes on at both places.
        case split(Int, Int)
        case jump(Int)
        case assert(Assertion)
        case match
    }

    /// What is tested without passing a character.
    enum Assertion: Sendable {
        case textStart
        case textEnd
        case lineStart
        case lineEnd
        case wordBoundary
        case noWordBoundary
    }

    /// Characters by their ranges.
    struct CharacterSet: Sendable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool {
            ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    /// How long a program may be; expressions with large repetitions are refused.
    static let stepsMax = 10_000

    let steps: [Step]

    /// Compiles an expression.
    init(_ text: String) throws(Failure) {
        var parser = PatternParser(text)
        steps = try parser.program()
    }

    /// Whether the expression matches somewhere in a text.
    func matches(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        var current = ThreadList(count: steps.count)
        var next = ThreadList(count: steps.count)
        for position in 0...scalars.count {
            // A match may begin anywhere.
            if follow(0, scalars, position, &current) { return true }
            guard position < scalars.count else { break }
            next.removeAll()
            for index in current.places {
                if case .character(let set) = steps[index], set.contains(scalars[position]),
                    follow(index + 1, scalars, position + 1, &next)
                {
                    return true
                }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Adds the places reached from `start` without passing a character; true at a match.
    private func follow(
        _ start: Int, _ scalars: [UInt32], _ position: Int, _ threads: inout ThreadList
    ) -> Bool {
        var open = [start]
        while let index = open.popLast() {
            guard threads.insert(index) else { continue }
            switch steps[index] {
            case .character: break
            case .match: return true
            case .jump(let target): open.append(target)
            case .split(let first, let second): open += [second, first]
            case .assert(let assertion):
                if Self.holds(assertion, scalars, position) { open.append(index + 1) }
            }
        }
        return false
    }

    private static func holds(
        _ assertion: Assertion, _ scalars: [UInt32], _ position: Int
    ) -> Bool {
        let before = position > 0 ? scalars[position - 1] : nil
        let after = position < scalars.count ? scalars[position] : nil
        let isBoundary = isWord(before) != isWord(after)
        switch assertion {
        case .textStart: return before == nil
        case .textEnd: return after == nil
        case .lineStart: return before == nil || before == 0x0A
        case .lineEnd: return after == nil || after == 0x0A
        case .wordBoundary: return isBoundary
        case .noWordBoundary: return !isBoundary
        }
    }

    private static func isWord(_ scalar: UInt32?) -> Bool {
        guard let scalar else { return false }
        return PatternParser.word.contains(scalar)
    }

    /// Places in the program, each once, in the order in which they were reached.
    private struct ThreadList {
        var places: [Int] = []
        private var isThere: [Bool]

        init(count: Int) { isThere = Array(repeating: false, count: count) }

        mutating func insert(_ place: Int) -> Bool {
            if isThere[place] { return false }
            isThere[place] = true
            places.append(place)
            return true
        }

        mutating func removeAll() {
            for place in places { isThere[place] = false }
            places.removeAll(keepingCapacity: true)
        }
    }
}
