import MVCC
import Primitives
import StoreModel
import Testing

/// What a range answers (etcd's RangeRequest).
@Suite struct RangeTests {
    private var store: TestStore

    /// Keys a, b, c with values 3, 1, 2 at revisions 2, 3, 4; b again with 1 at 5.
    init() throws {
        store = try TestStore()
        for (key, value) in [("a", "3"), ("b", "1"), ("c", "2"), ("b", "1")] {
            try store.put(key, value)
        }
    }

    private func names(_ response: RangeResponse) -> String {
        response.keyValues.map { text($0.key) }.joined()
    }

    @Test func `a key is answered with its revisions and version`() throws {
        let response = try store.machine.range(RangeRequest(one("b")))
        #expect(response.keyValues == [version("b", "1", create: 3, mod: 5, version: 2)])
        #expect(response.count == 1)
        #expect(!response.hasMore)
    }

    @Test(
        arguments: [
            (range("a", "c"), "ab"), (range("b", "\0"), "bc"), (range("\0", "\0"), "abc"),
            (range("c", "a"), ""), (range("b", "b"), ""), (one("a\0"), ""),
            (range("a\0", "b\0"), "b"), (range("d", "\0"), ""),
        ])
    func `a range ends before its end, and a zero byte means everything after`(
        range: KeyRange, expected: String
    ) throws {
        #expect(try names(store.machine.range(RangeRequest(range))) == expected)
    }

    @Test(
        arguments: [
            (Int64(0), "abc", false), (1, "a", true), (2, "ab", true), (3, "abc", false),
            (4, "abc", false), (.max, "abc", false), (-1, "abc", false),
        ])
    func `the limit cuts the answer but not the count`(
        limit: Int64, expected: String, hasMore: Bool
    ) throws {
        let response = try store.machine.range(RangeRequest(everything, limit: limit))
        #expect(names(response) == expected)
        #expect(response.hasMore == hasMore)
        #expect(response.count == 3)
    }

    private static let orders: [(RangeRequest.SortTarget, RangeRequest.SortOrder, String)] = [
        (.key, .none, "abc"), (.key, .ascending, "abc"), (.key, .descending, "cba"),
        (.value, .ascending, "bca"), (.value, .descending, "acb"),
        (.version, .ascending, "acb"), (.version, .descending, "bac"),
        (.create, .ascending, "abc"), (.create, .descending, "cba"),
        (.mod, .ascending, "acb"), (.mod, .descending, "bca"),
        // Without an order etcd sorts upwards by any target but the key.
        (.mod, .none, "acb"), (.value, .none, "bca"),
    ]

    @Test(arguments: orders)
    func `answers are sorted by any target`(
        target: RangeRequest.SortTarget, order: RangeRequest.SortOrder, expected: String
    ) throws {
        var request = RangeRequest(everything, sortOrder: order, sortTarget: target)
        #expect(try names(store.machine.range(request)) == expected)
        request.isKeysOnly = true
        let response = try store.machine.range(request)
        #expect(names(response) == expected)
        #expect(response.keyValues.allSatisfy { $0.value.isEmpty })
    }

    @Test func `an order decides before the limit, no order after it`() throws {
        var request = RangeRequest(
            everything, limit: 1, sortOrder: .descending, sortTarget: .mod)
        #expect(try names(store.machine.range(request)) == "b")
        // etcd reads one key beyond the limit, then sorts: c is not looked at.
        request.sortOrder = .none
        let response = try store.machine.range(request)
        #expect(names(response) == "a")
        #expect(response.hasMore)
    }

    @Test func `bounds on revisions choose keys, but do not change the count`() throws {
        var request = RangeRequest(everything)
        request.minModRevision = Revision(4)
        #expect(try names(store.machine.range(request)) == "bc")
        request.maxModRevision = Revision(4)
        #expect(try names(store.machine.range(request)) == "c")
        request = RangeRequest(everything, limit: 1)
        request.minCreateRevision = Revision(3)
        let response = try store.machine.range(request)
        #expect(names(response) == "b")
        #expect(response.hasMore)
        #expect(response.count == 3)
        request.maxCreateRevision = Revision(3)
        #expect(try !store.machine.range(request).hasMore)
    }

    @Test func `a count needs no keys`() throws {
        let response = try store.machine.range(
            RangeRequest(everything, limit: 1, isCountOnly: true))
        #expect(response == RangeResponse(count: 3))
    }

    @Test mutating func `any kept revision can be read`() throws {
        try store.delete("a")
        #expect(try store.contents() == "b=1 c=2")
        #expect(try store.contents(at: Revision(5)) == "a=3 b=1 c=2")
        #expect(try store.contents(at: Revision(3)) == "a=3 b=1")
        #expect(try store.contents(at: Revision(1)) == "")
        let old = try store.machine.range(RangeRequest(one("b"), revision: Revision(4)))
        #expect(old.keyValues == [version("b", "1", create: 3, mod: 3, version: 1)])
    }

    @Test mutating func `revisions out of reach are refused`() throws {
        try store.succeed(.compact(Revision(4)))
        let machine = store.machine
        #expect(throws: StoreError.compacted(floor: Revision(4))) {
            try machine.range(RangeRequest(everything, revision: Revision(3)))
        }
        #expect(throws: StoreError.futureRevision(current: Revision(5))) {
            try machine.range(RangeRequest(everything, revision: Revision(6)))
        }
        #expect(throws: StoreError.emptyKey) {
            try machine.range(RangeRequest(KeyRange(key: [])))
        }
        #expect(try store.contents(at: Revision(4)) == "a=3 b=1 c=2")
    }

    @Test mutating func `what the backend has is answered like what it has not`() throws {
        let before = try store.machine.range(RangeRequest(everything))
        try store.commit()
        #expect(try store.machine.range(RangeRequest(everything)) == before)
        try store.kill()
        #expect(try store.machine.range(RangeRequest(everything)) == before)
        try store.put("b", "4")
        #expect(try store.contents() == "a=3 b=4 c=2")
        #expect(try store.contents(at: Revision(5)) == "a=3 b=1 c=2")
    }

    @Test mutating func `a large range over many blocks is complete and counted`() throws {
        let count = 5_000
        for number in 0..<count {
            try store.put("key/\(number * 7_919 % count)", String(repeating: "v", count: 90))
        }
        try store.commit()
        try store.put("key/3", "new")
        let all = try store.machine.range(RangeRequest(range("key/", "key0")))
        #expect(all.keyValues.count == count)
        let names = all.keyValues.map(\.key)
        #expect(names == names.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(all.keyValues.first { $0.key == bytes("key/3") }?.value == bytes("new"))
        let old = try store.machine.range(
            RangeRequest(
                range("key/", "key0"), limit: 10, revision: store.machine.revision.previous))
        #expect(old.count == Int64(count))
        #expect(old.hasMore)
    }
}
