import Primitives
import StoreModel

extension KeyValueModel {
    /// Refuses requests that no state of the store would accept (etcd's checks before it proposes).
    func validate(_ request: HistoryRequest) throws(StoreError) {
        switch request {
        case .put(let put): try validate(put)
        case .range(let range, _): if range.range.key.isEmpty { throw .emptyKey }
        case .deleteRange(let deletion): if deletion.range.key.isEmpty { throw .emptyKey }
        case .transaction(let transaction):
            try validate(transaction, operationsMax: limits.transactionOperationsMax, depth: 0)
            _ = try footprint(transaction.success)
            _ = try footprint(transaction.failure)
        case .leaseGrant(_, let ttl):
            if ttl > limits.leaseTTLSecondsMax { throw .leaseTTLTooLarge }
        case .compact, .leaseRevoke: return
        }
    }

    private func validate(_ put: PutRequest) throws(StoreError) {
        if put.key.isEmpty { throw .emptyKey }
        if put.ignoresValue && !put.value.isEmpty { throw .valueProvided }
        if put.ignoresLease && put.lease != .zero { throw .leaseProvided }
    }

    private func validate(
        _ transaction: TransactionRequest, operationsMax: Int, depth: Int
    ) throws(StoreError) {
        if depth > limits.transactionDepthMax { throw .nestedTooDeep }
        let width = max(
            transaction.compares.count, transaction.success.count, transaction.failure.count)
        if width > operationsMax { throw .tooManyOperations }
        if transaction.compares.contains(where: { $0.range.key.isEmpty }) { throw .emptyKey }
        for operation in transaction.success + transaction.failure {
            switch operation {
            case .range(let range): if range.range.key.isEmpty { throw .emptyKey }
            case .put(let put): try validate(put)
            case .deleteRange(let deletion): if deletion.range.key.isEmpty { throw .emptyKey }
            case .transaction(let nested):
                // What this level uses is taken from what deeper ones may (etcd's checkTxnRequest).
                try validate(nested, operationsMax: operationsMax - width, depth: depth + 1)
            }
        }
    }

    /// What a branch may put and delete.
    private struct Footprint {
        var puts: [Bytes] = []
        var deletions: [KeyRange] = []

        func deletes(_ key: Bytes) -> Bool { deletions.contains { $0.contains(key) } }

        /// Adds puts of a nested branch; `alternatives` are those of its other branch, which never
        /// run together with them.
        mutating func add(
            _ keys: [Bytes], alternatives: [Bytes] = []
        ) throws(StoreError) {
            for key in keys {
                if deletes(key) { throw .duplicateKey }
                if alternatives.contains(key) { continue }
                if puts.contains(key) { throw .duplicateKey }
                puts.append(key)
            }
        }
    }

    /// Refuses two puts to one key, or a put inside a deleted range, within one branch; nested
    /// branches count for the outer one (etcd's checkIntervals).
    private func footprint(
        _ operations: [TransactionOperation]
    ) throws(StoreError) -> Footprint {
        var footprint = Footprint()
        for case .deleteRange(let deletion) in operations {
            footprint.deletions.append(deletion.range)
        }
        for case .transaction(let nested) in operations {
            let success = try self.footprint(nested.success)
            let failure = try self.footprint(nested.failure)
            try footprint.add(success.puts)
            try footprint.add(failure.puts, alternatives: success.puts)
            footprint.deletions += success.deletions + failure.deletions
        }
        for case .put(let put) in operations { try footprint.add([put.key]) }
        return footprint
    }

    /// Refuses a lease that does not exist; zero is none.
    func checkLease(_ id: LeaseID) throws(StoreError) {
        if id != .zero && !hasLease(id) { throw .leaseNotFound }
    }

    /// Refuses to keep the value or lease of a key that does not exist.
    func checkKeyExists(for put: PutRequest) throws(StoreError) {
        if put.ignoresValue || put.ignoresLease, newest(put.key) == nil { throw .keyNotFound }
    }
}
