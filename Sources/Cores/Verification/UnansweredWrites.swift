import Primitives
import StoreModel

/// Writes without an answer that may have made a revision of the log. Each explains at most one.
struct UnansweredWrites: Sendable {
    /// By value that they may store; the simulator's values are unique, others cost time only.
    private var byValue: [Bytes: [Int]] = [:]
    /// Those that may change something without storing a value of their own: most specific
    /// first, so that a deletion of many keys is kept for what only it explains.
    private var valueless: [Int] = []
    private let history: [Operation]

    /// Collects them from a placed history.
    init(_ placement: Placement) {
        history = placement.history
        var stored: Set<Bytes> = []
        for entry in placement.log.entries {
            for event in entry.events where event.kind == .put {
                stored.insert(event.keyValue.value)
            }
        }
        for index in placement.unknown {
            let effects = history[index].request.effects
            for value in effects.values { byValue[value, default: []].append(index) }
            // Where a value of its own stands, it took effect there and nowhere else.
            let isElsewhere = effects.values.contains { stored.contains($0) }
            if effects.mayBeValueless && !isElsewhere { valueless.append(index) }
        }
        let operations = history
        valueless.sort { left, right in
            let (one, other) = (operations[left].request, operations[right].request)
            if one.breadth != other.breadth { return one.breadth < other.breadth }
            return (operations[left].invokedAt, left) < (operations[right].invokedAt, right)
        }
    }

    /// What may have made these changes, best guess first.
    func candidates(for entry: EventLog.Entry) -> [Int] {
        var found: [Int] = []
        for event in entry.events where event.kind == .put {
            found += byValue[event.keyValue.value] ?? []
            break
        }
        found += valueless.filter { history[$0].request.mayMake(entry.events) }
        return found
    }
}

/// What a request may do to keys.
private struct Effects {
    var values: [Bytes] = []
    var mayBeValueless = false

    mutating func add(_ operations: [TransactionOperation]) {
        for operation in operations {
            switch operation {
            case .range: continue
            case .put(let put): add(put)
            case .deleteRange: mayBeValueless = true
            case .transaction(let nested): add(nested.success + nested.failure)
            }
        }
    }

    mutating func add(_ put: PutRequest) {
        if put.ignoresValue { mayBeValueless = true } else { values.append(put.value) }
    }
}

extension HistoryRequest {
    fileprivate var effects: Effects {
        var effects = Effects()
        switch self {
        case .put(let put): effects.add(put)
        case .deleteRange, .leaseRevoke: effects.mayBeValueless = true
        case .transaction(let transaction):
            effects.add(transaction.success + transaction.failure)
        case .range, .compact, .leaseGrant: break
        }
        return effects
    }

    /// How many keys it may touch: one, a known range, or unforeseeable.
    fileprivate var breadth: Int {
        switch self {
        case .put: return 0
        case .deleteRange(let deletion): return deletion.range.isSingleKey ? 0 : 2
        case .transaction: return 1
        case .leaseRevoke: return 3
        case .range, .compact, .leaseGrant: return 4
        }
    }

    /// False only if it cannot make these changes.
    fileprivate func mayMake(_ events: [Event]) -> Bool {
        switch self {
        case .put(let put):
            return events.count == 1 && events[0].kind == .put && events[0].keyValue.key == put.key
        case .deleteRange(let deletion):
            return events.allSatisfy {
                $0.kind == .delete && deletion.range.contains($0.keyValue.key)
            }
        case .leaseRevoke: return events.allSatisfy { $0.kind == .delete }
        case .transaction: return true
        case .range, .compact, .leaseGrant: return false
        }
    }
}
