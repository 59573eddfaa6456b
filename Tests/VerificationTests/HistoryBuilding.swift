import Primitives
import StoreModel

@testable import Verification

// Short words for writing histories by hand. Times are bare nanoseconds, keys and values texts.

/// A history with the log that belongs to it.
struct History: Sendable {
    var operations: [Operation]
    var log: EventLog

    /// A log entry for each list of events, from revision 2 on.
    init(_ operations: [Operation], log: [[Event]]) {
        self.operations = operations
        self.log = EventLog()
        for (index, events) in log.enumerated() {
            self.log.append(Revision(Int64(index + 2)), events)
        }
    }

    var verdict: Verdict { RevisionOrderChecker(log: log).check(operations) }
}

func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

func kv(
    _ key: String, _ value: String, create: Int64, mod: Int64, version: Int64, lease: Int64 = 0
) -> KeyValue {
    KeyValue(
        key: bytes(key), value: bytes(value), createRevision: Revision(create),
        modRevision: Revision(mod), version: version, lease: LeaseID(lease))
}

/// A key's first version.
func new(_ key: String, _ value: String, _ revision: Int64, lease: Int64 = 0) -> KeyValue {
    kv(key, value, create: revision, mod: revision, version: 1, lease: lease)
}

func putEvent(_ version: KeyValue, before: KeyValue? = nil) -> Event {
    Event(kind: .put, keyValue: version, previous: before)
}

func deleteEvent(_ key: String, _ revision: Int64, before: KeyValue? = nil) -> Event {
    Event(
        kind: .delete,
        keyValue: KeyValue(
            key: bytes(key), value: [], createRevision: .zero, modRevision: Revision(revision),
            version: 0, lease: .zero),
        previous: before)
}

func one(_ key: String) -> KeyRange { KeyRange(key: bytes(key)) }

/// Keys from `key` up to, not including, `end`.
func keys(_ key: String, _ end: String) -> KeyRange {
    KeyRange(key: bytes(key), end: bytes(end))
}

let allKeys = KeyRange(key: [0], end: [0])

func put(_ key: String, _ value: String, lease: Int64 = 0, previous: Bool = false) -> PutRequest {
    PutRequest(key: bytes(key), value: bytes(value), lease: LeaseID(lease), wantsPrevious: previous)
}

extension HistoryRequest {
    static func put(_ key: String, _ value: String, lease: Int64 = 0) -> Self {
        .put(VerificationTests.put(key, value, lease: lease))
    }

    static func get(_ key: String, at revision: Int64 = 0, serializable: Bool = false) -> Self {
        .range(RangeRequest(one(key), revision: Revision(revision)), isSerializable: serializable)
    }

    static func delete(_ key: String) -> Self { .deleteRange(DeleteRangeRequest(one(key))) }

    static func revoke(_ lease: Int64) -> Self { .leaseRevoke(LeaseID(lease)) }

    static func grant(_ lease: Int64, seconds: Int64 = 10) -> Self {
        .leaseGrant(LeaseID(lease), ttlSeconds: seconds)
    }

    /// Puts a value if the key was last changed at a revision, else reads it: an update as API
    /// servers do it.
    static func swap(_ key: String, mod: Int64, _ value: String) -> Self {
        .transaction(
            TransactionRequest(
                compares: [Compare(one(key), .equal, .mod(Revision(mod)))],
                success: [.put(VerificationTests.put(key, value))],
                failure: [.range(RangeRequest(one(key)))]))
    }
}

extension HistoryResponse {
    static var put: Self { .put(nil) }

    static func found(_ versions: KeyValue...) -> Self {
        .range(RangeResponse(keyValues: versions, count: Int64(versions.count)))
    }

    static func deleted(_ count: Int64) -> Self {
        .deleteRange(DeleteRangeResponse(deleted: count))
    }

    static var swapped: Self {
        .transaction(TransactionResponse(succeeded: true, parts: [.put(nil)]))
    }

    static func notSwapped(_ versions: KeyValue...) -> Self {
        .transaction(
            TransactionResponse(
                succeeded: false,
                parts: [
                    .range(RangeResponse(keyValues: versions, count: Int64(versions.count)))
                ]))
    }

    static func granted(_ lease: Int64, seconds: Int64 = 10) -> Self {
        .leaseGrant(LeaseID(lease), ttlSeconds: seconds)
    }
}

/// An answered operation.
func done(
    _ span: ClosedRange<Int64>, _ request: HistoryRequest, _ revision: Int64,
    _ response: HistoryResponse, client: Int = 1
) -> Operation {
    Operation(
        client: client, request: request, invokedAt: span.lowerBound,
        outcome: .completed(at: span.upperBound, revision: Revision(revision), response))
}

/// A refused operation.
func refused(
    _ span: ClosedRange<Int64>, _ request: HistoryRequest, _ error: StoreError, client: Int = 1
) -> Operation {
    Operation(
        client: client, request: request, invokedAt: span.lowerBound,
        outcome: .failed(at: span.upperBound, error))
}

/// An operation without an answer.
func lost(_ invokedAt: Int64, _ request: HistoryRequest, client: Int = 1) -> Operation {
    Operation(client: client, request: request, invokedAt: invokedAt, outcome: .unknown)
}
