import EtcdAPI
import Primitives
import StoreModel
import Testing
import Wire

/// Bytes from outside are read or refused, whatever they are.
@Suite struct `Hostile bytes` {
    /// A reader of one kind of message, and bytes that it reads.
    struct Subject: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: Bytes
        var read: @Sendable (ProtobufReader) throws -> Void
    }

    private static func subject(
        _ name: String, _ write: (inout ProtobufWriter) -> Void,
        _ read: @escaping @Sendable (ProtobufReader) throws -> Void
    ) -> Subject {
        Subject(testDescription: name, bytes: written(write), read: read)
    }

    static let subjects: [Subject] = [
        subject("range", { sampleRange.encode(isSerializable: true, into: &$0) }) {
            _ = try RangeRequest.decode($0)
        },
        subject("put", { samplePut.encode(into: &$0) }) { _ = try PutRequest.decode($0) },
        subject("txn", { sampleTransaction.encode(into: &$0) }) {
            _ = try TransactionRequest.decode($0)
        },
        subject("txn answer", { sampleTransactionAnswer.encode(into: &$0, revision: 3) }) {
            _ = try TransactionResponse(decoding: $0)
        },
        subject(
            "watch create",
            { writer in
                var request = WatchRequest(KeyRange(key: bytes("a"), end: bytes("b")))
                request.filtersPuts = true
                WireWatchRequest.create(request).encode(into: &writer)
            }
        ) { _ = try WireWatchRequest.decode($0) },
        subject(
            "watch answer",
            { writer in
                WatchDelivery(
                    stream: WatchStreamID(1), watchID: 1, revision: Revision(2),
                    body: .events(
                        [Event(kind: .put, keyValue: sampleKeyValue)], hasMoreFragments: false)
                ).encode(WireHeader(clusterID: 9), into: &writer)
            }
        ) { _ = try WatchDelivery(decoding: $0, stream: WatchStreamID(1)) },
        subject(
            "members",
            { writer in
                WireMember(
                    id: 3, attributes: MemberAttributes(name: "m", peerURLs: ["http://a:1"])
                ).encode(2, into: &writer)
            }
        ) { _ = try WireMember.list($0) },
        subject(
            "alarm",
            { writer in
                WireAlarmRequest(action: .activate, member: PeerID(1), kind: .noSpace)
                    .encode(into: &writer)
            }
        ) { _ = try WireAlarmRequest(decoding: $0) },
        subject(
            "proclaim",
            { writer in
                WireProclaimRequest(
                    leader: WireLeaderKey(name: [1], key: [2], revision: Revision(3)), value: [4]
                ).encode(into: &writer)
            }
        ) { _ = try WireProclaimRequest(decoding: $0) },
    ]

    @Test(arguments: subjects)
    func `every truncation is read or refused`(subject: Subject) throws {
        try subject.read(ProtobufReader(subject.bytes))
        var refused = 0
        for count in 0..<subject.bytes.count {
            do {
                try subject.read(ProtobufReader(Bytes(subject.bytes.prefix(count))))
            } catch {
                refused += 1
            }
        }
        #expect(refused > subject.bytes.count / 3)
    }

    @Test(arguments: subjects)
    func `every flipped bit is read or refused`(subject: Subject) {
        var refused = 0
        for position in 0..<subject.bytes.count * 8 {
            var damaged = subject.bytes
            damaged[position / 8] ^= 1 << UInt8(position % 8)
            do {
                try subject.read(ProtobufReader(damaged))
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test func `a transaction nested without end is refused`() {
        var wire: Bytes = []
        for _ in 0..<2_000 {
            let inner = wire
            let operation = written { $0.writeEvenIfEmpty(4, inner) }
            wire = written { $0.writeEvenIfEmpty(2, operation) }
        }
        #expect(throws: GRPCStatus.self) {
            try TransactionRequest.decode(ProtobufReader(wire))
        }
    }

    @Test(arguments: [5, 6])
    func `an unknown sort option has etcd's text`(field: Int) {
        let wire = written { $0.write(field, 9 as UInt64) }
        let expected = GRPCStatus(.invalidArgument, "etcdserver: invalid sort option")
        #expect(throws: expected) { try RangeRequest.decode(ProtobufReader(wire)) }
    }
}
