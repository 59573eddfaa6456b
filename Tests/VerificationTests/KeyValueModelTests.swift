import Primitives
import StoreModel
import Testing

@testable import Verification

/// The model answers as etcd documents it (ETCD-SURFACE, etcd's RangeRequest and TxnRequest).
@Suite struct `Key-value model` {
    private var store = KeyValueModel()

    private mutating func apply(_ request: HistoryRequest) throws -> HistoryResponse {
        try store.apply(request)
    }

    private mutating func range(_ request: RangeRequest) throws -> RangeResponse {
        guard case .range(let answer) = try store.apply(.range(request, isSerializable: false))
        else { throw Unexpected() }
        return answer
    }

    private struct Unexpected: Error {}

    /// Keys a, b, c with values 3, 1, 2 at revisions 2, 3, 4.
    private mutating func fill() throws {
        for (key, value) in [("a", "3"), ("b", "1"), ("c", "2")] {
            _ = try apply(.put(key, value))
        }
    }

    private func names(_ answer: RangeResponse) -> String {
        String(decoding: answer.keyValues.flatMap(\.key), as: UTF8.self)
    }

    @Test mutating func `an empty store is at revision 1 and each write adds one`() throws {
        #expect(store.revision == Revision(1))
        #expect(try apply(.put("a", "1")) == .put(nil))
        #expect(store.revision == Revision(2))
        #expect(try apply(.get("a")) == .found(new("a", "1", 2)))
        #expect(try apply(.delete("a")) == .deleted(1))
        #expect(try apply(.delete("a")) == .deleted(0))
        #expect(store.revision == Revision(3))
        #expect(store.lastEvents.isEmpty)
        _ = try apply(.put("a", "2"))
        #expect(store.newest(bytes("a")) == new("a", "2", 4))
    }

