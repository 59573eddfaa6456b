import Primitives
import StoreModel

/// etcd's checks of a request, before it is proposed, in the plainest way.
struct NaiveValidation {
    var limits: StoreLimits

    func check(_ command: Command) throws(StoreError) {
        switch command {
        case .put(let request): try check(request)
        case .deleteRange(let request): try check(request.range)
        case .transaction(let request):
            try check(request, most: limits.transactionOperationsMax, depth: 0)
            _ = try changes(of: request.success)
            _ = try changes(of: request.failure)
        case .leaseGrant(_, let ttl):
            if ttl > limits.leaseTTLSecondsMax { throw .leaseTTLTooLarge }
        default: return
        }
    }

    private func check(_ range: KeyRange) throws(StoreError) {
        if range.key.isEmpty { throw .emptyKey }
    }

    private func check(_ request: PutRequest) throws(StoreError) {
        if request.key.isEmpty { throw .emptyKey }
        if request.ignoresValue && !request.value.isEmpty { throw .valueProvided }
        if request.ignoresLease && request.lease != .zero { throw .leaseProvided }
    }

    private func check(
        _ request: TransactionRequest, most: Int, depth: Int
    ) throws(StoreError) {
        if depth > limits.transactionDepthMax { throw .nestedTooDeep }
        let counts = [request.compares.count, request.success.count, request.failure.count]
        if counts.max()! > most { throw .tooManyOperations }
        for compare in request.compares { try check(compare.range) }
        for operation in request.success + request.failure {
            switch operation {
            case .range(let range): try check(range.range)
            case .put(let request): try check(request)
            case .deleteRange(let deletion): try check(deletion.range)
            case .transaction(let nested):
                try check(nested, most: most - counts.max()!, depth: depth + 1)
            }
        }
    }

    /// What a branch puts and deletes, nested ones included.
    private func changes(
        of branch: [TransactionOperation]
    ) throws(StoreError) -> (puts: [Bytes], deletions: [KeyRange]) {
        var puts: [Bytes] = []
        var deletions: [KeyRange] = []
        for case .deleteRange(let request) in branch { deletions.append(request.range) }
        for case .transaction(let nested) in branch {
            let left = try changes(of: nested.success)
            let right = try changes(of: nested.failure)
            for key in left.puts + right.puts {
                if deletions.contains(where: { $0.contains(key) }) { throw .duplicateKey }
                if puts.contains(key) { throw .duplicateKey }
            }
            puts += left.puts + right.puts.filter { !left.puts.contains($0) }
            deletions += left.deletions + right.deletions
        }
        for case .put(let request) in branch {
            if puts.contains(request.key) { throw .duplicateKey }
            if deletions.contains(where: { $0.contains(request.key) }) { throw .duplicateKey }
            puts.append(request.key)
        }
        return (puts, deletions)
    }
}
