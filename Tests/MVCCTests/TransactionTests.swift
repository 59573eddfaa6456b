import MVCC
import Primitives
import StoreModel
import Testing

/// What transactions decide, do and refuse (etcd's TxnRequest).
@Suite struct TransactionTests {
    private var store: TestStore

    init() throws {
        store = try TestStore()
        try store.succeed(.leaseGrant(LeaseID(5), ttlSeconds: 60))
        try store.put("a", "1")
        try store.put("b", "2", lease: LeaseID(5))
        try store.put("b", "3", lease: LeaseID(5))
    }

    private static let compares: [(Compare, Bool)] = [
        (Compare(one("a"), .equal, .version(1)), true),
        (Compare(one("a"), .notEqual, .version(1)), false),
        (Compare(one("b"), .greater, .version(1)), true),
        (Compare(one("b"), .less, .version(2)), false),
        (Compare(one("a"), .equal, .create(Revision(2))), true),
        (Compare(one("b"), .less, .create(Revision(4))), true),
        (Compare(one("b"), .equal, .mod(Revision(4))), true),
        (Compare(one("b"), .greater, .mod(Revision(4))), false),
        (Compare(one("a"), .equal, .value(bytes("1"))), true),
        (Compare(one("a"), .less, .value(bytes("10"))), true),
        (Compare(one("a"), .greater, .value(bytes("0"))), true),
        (Compare(one("a"), .notEqual, .value(bytes("1"))), false),
        (Compare(one("b"), .equal, .lease(LeaseID(5))), true),
        (Compare(one("a"), .equal, .lease(.zero)), true),
        // A key that is missing has zeros, and no value.
        (Compare(one("x"), .equal, .version(0)), true),
        (Compare(one("x"), .equal, .create(.zero)), true),
        (Compare(one("x"), .equal, .mod(.zero)), true),
        (Compare(one("x"), .less, .mod(Revision(1))), true),
        (Compare(one("x"), .greater, .version(0)), false),
        (Compare(one("x"), .equal, .lease(.zero)), true),
        (Compare(one("x"), .equal, .value([])), false),
        (Compare(one("x"), .notEqual, .value(bytes("1"))), false),
        // Over a range it must hold for all.
        (Compare(everything, .greater, .version(0)), true),
        (Compare(everything, .equal, .version(1)), false),
        (Compare(everything, .less, .value(bytes("4"))), true),
        (Compare(range("x", "z"), .equal, .version(0)), true),
        (Compare(range("x", "z"), .greater, .version(0)), false),
        (Compare(range("x", "z"), .equal, .value([])), false),
    ]