    @Test mutating func `versions count from creation and previous versions are answered`() throws {
        _ = try apply(.put("a", "1"))
        #expect(try apply(.put(put("a", "2", previous: true))) == .put(new("a", "1", 2)))
        let second = kv("a", "2", create: 2, mod: 3, version: 2)
        #expect(
            try apply(.deleteRange(DeleteRangeRequest(one("a"), wantsPrevious: true)))
                == .deleteRange(DeleteRangeResponse(deleted: 1, previous: [second])))
    }

    @Test mutating func `the limit cuts the answer but not the count`() throws {
        try fill()
        let answer = try range(RangeRequest(allKeys, limit: 2))
        #expect(names(answer) == "ab")
        #expect(answer.count == 3)
        #expect(answer.hasMore)
        #expect(try range(RangeRequest(allKeys, limit: 3)).hasMore == false)
    }

    @Test mutating func `sorting comes before the limit`() throws {
        try fill()
        #expect(
            names(
                try range(
                    RangeRequest(
                        allKeys, limit: 2, sortOrder: .descending, sortTarget: .key))) == "cb")
        #expect(
            names(
                try range(RangeRequest(allKeys, sortOrder: .ascending, sortTarget: .value)))
                == "bca")
        #expect(
            names(try range(RangeRequest(allKeys, sortOrder: .descending, sortTarget: .mod)))
                == "cba")
        #expect(names(try range(RangeRequest(allKeys, sortTarget: .value))) == "bca")
    }

    @Test mutating func `bounds on revisions filter before the limit, not the count`() throws {
        try fill()
        var request = RangeRequest(allKeys, limit: 1)
        request.minModRevision = Revision(3)
        let answer = try range(request)
        #expect(names(answer) == "b")
        #expect(answer.count == 3)
        #expect(answer.hasMore)
        request.maxModRevision = Revision(3)
        #expect(try range(request).hasMore == false)
    }

    @Test mutating func `keys only and count only leave out what they say`() throws {
        try fill()
        #expect(
            try range(RangeRequest(allKeys, isKeysOnly: true)).keyValues.allSatisfy {
                $0.value.isEmpty && $0.version == 1
            })
        let counted = try range(RangeRequest(allKeys, limit: 1, isCountOnly: true))
        #expect(counted == RangeResponse(count: 3))
    }

    @Test mutating func `ranges are half-open, unbounded or empty`() throws {
        try fill()
        #expect(names(try range(RangeRequest(keys("a", "c")))) == "ab")
        #expect(names(try range(RangeRequest(KeyRange(key: bytes("b"), end: [0])))) == "bc")
        #expect(names(try range(RangeRequest(keys("c", "a")))) == "")
    }

    @Test mutating func `old revisions stay readable until compacted`() throws {
        try fill()
        _ = try apply(.delete("b"))
        #expect(names(try range(RangeRequest(allKeys, revision: Revision(4)))) == "abc")
        #expect(names(try range(RangeRequest(allKeys))) == "ac")
        _ = try apply(.compact(Revision(4)))
        #expect(names(try range(RangeRequest(allKeys, revision: Revision(4)))) == "abc")
        #expect(throws: StoreError.compacted(floor: Revision(4))) {
            try range(RangeRequest(allKeys, revision: Revision(3)))
        }
        #expect(throws: StoreError.futureRevision(current: Revision(5))) {
            try range(RangeRequest(allKeys, revision: Revision(6)))
        }
        #expect(throws: StoreError.compacted(floor: Revision(4))) {
            try apply(.compact(Revision(4)))
        }
        #expect(throws: StoreError.futureRevision(current: Revision(5))) {
            try apply(.compact(Revision(6)))
        }
    }

    @Test mutating func `revoking a lease deletes its keys in one revision`() throws {
        _ = try apply(.grant(7))
        _ = try apply(.put("b", "1", lease: 7))
        _ = try apply(.put("a", "1", lease: 7))
        _ = try apply(.put("c", "1", lease: 7))
        _ = try apply(.put("c", "2"))
        #expect(store.keys(attachedTo: LeaseID(7)) == [bytes("a"), bytes("b")])
        _ = try apply(.revoke(7))
        #expect(store.lastEvents == [deleteEvent("a", 6), deleteEvent("b", 6)])
        #expect(throws: StoreError.leaseNotFound) { try apply(.revoke(7)) }
        #expect(throws: StoreError.leaseNotFound) { try apply(.put("a", "1", lease: 7)) }
    }

    @Test mutating func `several leases expire in one revision`() throws {
        for (lease, key) in [(7, "a"), (8, "b")] {
            _ = try apply(.grant(Int64(lease)))
            _ = try apply(.put(key, "1", lease: Int64(lease)))
        }
        store.expire([LeaseID(7), LeaseID(8), LeaseID(9)])
        #expect(store.revision == Revision(4))
        #expect(store.lastEvents.count == 2)
        #expect(throws: StoreError.leaseExists) {
            _ = try apply(.grant(7))
            _ = try apply(.grant(7))
        }
    }

    @Test mutating func `keeping the value or the lease needs the key`() throws {
        _ = try apply(.grant(7))
        _ = try apply(.put("a", "1", lease: 7))
        _ = try apply(
                .put(
                    PutRequest(
                        key: bytes("a"), value: bytes("2"), lease: .zero, ignoresLease: true)))
        #expect(store.newest(bytes("a"))?.lease == LeaseID(7))
        _ = try apply(.put(PutRequest(key: bytes("a"), value: [], ignoresValue: true)))
        #expect(store.newest(bytes("a")) == kv("a", "2", create: 2, mod: 4, version: 3))
        #expect(throws: StoreError.keyNotFound) {
            try apply(.put(PutRequest(key: bytes("x"), value: [], ignoresValue: true)))
        }
        #expect(throws: StoreError.valueProvided) {
            try apply(.put(PutRequest(key: bytes("a"), value: [1], ignoresValue: true)))
        }
        #expect(throws: StoreError.leaseProvided) {
            try apply(
                .put(PutRequest(key: bytes("a"), value: [1], lease: LeaseID(7), ignoresLease: true))
            )
        }
    }

    @Test mutating func `states that answer alike have equal fingerprints, others don't`() throws {
        var other = store
        _ = try store.apply(.put("a", "1"))
        #expect(store.fingerprint != other.fingerprint)
        _ = try other.apply(.put("a", "1"))
        #expect(store.fingerprint == other.fingerprint)
        #expect(store == other)
        _ = try other.apply(.grant(7))
        #expect(store.fingerprint != other.fingerprint)
    }
}
