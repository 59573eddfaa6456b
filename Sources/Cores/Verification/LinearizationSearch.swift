import Primitives
import StoreModel

/// One depth-first search for a linearization (Wing and Gong 1993; the list of calls and returns
/// and the cache are Lowe's, "Testing for linearizability", 2017).
///
/// Revisions prune it: a state above the revision at which an operation not yet placed ran leads
/// nowhere, since revisions never decrease.
struct LinearizationSearch<State: LinearizableState> {
    /// What was reached: which operations are placed, and in what state. Two states with equal
    /// hash and equal operations placed are taken for the same.
    private struct Reached: Hashable {
        var placed: [UInt64]
        var fingerprint: UInt64
    }

    private struct Choice {
        var call: Int
        var before: State
    }

    private let history: [Operation]
    private let operations: [Int]
    private var calls: CallList
    private var answersLeft: SmallestLeft
    private var state: State
    private var placed: [UInt64]
    private var choices: [Choice] = []
    private var cache: Set<Reached> = []
    private let stepsMax: Int
    /// Tries so far.
    private(set) var steps = 0
    /// The longest order found, and what could not be placed after it.
    private var longest: [Int] = []
    private var blocked: Int?
    /// What stands lowest of all that could not be placed.
    private var lowest: Int?

    /// Prepares to order the operations `indices` of `history`, starting from `state`.
    init(_ history: [Operation], _ indices: [Int], from state: State, stepsMax: Int) {
        self.history = history
        operations = indices
        self.state = state
        self.stepsMax = stepsMax
        calls = CallList(indices.map { (history[$0].invokedAt, history[$0].returnedAt) })
        answersLeft = SmallestLeft(
            indices.map { index in
                guard case .completed(_, let revision, let response) = history[index].outcome
                else { return nil }
                return response.madeRevision ? revision.rawValue - 1 : revision.rawValue
            })
        placed = Array(repeating: 0, count: (indices.count + 63) / 64)
    }

    /// Searches until an order is found, none is left, or the budget is used up.
    mutating func run() -> Verdict {
        guard calls.returnsLeft > 0 else { return .ok }
        var choice = calls.firstChoice
        while true {
            if let call = choice {
                if steps >= stepsMax { return .inconclusive(steps: steps) }
                steps += 1
                guard place(call) else {
                    choice = calls.choice(after: call)
                    continue
                }
                if calls.returnsLeft == 0 { return .ok }
                choice = calls.firstChoice
            } else {
                // An operation returned that cannot be placed: an earlier choice was wrong.
                if blocked == nil || choices.count > longest.count { remember() }
                guard let wrong = choices.popLast() else { return .violation(violation()) }
                takeBack(wrong)
                choice = calls.choice(after: wrong.call)
            }
        }
    }

    /// Places an operation next, if that explains its answer and was not tried before.
    private mutating func place(_ call: Int) -> Bool {
        let operation = calls.operation(call)
        guard let next = state.advanced(by: history[operations[operation]]) else { return false }
        answersLeft.remove(operation)
        placed[operation / 64] |= 1 << UInt64(operation % 64)
        let reached = Reached(placed: placed, fingerprint: next.fingerprint)
        guard next.lowestRevision.rawValue <= answersLeft.value, cache.insert(reached).inserted
        else {
            answersLeft.restore(operation)
            placed[operation / 64] &= ~(1 << UInt64(operation % 64))
            return false
        }
        choices.append(Choice(call: call, before: state))
        state = next
        calls.remove(call)
        return true
    }

    private mutating func takeBack(_ choice: Choice) {
        state = choice.before
        let operation = calls.operation(choice.call)
        placed[operation / 64] &= ~(1 << UInt64(operation % 64))
        answersLeft.restore(operation)
        calls.restore(choice.call)
    }

    private mutating func remember() {
        longest = choices.map { operations[calls.operation($0.call)] }
        let returned = calls.firstReturned
        blocked = operations[returned]
        lowest = answersLeft.owner(except: returned).map { operations[$0] }
    }

    private func violation() -> Violation {
        guard let blocked else { return Violation(.notLinearizable, "no order exists") }
        let order = longest.suffix(6).map { "#\($0)" }.joined(separator: " ")
        let lead = longest.count > 6 ? "… " : ""
        var involved = [blocked]
        var text = "no order explains " + history[blocked].describe(index: blocked)
        if let lowest {
            text += " together with " + history[lowest].describe(index: lowest)
            involved.append(lowest)
        }
        return Violation(
            .notLinearizable,
            text + "; the longest order of what came before: "
                + (order.isEmpty ? "none" : lead + order),
            operations: involved)
    }
}
