package import StoreModel
internal import Primitives

/// Which branches run, decided by the state before the transaction.
private struct TransactionPath {
    var succeeded: Bool
    var operations: [TransactionOperation]
    /// One for each nested transaction among the operations, in order.
    var nested: [TransactionPath]
}

extension StateMachine {
    /// Carries out a transaction. All conditions, nested ones too, see the state before it. All
    /// that could refuse it is looked for, in replicated state alone, before the first change
    /// (etcd #18667: otherwise members differ). Its reads see its own earlier changes.
    mutating func run(
        _ request: TransactionRequest, _ draft: inout RevisionDraft
    ) throws(StoreError) -> TransactionResponse {
        let path = choose(request)
        try check(path)
        return perform(path, &draft)
    }

    /// Answers a transaction that cannot change anything.
    /// - Throws: what the transaction is refused with.
    package func read(
        _ request: TransactionRequest
    ) throws(StoreError) -> TransactionResponse {
        invariant(request.isReadOnly, "a transaction with changes came as a read")
        try validate(.transaction(request))
        let path = choose(request)
        try check(path)
        return answer(path)
    }

    private func choose(_ request: TransactionRequest) -> TransactionPath {
        let succeeded = request.compares.allSatisfy(holds)
        let operations = succeeded ? request.success : request.failure
        var nested: [TransactionPath] = []
        for case .transaction(let inner) in operations {
            nested.append(choose(inner))
        }
        return TransactionPath(succeeded: succeeded, operations: operations, nested: nested)
    }

    private func check(_ path: TransactionPath) throws(StoreError) {
        var nested = path.nested.makeIterator()
        for operation in path.operations {
            switch operation {
            case .range(let range): try checkReadable(range.revision)
            case .put(let put): try checkPut(put)
            case .deleteRange: continue
            case .transaction: if let inner = nested.next() { try check(inner) }
            }
        }
    }

    private mutating func perform(
        _ path: TransactionPath, _ draft: inout RevisionDraft
    ) -> TransactionResponse {
        var answer = TransactionResponse(succeeded: path.succeeded)
        answer.parts.reserveCapacity(path.operations.count)
        var nested = path.nested.makeIterator()
        for operation in path.operations {
            switch operation {
            case .range(let request): answer.parts.append(.range(collect(request)))
            case .put(let put): answer.parts.append(.put(write(put, &draft)))
            case .deleteRange(let request):
                answer.parts.append(.deleteRange(delete(request, &draft)))
            case .transaction:
                guard let inner = nested.next() else { continue }
                answer.parts.append(.transaction(perform(inner, &draft)))
            }
        }
        return answer
    }

    private func answer(_ path: TransactionPath) -> TransactionResponse {
        var answer = TransactionResponse(succeeded: path.succeeded)
        var nested = path.nested.makeIterator()
        for operation in path.operations {
            switch operation {
            case .range(let request): answer.parts.append(.range(collect(request)))
            case .transaction:
                guard let inner = nested.next() else { continue }
                answer.parts.append(.transaction(self.answer(inner)))
            case .put, .deleteRange: continue
            }
        }
        return answer
    }

    /// Whether a condition holds now for every key of its range. Where no key is, it is on a key
    /// of zeros, and false if on a value (etcd's applyCompare).
    private func holds(_ compare: Compare) -> Bool {
        var isEmpty = true
        var holds = true
        index.visitLeaves(index.span(of: compare.range)) { leaf, positions in
            for position in positions {
                let item = leaf.item(at: position)
                guard item.isLive else { continue }
                isEmpty = false
                if !self.holds(compare, for: item) {
                    holds = false
                    return false
                }
            }
            return true
        }
        return isEmpty ? compare.holdsForMissing : holds
    }

    private func holds(_ compare: Compare, for item: KeyItem) -> Bool {
        switch compare.operand {
        case .version(let wanted): return compare.relation.holds(item.version, wanted)
        case .create(let wanted): return compare.relation.holds(item.create, wanted.rawValue)
        case .mod(let wanted): return compare.relation.holds(item.main, wanted.rawValue)
        case .lease(let wanted): return compare.relation.holds(item.lease, wanted.rawValue)
        case .value(let wanted):
            let found = records.read(item.id, hash: item.hash).value
            return compare.relation.holds(
                order(found.span, wanted.span, from: 0), 0)
        }
    }
}

extension Compare {
    /// Whether the condition holds where no key is.
    fileprivate var holdsForMissing: Bool {
        switch operand {
        case .version(let wanted): return relation.holds(0, wanted)
        case .create(let wanted), .mod(let wanted): return relation.holds(0, wanted.rawValue)
        case .lease(let wanted): return relation.holds(0, wanted.rawValue)
        case .value: return false
        }
    }
}

extension Compare.Relation {
    fileprivate func holds<Number: Comparable>(_ found: Number, _ wanted: Number) -> Bool {
        switch self {
        case .equal: return found == wanted
        case .notEqual: return found != wanted
        case .greater: return found > wanted
        case .less: return found < wanted
        }
    }
}
