import Primitives
import StoreModel
import Testing

@Suite struct `Requests` {
    private static let range = TransactionOperation.range(RangeRequest(KeyRange(key: [1])))
    private static let put = TransactionOperation.put(PutRequest(key: [1], value: [2]))
    private static let delete = TransactionOperation.deleteRange(
        DeleteRangeRequest(KeyRange(key: [1])))

    private static func nested(
        success: [TransactionOperation] = [], failure: [TransactionOperation] = []
    ) -> TransactionOperation {
        .transaction(TransactionRequest(success: success, failure: failure))
    }

    @Test(arguments: [
        (0, [], [], true),
        (1, [range], [range, range], true),
        (2, [put], [], false),
        (3, [], [delete], false),
        (4, [range, put], [range], false),
        (5, [nested()], [nested(success: [range])], true),
        (6, [nested(failure: [delete])], [], false),
        (7, [range], [nested(success: [nested(failure: [put])])], false),
        (8, [nested(success: [nested(success: [range])])], [], true),
    ] as [(Int, [TransactionOperation], [TransactionOperation], Bool)])
    func `a transaction is read-only when no branch at any depth can write`(
        _ number: Int, _ success: [TransactionOperation], _ failure: [TransactionOperation],
        _ isReadOnly: Bool
    ) {
        let transaction = TransactionRequest(success: success, failure: failure)
        #expect(transaction.isReadOnly == isReadOnly, "case \(number)")
    }

    @Test func `compares alone change nothing`() {
        let compare = Compare(KeyRange(key: [1]), .equal, .version(0))
        #expect(TransactionRequest(compares: [compare]).isReadOnly)
    }

    @Test func `defaults are etcd's`() {
        let put = PutRequest(key: [1], value: [2])
        #expect(put.lease == .zero && !put.wantsPrevious && !put.ignoresValue && !put.ignoresLease)
        let range = RangeRequest(KeyRange(key: [1]))
        #expect(range.limit == 0 && range.revision == .zero && range.sortOrder == .none)
        #expect(range.minModRevision == .zero && range.maxCreateRevision == .zero)
        let limits = StoreLimits()
        #expect(limits.transactionOperationsMax == 128)
        #expect(limits.leaseTTLSecondsMax == 9_000_000_000)
        #expect(limits.mutation == nil)
    }

    @Test func `a watch starts as a plain one`() {
        let watch = WatchRequest(KeyRange(key: [1], end: [2]))
        #expect(watch.startRevision == .zero && watch.watchID == 0)
        #expect(!watch.wantsPrevious && !watch.wantsProgress && !watch.allowsFragments)
        #expect(!watch.filtersPuts && !watch.filtersDeletes)
        #expect(WatchStreamID(1) < WatchStreamID(2))
    }
}
