import Primitives
import StoreModel
import Testing

@testable import Verification

/// Transactions of the model (etcd's TxnRequest).
@Suite struct `Transactions of the model` {
    private var store = KeyValueModel()

    private mutating func run(_ request: TransactionRequest) throws -> TransactionResponse {
        guard case .transaction(let answer) = try store.apply(.transaction(request)) else {
            throw Unexpected()
        }
        return answer
    }

    private struct Unexpected: Error {}

    private mutating func holds(_ compares: Compare...) throws -> Bool {
        try run(TransactionRequest(compares: compares)).succeeded
    }

    @Test mutating func `conditions compare every field with every relation`() throws {
        _ = try store.apply(.put("a", "m"))
        _ = try store.apply(.put("a", "n"))
        #expect(try holds())
        #expect(try holds(Compare(one("a"), .equal, .version(2))))
        #expect(try holds(Compare(one("a"), .less, .version(3))))
        #expect(try !holds(Compare(one("a"), .greater, .version(2))))
        #expect(try holds(Compare(one("a"), .notEqual, .create(Revision(3)))))
        #expect(try holds(Compare(one("a"), .equal, .create(Revision(2)))))
        #expect(try holds(Compare(one("a"), .equal, .mod(Revision(3)))))
        #expect(try holds(Compare(one("a"), .greater, .value(bytes("m")))))
        #expect(try !holds(Compare(one("a"), .greater, .value(bytes("nn")))))
        #expect(try holds(Compare(one("a"), .equal, .lease(.zero))))
        #expect(
            try !holds(
                Compare(one("a"), .equal, .version(2)), Compare(one("a"), .equal, .version(1))))
    }

    @Test mutating func `a missing key has zeros and no value`() throws {
        #expect(try holds(Compare(one("a"), .equal, .mod(.zero))))
        #expect(try holds(Compare(one("a"), .equal, .version(0))))
        #expect(try !holds(Compare(one("a"), .equal, .value([]))))
        #expect(try !holds(Compare(one("a"), .notEqual, .value(bytes("x")))))
    }

    // etcd's applyCompare treats an empty range as a missing key.
    @Test mutating func `a condition on a range holds for all of its keys`() throws {
        #expect(try !holds(Compare(keys("a", "c"), .greater, .create(.zero))))
        _ = try store.apply(.put("a", "1"))
        _ = try store.apply(.put("b", "1"))
        _ = try store.apply(.put("b", "2"))
        #expect(try holds(Compare(keys("a", "c"), .greater, .create(.zero))))
        #expect(try !holds(Compare(keys("a", "c"), .equal, .version(1))))
        #expect(try holds(Compare(keys("x", "y"), .equal, .version(0))))
    }

    @Test mutating func `a transaction's writes are one revision, seen by its own reads`() throws {
        let answer = try run(
            TransactionRequest(success: [
                .put(put("a", "1")), .range(RangeRequest(allKeys)), .put(put("b", "2")),
                .deleteRange(DeleteRangeRequest(one("x"))),
            ]))
        #expect(store.revision == Revision(2))
        #expect(store.lastEvents == [putEvent(new("a", "1", 2)), putEvent(new("b", "2", 2))])
        #expect(
            answer
                == TransactionResponse(
                    succeeded: true,
                    parts: [
                        .put(nil),
                        .range(RangeResponse(keyValues: [new("a", "1", 2)], count: 1)),
                        .put(nil), .deleteRange(DeleteRangeResponse()),
                    ]))
    }

    // etcd's compareToPath judges nested conditions before anything runs.
    @Test mutating func `nested conditions see the state before the whole transaction`() throws {
        let nested = TransactionRequest(
            compares: [Compare(one("a"), .equal, .version(0))],
            success: [.put(put("b", "absent"))], failure: [.put(put("b", "present"))])
        let answer = try run(
            TransactionRequest(success: [.put(put("a", "1")), .transaction(nested)]))
        #expect(store.newest(bytes("b"))?.value == bytes("absent"))
        #expect(
            answer.parts == [
                .put(nil), .transaction(TransactionResponse(succeeded: true, parts: [.put(nil)])),
            ])
    }

    @Test mutating func `a refused operation refuses the transaction without effect`() throws {
        let refusals: [(TransactionOperation, StoreError)] = [
            (.put(put("b", "1", lease: 9)), .leaseNotFound),
            (.put(PutRequest(key: bytes("b"), value: [], ignoresValue: true)), .keyNotFound),
            (
                .range(RangeRequest(one("a"), revision: Revision(9))),
                .futureRevision(current: Revision(1))
            ),
            (.put(put("", "1")), .emptyKey),
            (.put(put("a", "2")), .duplicateKey),
            (.deleteRange(DeleteRangeRequest(allKeys)), .duplicateKey),
            (.transaction(TransactionRequest(failure: [.put(put("a", "2"))])), .duplicateKey),
        ]
        for (operation, error) in refusals {
            #expect(throws: error) {
                try run(TransactionRequest(success: [.put(put("a", "1")), operation]))
            }
            #expect(store == KeyValueModel())
        }
    }

    @Test mutating func `both branches of a nested transaction may put one key`() throws {
        let nested = TransactionRequest(
            success: [.put(put("b", "1"))], failure: [.put(put("b", "2"))])
        _ = try run(TransactionRequest(success: [.transaction(nested)]))
        #expect(throws: StoreError.duplicateKey) {
            try run(TransactionRequest(success: [.transaction(nested), .transaction(nested)]))
        }
    }

    @Test mutating func `operations and depth are bounded`() throws {
        let reads = Array(
            repeating: TransactionOperation.range(RangeRequest(one("a"))), count: 129)
        _ = try run(TransactionRequest(success: Array(reads.dropLast())))
        #expect(throws: StoreError.tooManyOperations) {
            try run(TransactionRequest(failure: reads))
        }
        var deep = TransactionRequest()
        for _ in 0..<8 { deep = TransactionRequest(success: [.transaction(deep)]) }
        _ = try run(deep)
        #expect(throws: StoreError.nestedTooDeep) {
            try run(TransactionRequest(success: [.transaction(deep)]))
        }
    }

    @Test func `ties of a sorted answer may come in any order`() {
        let request = HistoryRequest.range(
            RangeRequest(allKeys, sortOrder: .ascending, sortTarget: .version),
            isSerializable: false)
        let (a, b) = (new("a", "1", 2), new("b", "1", 3))
        let c = kv("c", "2", create: 4, mod: 5, version: 2)
        #expect(matches(.found(b, a, c), .found(a, b, c), for: request))
        #expect(!matches(.found(a, c, b), .found(a, b, c), for: request))
        #expect(!matches(.found(a, a, c), .found(a, b, c), for: request))
        let byKey = HistoryRequest.range(RangeRequest(allKeys), isSerializable: false)
        #expect(!matches(.found(b, a, c), .found(a, b, c), for: byKey))
    }
}
