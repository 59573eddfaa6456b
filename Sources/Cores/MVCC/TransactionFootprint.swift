internal import Primitives
internal import StoreModel

/// What one branch of a transaction puts and deletes, nested branches included.
///
/// One revision has at most one record for each key, so two puts to a key, or a put inside a
/// deleted range, are refused (etcd's checkIntervals). The two branches of a nested transaction
/// never run together: they may put the same key.
struct TransactionFootprint {
    private var puts: Set<Bytes> = []
    private var deletions: [KeyRange] = []

    /// Adds the operations of a branch.
    /// - Throws: `.duplicateKey`.
    mutating func add(_ operations: [TransactionOperation]) throws(StoreError) {
        for case .deleteRange(let request) in operations { deletions.append(request.range) }
        for case .transaction(let nested) in operations {
            var success = TransactionFootprint()
            try success.add(nested.success)
            var failure = TransactionFootprint()
            try failure.add(nested.failure)
            for key in success.puts { try add(put: key) }
            for key in failure.puts {
                if success.puts.contains(key) {
                    try checkNotDeleted(key)
                } else {
                    try add(put: key)
                }
            }
            deletions += success.deletions + failure.deletions
        }
        for case .put(let put) in operations { try add(put: put.key) }
    }

    private mutating func add(put key: Bytes) throws(StoreError) {
        try checkNotDeleted(key)
        if !puts.insert(key).inserted { throw .duplicateKey }
    }

    private func checkNotDeleted(_ key: Bytes) throws(StoreError) {
        if deletions.contains(where: { $0.contains(key) }) { throw .duplicateKey }
    }
}
