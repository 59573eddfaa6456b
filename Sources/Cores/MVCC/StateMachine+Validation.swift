package import StoreModel
internal import Primitives

extension StateMachine {
    /// Refuses commands that no state would accept, before they cost an entry of the log. `apply`
    /// refuses them with the same errors.
    /// - Throws: `.emptyKey`, `.valueProvided`, `.leaseProvided`, `.tooManyOperations`,
    ///   `.nestedTooDeep`, `.duplicateKey`, `.leaseTTLTooLarge`.
    package func validate(_ command: Command) throws(StoreError) {
        switch command {
        case .put(let put): try validate(put)
        case .deleteRange(let request): if request.range.key.isEmpty { throw .emptyKey }
        case .transaction(let request):
            try validate(request, operationsMax: limits.transactionOperationsMax, depth: 0)
            var success = TransactionFootprint()
            try success.add(request.success)
            var failure = TransactionFootprint()
            try failure.add(request.failure)
        case .leaseGrant(_, let ttlSeconds):
            if ttlSeconds > limits.leaseTTLSecondsMax { throw .leaseTTLTooLarge }
        case .compact, .leaseRevoke, .leaseExpire, .leaseCheckpoint, .activateAlarm,
            .deactivateAlarm, .setMember:
            return
        }
    }

    private func validate(_ put: PutRequest) throws(StoreError) {
        if put.key.isEmpty { throw .emptyKey }
        if put.ignoresValue, !put.value.isEmpty { throw .valueProvided }
        if put.ignoresLease, put.lease != .zero { throw .leaseProvided }
    }

    /// etcd's checkTxnRequest: what the widest list of a level has is taken from what the levels
    /// below it may have.
    private func validate(
        _ request: TransactionRequest, operationsMax: Int, depth: Int
    ) throws(StoreError) {
        if depth > limits.transactionDepthMax { throw .nestedTooDeep }
        let width = max(request.compares.count, request.success.count, request.failure.count)
        if width > operationsMax { throw .tooManyOperations }
        for compare in request.compares where compare.range.key.isEmpty { throw .emptyKey }
        for branch in [request.success, request.failure] {
            for operation in branch {
                switch operation {
                case .range(let range): if range.range.key.isEmpty { throw .emptyKey }
                case .put(let put): try validate(put)
                case .deleteRange(let deletion): if deletion.range.key.isEmpty { throw .emptyKey }
                case .transaction(let nested):
                    try validate(nested, operationsMax: operationsMax - width, depth: depth + 1)
                }
            }
        }
    }
}
