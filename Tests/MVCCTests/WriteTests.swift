import MVCC
import Primitives
import StoreModel
import Testing

/// What puts and deletions do (etcd's PutRequest and DeleteRangeRequest).
@Suite struct WriteTests {
    private var store: TestStore

    init() throws {
        store = try TestStore()
    }

    @Test mutating func `each change is one revision, from 2 on`() throws {
        #expect(store.machine.revision == Revision(1))
        #expect(try store.put("a", "1") == Revision(2))
        #expect(try store.put("a", "2") == Revision(3))
        #expect(try store.delete("a") == Revision(4))
        #expect(try store.delete("a") == Revision(4))
        #expect(try store.put("a", "3") == Revision(5))
        let response = try store.machine.range(RangeRequest(one("a")))
        #expect(response.keyValues == [version("a", "3", create: 5, mod: 5, version: 1)])
        #expect(store.machine.keyCount == 1)
    }

    @Test mutating func `previous versions are answered where asked for`() throws {
        try store.put("a", "1")
        var put = PutRequest(key: bytes("a"), value: bytes("2"), wantsPrevious: true)
        let first = version("a", "1", create: 2, mod: 2, version: 1)
        #expect(try store.succeed(.put(put)) == .put(first))
        put.key = bytes("b")
        #expect(try store.succeed(.put(put)) == .put(nil))
        let response = try store.succeed(
            .deleteRange(DeleteRangeRequest(everything, wantsPrevious: true)))
        let second = version("a", "2", create: 2, mod: 3, version: 2)
        let other = version("b", "2", create: 4, mod: 4, version: 1)
        #expect(
            response
                == .deleteRange(DeleteRangeResponse(deleted: 2, previous: [second, other])))
    }

    @Test mutating func `value and lease can be kept`() throws {
        try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 10))
        try store.put("a", "1", lease: LeaseID(7))
        try store.succeed(.put(PutRequest(key: bytes("a"), value: bytes("2"), ignoresLease: true)))
        try store.succeed(.put(PutRequest(key: bytes("a"), value: [], ignoresValue: true)))
        let response = try store.machine.range(RangeRequest(one("a")))
        #expect(
            response.keyValues
                == [version("a", "2", create: 2, mod: 4, version: 3, lease: 0)])
    }

    private static let refusals: [(PutRequest, StoreError)] = [
        (PutRequest(key: [], value: [1]), .emptyKey),
        (PutRequest(key: [1], value: [1], ignoresValue: true), .valueProvided),
        (PutRequest(key: [1], value: [1], lease: LeaseID(1), ignoresLease: true), .leaseProvided),
        (PutRequest(key: [1], value: [], ignoresValue: true), .keyNotFound),
        (PutRequest(key: [1], value: [1], ignoresLease: true), .keyNotFound),
        (PutRequest(key: [1], value: [1], lease: LeaseID(9)), .leaseNotFound),
    ]

    @Test(arguments: refusals)
    mutating func `a bad put changes nothing but the applied index`(
        put: PutRequest, error: StoreError
    ) throws {
        #expect(store.refusal(.put(put)) == error)
        #expect(store.refusal(.transaction(TransactionRequest(success: [.put(put)]))) == error)
        #expect(store.machine.revision == Revision(1))
        #expect(store.machine.keyCount == 0)
        #expect(store.machine.appliedIndex == LogIndex(2))
    }

    @Test mutating func `a deleted key can be kept neither in value nor in lease`() throws {
        try store.put("a", "1")
        try store.delete("a")
        #expect(
            store.refusal(.put(PutRequest(key: bytes("a"), value: [], ignoresValue: true)))
                == .keyNotFound)
    }

    @Test mutating func `events tell what watchers see, previous versions if wanted`() throws {
        try store.put("a", "1")
        let quiet = store.apply(.put(PutRequest(key: bytes("a"), value: bytes("2"))))
        #expect(quiet.events.map(\.previous) == [nil])
        store.machine.recordsPreviousVersions = true
        let outcome = store.apply(.deleteRange(DeleteRangeRequest(everything)))
        let gone = KeyValue(
            key: bytes("a"), value: [], createRevision: .zero, modRevision: Revision(4),
            version: 0, lease: .zero)
        let before = version("a", "2", create: 2, mod: 3, version: 2)
        #expect(outcome.events == [Event(kind: .delete, keyValue: gone, previous: before)])
        #expect(outcome.revision == Revision(4))
    }

    @Test mutating func `keys of any length and content keep their order`() throws {
        // RELIABILITY B41: deletes and ranges over neighbours that differ late.
        var names: [Bytes] = [[0], [0, 0], [0xFF], [0xFF, 0xFF]]
        for length in [1, 7, 8, 9, 15, 16, 17, 300] {
            names.append(Bytes(repeating: 0x61, count: length))
            names.append(Bytes(repeating: 0x61, count: length) + [0])
            names.append(Bytes(repeating: 0x61, count: length) + [0xFF])
        }
        names.append(Bytes(repeating: 0x62, count: 1_500_000))
        for name in names.reversed() {
            try store.succeed(.put(PutRequest(key: name, value: [])))
        }
        names.sort { $0.lexicographicallyPrecedes($1) }
        let all = try store.machine.range(RangeRequest(everything))
        #expect(all.keyValues.map(\.key) == names)
        for (index, name) in names.enumerated() {
            let rest = try store.machine.range(RangeRequest(KeyRange(key: name, end: [0])))
            #expect(rest.keyValues.map(\.key) == Array(names[index...]))
        }
        store.machine.checkInvariants()
    }
}
