import EtcdAPI
import Primitives
import StoreModel
import Testing
import Wire

@testable import benchmark

/// What the load sends, and what it reads of the answers.
@Suite struct LoadRequestTests {
    /// The message that a client would send, without gRPC's prefix.
    private func message(
        _ template: RequestTemplate, key: Int, end: Int = 0, lease: UInt64 = 0
    ) -> Bytes {
        var stream = LoadStream(connection: 0)
        template.write(into: &stream, key: key, end: end, lease: lease)
        let count = stream.body[1..<5].reduce(0) { $0 << 8 | Int($1) }
        #expect(stream.body[0] == 0 && count == stream.body.count - 5)
        return Bytes(stream.body[5...])
    }

    @Test(arguments: [0, 7, 99_999, 9_999_999_999])
    func `a put carries the key that was asked for and a value of 256 bytes`(key: Int) throws {
        let bytes = message(.put(), key: key)
        let request = try PutRequest.decode(ProtobufReader(bytes))
        #expect(String(decoding: request.key, as: UTF8.self).hasSuffix("/\(padded(key))"))
        #expect(request.value.count == 256)
        #expect(request.lease == .zero)
    }

    @Test func `a range carries both its ends`() throws {
        let bytes = message(.range(count: 10), key: 5, end: 15)
        let range = try RangeRequest.decode(ProtobufReader(bytes))
        #expect(!range.isSerializable)
        #expect(String(decoding: range.request.range.key, as: UTF8.self).hasSuffix(padded(5)))
        #expect(String(decoding: range.request.range.end, as: UTF8.self).hasSuffix(padded(15)))
        let get = try RangeRequest.decode(ProtobufReader(message(.get(), key: 5)))
        #expect(get.request.range.isSingleKey)
    }

    @Test(arguments: [1 << 42, 1 << 42 + 1, 1 << 43 - 1] as [UInt64])
    func `the three calls of a lease name the same lease`(lease: UInt64) throws {
        let grant = try WireLeaseGrant(
            request: ProtobufReader(message(.leaseGrant(), key: 0, lease: lease)))
        let put = try PutRequest.decode(
            ProtobufReader(message(.leasedPut(), key: 3, lease: lease)))
        let revoke = try WireLeaseQuestion(
            decoding: ProtobufReader(message(.leaseRevoke(), key: 0, lease: lease)))
        #expect(grant.id.rawValue == Int64(lease) && grant.ttlSeconds == 60)
        #expect(put.lease.rawValue == Int64(lease))
        #expect(revoke.id.rawValue == Int64(lease))
        #expect(!String(decoding: put.key, as: UTF8.self).contains("pods"))
    }

    @Test(arguments: [1_000, 20_000, 999_983, 1_000_000])
    func `a load visits every key once`(keys: Int) {
        let stride = Workload.stride(keys)
        var seen = Array(repeating: false, count: keys)
        for number in 0..<keys { seen[number * stride % keys] = true }
        #expect(!seen.contains(false))
    }

    @Test func `an answer of another size than expected is no answer`() {
        var stream = LoadStream(connection: 0)
        stream.answerBytes = 100...200
        stream.begin()
        stream.receivedBytes = 150
        #expect(!stream.isAnswered, "the status has not come")
        stream.status = 0
        #expect(stream.isAnswered)
        stream.receivedBytes = 99
        #expect(!stream.isAnswered)
        stream.receivedBytes = 150
        stream.status = 14
        #expect(!stream.isAnswered)
    }

    private func padded(_ key: Int) -> String {
        String(repeating: "0", count: 10 - String(key).count) + String(key)
    }
}

/// The reader of watch responses, which works on bytes in place.
@Suite struct WatchMessageTests {
    private func read(_ bytes: Bytes) -> WatchMessage? {
        // SAFETY: the bytes are read during the call only.
        unsafe bytes.withUnsafeBytes { unsafe WatchMessage($0) }
    }

    private func encoded(_ body: WatchDelivery.Body) -> Bytes {
        var writer = ProtobufWriter()
        WatchDelivery(stream: WatchStreamID(1), watchID: 3, revision: Revision(9), body: body)
            .encode(WireHeader(clusterID: .max, memberID: .max, term: 2), into: &writer)
        return writer.bytes
    }

    @Test func `it tells creation, events and cancellation apart`() throws {
        let keyValue = KeyValue(
            key: [1], value: [2], createRevision: Revision(1), modRevision: Revision(2), version: 1,
            lease: .zero)
        let event = Event(kind: .put, keyValue: keyValue)
        #expect(try #require(read(encoded(.created))).isCreated)
        let events = try #require(read(encoded(.events([event, event], hasMoreFragments: false))))
        #expect(events.events == 2 && !events.isCreated && !events.isCancelled)
        let cancelled = try #require(read(encoded(.cancelled(compactRevision: .zero, reason: "x"))))
        #expect(cancelled.isCancelled)
    }

    @Test func `a message that is cut off is refused or says less, and never traps`() {
        let keyValue = KeyValue(
            key: [1], value: Bytes(repeating: 7, count: 300), createRevision: Revision(1),
            modRevision: Revision(2), version: 1, lease: .zero)
        let whole = encoded(
            .events([Event(kind: .put, keyValue: keyValue)], hasMoreFragments: false))
        for count in 0..<whole.count {
            let message = read(Bytes(whole[..<count]))
            #expect((message?.events ?? 0) == 0)
        }
    }
}