    @Test(arguments: compares)
    mutating func `a condition decides the branch`(compare: Compare, expected: Bool) throws {
        let request = TransactionRequest(
            compares: [compare], success: [put("yes")], failure: [put("no")])
        let response = try store.succeed(.transaction(request))
        let answer = TransactionResponse(succeeded: expected, parts: [.put(nil)])
        #expect(response == .transaction(answer))
        #expect(
            try store.machine.range(RangeRequest(one(expected ? "yes" : "no"))).count == 1)
    }

    @Test mutating func `all conditions must hold, and none always holds`() throws {
        let both = [
            Compare(one("a"), .equal, .version(1)), Compare(one("b"), .equal, .version(1)),
        ]
        let response = try store.succeed(.transaction(TransactionRequest(compares: both)))
        #expect(response == .transaction(TransactionResponse(succeeded: false)))
        #expect(
            try store.succeed(.transaction(TransactionRequest()))
                == .transaction(TransactionResponse(succeeded: true)))
        #expect(store.machine.revision == Revision(4))
    }

    @Test mutating func `all changes are one revision, and reads see those before them`() throws {
        let outcome = store.apply(
            .transaction(
                TransactionRequest(success: [
                    get(everything), put("c", "new"), get(everything), delete(one("a")),
                    get(everything), get(everything, at: Revision(4)),
                ])))
        guard case .success(.transaction(let response)) = outcome.result else {
            Issue.record("refused: \(outcome.result)")
            return
        }
        let seen = response.parts.map { part in
            guard case .range(let range) = part else { return "" }
            return range.keyValues.map { text($0.key) }.joined()
        }
        #expect(seen == ["ab", "", "abc", "", "bc", "ab"])
        #expect(outcome.revision == Revision(5))
        #expect(outcome.events.map(\.keyValue.modRevision) == [Revision(5), Revision(5)])
        #expect(outcome.events.map(\.kind) == [.put, .delete])
    }

    @Test mutating func `nested conditions see the state before the whole transaction`() throws {
        let nested = TransactionRequest(
            compares: [Compare(one("c"), .equal, .version(0))], success: [put("was missing")],
            failure: [put("was there")])
        try store.succeed(
            .transaction(TransactionRequest(success: [put("c"), .transaction(nested)])))
        #expect(try store.contents() == "a=1 b=3 c=v was missing=v")
    }

    private static let hostile: [(TransactionOperation, StoreError)] = [
        (get(everything, at: Revision(2)), .compacted(floor: Revision(3))),
        (get(everything, at: Revision(5)), .futureRevision(current: Revision(4))),
        (
            .put(PutRequest(key: bytes("x"), value: [], ignoresValue: true)),
            .keyNotFound
        ),
        (.put(PutRequest(key: bytes("x"), value: [], lease: LeaseID(6))), .leaseNotFound),
    ]

    @Test(arguments: hostile)
    mutating func `what cannot be done refuses the whole transaction before any effect`(
        operation: TransactionOperation, error: StoreError
    ) throws {
        // RELIABILITY B40: a read at a compacted revision within a transaction must not leave
        // members with different states (etcd #18667).
        try store.succeed(.compact(Revision(3)))
        let requests = [
            TransactionRequest(success: [put("n"), operation]),
            TransactionRequest(success: [
                put("n"), .transaction(TransactionRequest(success: [operation])),
            ]),
        ]
        for request in requests {
            let outcome = store.apply(.transaction(request))
            #expect(outcome.events.isEmpty)
            guard case .failure(let found) = outcome.result else {
                Issue.record("not refused")
                return
            }
            #expect(found == error)
            #expect(try store.contents() == "a=1 b=3")
        }
        // In the branch that does not run it does no harm.
        try store.succeed(
            .transaction(TransactionRequest(success: [put("n")], failure: [operation])))
    }

    @Test func `a read may not see a compaction's progress`() throws {
        // RELIABILITY B40: the compact revision decides, not what is physically gone.
        var members = [store, store]
        for index in members.indices {
            try members[index].succeed(.compact(Revision(4)))
        }
        _ = members[0].machine.compactSlice(recordsMax: 100)
        let request = TransactionRequest(success: [put("n"), get(everything, at: Revision(3))])
        let outcomes = members.indices.map { members[$0].apply(.transaction(request)) }
        #expect("\(outcomes[0].result)" == "\(outcomes[1].result)")
        #expect(members[0].machine.stateHash() == members[1].machine.stateHash())
    }

    private static func nested(
        _ success: [TransactionOperation], _ failure: [TransactionOperation] = []
    ) -> TransactionOperation {
        .transaction(TransactionRequest(success: success, failure: failure))
    }

    private static let duplicates: [([TransactionOperation], Bool)] = [
        ([put("k"), put("k")], true), ([put("k"), put("l")], false),
        ([put("k"), delete(one("k"))], true), ([delete(range("a", "z")), put("k")], true),
        ([delete(range("a", "k")), put("k")], false), ([delete(range("k", "\0")), put("k")], true),
        ([delete(one("k")), delete(one("k"))], false),
        ([put("k"), nested([put("k")])], true), ([nested([put("k")]), nested([put("k")])], true),
        ([nested([put("k")], [put("k")])], false),
        ([nested([put("k")], [put("l")]), put("l")], true),
        ([nested([put("k")], [put("k")]), nested([put("k")])], true),
        ([delete(one("k")), nested([put("k")])], true),
        ([delete(one("k")), nested([put("l")], [put("k")])], true),
        ([nested([delete(one("k"))]), put("k")], true),
        ([nested([put("k")], [delete(one("k"))])], false),
        // A child sees the deletions of its elder siblings, as in etcd.
        ([nested([delete(one("k"))]), nested([put("k")])], true),
        ([nested([put("k")]), nested([delete(one("k"))])], false),
        ([nested([nested([put("k")])]), put("k")], true),
    ]

    @Test(arguments: duplicates)
    mutating func `a key is changed once in a branch`(
        operations: [TransactionOperation], isRefused: Bool
    ) throws {
        for request in [
            TransactionRequest(success: operations),
            TransactionRequest(success: [], failure: operations),
        ] {
            let machine = store.machine
            let isRefusedBefore = refuses { try machine.validate(.transaction(request)) }
            #expect(isRefusedBefore == isRefused)
            let refusal = store.refusal(.transaction(request))
            #expect((refusal == .duplicateKey) == isRefused)
        }
    }

    private func refuses(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            return true
        }
    }

    @Test mutating func `a key put by one branch and by the other is fine`() throws {
        try store.succeed(
            .transaction(TransactionRequest(success: [put("k")], failure: [put("k")])))
    }

    private static func gets(_ count: Int) -> [TransactionOperation] {
        Array(repeating: get(one("a")), count: count)
    }

    private static let sizes: [(TransactionRequest, StoreError?)] = [
        (TransactionRequest(success: gets(128)), nil),
        (TransactionRequest(success: gets(129)), .tooManyOperations),
        (TransactionRequest(failure: gets(129)), .tooManyOperations),
        (
            TransactionRequest(
                compares: Array(repeating: Compare(one("a"), .equal, .version(1)), count: 129)),
            .tooManyOperations
        ),
        // What a level uses is taken from what the levels below may have.
        (TransactionRequest(success: gets(63) + [nested(gets(64))]), nil),
        (TransactionRequest(success: gets(63) + [nested(gets(65))]), .tooManyOperations),
        (TransactionRequest(success: [nested(gets(127))]), nil),
        (TransactionRequest(success: [nested(gets(128))]), .tooManyOperations),
        (deep(8), nil), (deep(9), .nestedTooDeep),
    ]

    private static func deep(_ depth: Int) -> TransactionRequest {
        depth == 0
            ? TransactionRequest(success: [get(one("a"))])
            : TransactionRequest(success: [.transaction(deep(depth - 1))])
    }

    @Test(arguments: sizes)
    mutating func `transactions have a greatest width and depth`(
        request: TransactionRequest, error: StoreError?
    ) throws {
        #expect(store.refusal(.transaction(request)) == error)
        let machine = store.machine
        if let error {
            #expect(throws: error) { try machine.validate(.transaction(request)) }
            #expect(throws: error) { _ = try machine.read(request) }
        } else {
            try machine.validate(.transaction(request))
            #expect(try machine.read(request).succeeded)
        }
    }

    private static let emptyKeys: [TransactionRequest] = [
        TransactionRequest(compares: [Compare(KeyRange(key: []), .equal, .version(0))]),
        TransactionRequest(success: [get(KeyRange(key: []))]),
        TransactionRequest(failure: [delete(KeyRange(key: []))]),
        TransactionRequest(success: [nested([.put(PutRequest(key: [], value: []))])]),
    ]

    @Test(arguments: emptyKeys)
    mutating func `every key must be given`(request: TransactionRequest) throws {
        #expect(store.refusal(.transaction(request)) == .emptyKey)
    }

    @Test func `a transaction that only reads needs no entry`() throws {
        let request = TransactionRequest(
            compares: [Compare(one("a"), .equal, .version(9))], success: [],
            failure: [get(one("a")), Self.nested([get(one("b"), at: Revision(3))])])
        let response = try store.machine.read(request)
        #expect(!response.succeeded)
        let first = version("a", "1", create: 2, mod: 2, version: 1)
        let second = version("b", "2", create: 3, mod: 3, version: 1, lease: 5)
        #expect(
            response.parts == [
                .range(RangeResponse(keyValues: [first], count: 1)),
                .transaction(
                    TransactionResponse(
                        succeeded: true,
                        parts: [.range(RangeResponse(keyValues: [second], count: 1))])),
            ])
    }
}
