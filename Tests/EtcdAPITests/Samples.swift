import EtcdAPI
import Primitives
import StoreModel
import Wire

/// The bytes of a text.
func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

/// The fields that `body` writes.
func written(_ body: (inout ProtobufWriter) -> Void) -> Bytes {
    var writer = ProtobufWriter()
    body(&writer)
    return writer.bytes
}

let sampleKeyValue = KeyValue(
    key: bytes("key"), value: bytes("value"), createRevision: Revision(3),
    modRevision: Revision(300), version: 7, lease: LeaseID(-5))

let sampleDeletion = KeyValue(
    key: bytes("gone"), value: [], createRevision: .zero, modRevision: Revision(9), version: 0,
    lease: .zero)

/// A request with every field set.
var sampleRange: RangeRequest {
    var request = RangeRequest(
        KeyRange(key: bytes("a"), end: bytes("z")), limit: 10, revision: Revision(77),
        sortOrder: .descending, sortTarget: .mod, isKeysOnly: true, isCountOnly: true)
    request.minModRevision = Revision(1)
    request.maxModRevision = Revision(2)
    request.minCreateRevision = Revision(3)
    request.maxCreateRevision = Revision(4)
    return request
}

let samplePut = PutRequest(
    key: bytes("k"), value: bytes("v"), lease: LeaseID(5), wantsPrevious: true,
    ignoresValue: true, ignoresLease: true)

let sampleDelete = DeleteRangeRequest(
    KeyRange(key: bytes("k"), end: [0]), wantsPrevious: true)

let sampleTransaction = TransactionRequest(
    compares: [
        Compare(KeyRange(key: bytes("a")), .equal, .version(0)),
        Compare(KeyRange(key: bytes("b"), end: bytes("c")), .greater, .create(Revision(4))),
        Compare(KeyRange(key: bytes("c")), .less, .mod(Revision(5))),
        Compare(KeyRange(key: bytes("d")), .notEqual, .value(bytes("x"))),
        Compare(KeyRange(key: bytes("e")), .equal, .value([])),
        Compare(KeyRange(key: bytes("f")), .equal, .lease(LeaseID(9))),
    ],
    success: [.put(samplePut), .range(RangeRequest(KeyRange(key: bytes("q"))))],
    failure: [
        .deleteRange(sampleDelete),
        .transaction(TransactionRequest(success: [.put(samplePut)])),
    ])

let sampleTransactionAnswer = TransactionResponse(
    succeeded: true,
    parts: [
        .range(RangeResponse(keyValues: [sampleKeyValue], hasMore: true, count: 3)),
        .put(nil), .put(sampleKeyValue),
        .deleteRange(DeleteRangeResponse(deleted: 2, previous: [sampleKeyValue])),
        .transaction(TransactionResponse(succeeded: false, parts: [.put(nil)])),
    ])
