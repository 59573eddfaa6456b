import Primitives
import StoreModel

extension KeyValueModel {
    /// The branches that conditions chose, before anything ran.
    private struct Path {
        var succeeded: Bool
        var operations: [TransactionOperation]
        /// Of the nested transactions among the operations, in order.
        var nested: [Path]
    }

    /// Runs a transaction. All conditions, nested ones too, see the state before it; all refusals
    /// come before the first change; its reads see its own earlier writes (etcd's Txn).
    mutating func run(_ request: TransactionRequest) throws(StoreError) -> TransactionResponse {
        let path = choose(request)
        try check(path)
        return try execute(path)
    }

    private func choose(_ request: TransactionRequest) -> Path {
        let succeeded = request.compares.allSatisfy(holds)
        let operations = succeeded ? request.success : request.failure
        var nested: [Path] = []
        for case .transaction(let inner) in operations { nested.append(choose(inner)) }
        return Path(succeeded: succeeded, operations: operations, nested: nested)
    }

    private func check(_ path: Path) throws(StoreError) {
        var nested = path.nested.makeIterator()
        for operation in path.operations {
            switch operation {
            case .range(let range): try checkReadable(range.revision)
            case .put(let put):
                try checkKeyExists(for: put)
                try checkLease(put.lease)
            case .deleteRange: continue
            case .transaction: if let inner = nested.next() { try check(inner) }
            }
        }
    }

    private mutating func execute(_ path: Path) throws(StoreError) -> TransactionResponse {
        var answer = TransactionResponse(succeeded: path.succeeded)
        var nested = path.nested.makeIterator()
        for operation in path.operations {
            switch operation {
            case .range(let request): answer.parts.append(.range(try range(request)))
            case .put(let put): answer.parts.append(.put(write(put)))
            case .deleteRange(let request): answer.parts.append(.deleteRange(delete(request)))
            case .transaction:
                if let inner = nested.next() {
                    answer.parts.append(.transaction(try execute(inner)))
                }
            }
        }
        return answer
    }

    /// Whether a condition holds for every key of its range. Without any key the condition is on
    /// a key of zeros, and false if on a value (etcd's applyCompare, for ranges too).
    private func holds(_ compare: Compare) -> Bool {
        var isEmpty = true
        for position in positions(in: compare.range) {
            guard let version = keys[position].newest else { continue }
            isEmpty = false
            if !compare.holds(for: version) { return false }
        }
        return isEmpty ? compare.holdsForMissing : true
    }
}

extension Compare {
    /// Whether the condition holds for a version.
    func holds(for found: KeyValue) -> Bool {
        switch operand {
        case .version(let wanted): return relation.holds(found.version, wanted)
        case .create(let wanted):
            return relation.holds(found.createRevision.rawValue, wanted.rawValue)
        case .mod(let wanted): return relation.holds(found.modRevision.rawValue, wanted.rawValue)
        case .lease(let wanted): return relation.holds(found.lease.rawValue, wanted.rawValue)
        case .value(let wanted):
            let order: Int64 =
                found.value == wanted ? 0 : precedes(found.value, wanted) ? -1 : 1
            return relation.holds(order, 0)
        }
    }

    /// Whether the condition holds where no key is.
    var holdsForMissing: Bool {
        if case .value = operand { return false }
        return holds(
            for: KeyValue(
                key: [], value: [], createRevision: .zero, modRevision: .zero, version: 0,
                lease: .zero))
    }
}

extension Compare.Relation {
    fileprivate func holds(_ found: Int64, _ wanted: Int64) -> Bool {
        switch self {
        case .equal: return found == wanted
        case .notEqual: return found != wanted
        case .greater: return found > wanted
        case .less: return found < wanted
        }
    }
}
