import Primitives
import StoreModel

// Whether an answer is one that the model allows. Answers are equal to the model's except where
// etcd leaves room: ties of a sorted range come in any order, a server may grant a longer TTL
// than asked for, and it chooses identifiers for leases asked for with zero.

/// Whether `actual` answers `request` as well as the model's answer does.
func matches(
    _ actual: HistoryResponse, _ expected: HistoryResponse, for request: HistoryRequest
) -> Bool {
    switch (actual, expected, request) {
    case (.range(let actual), .range(let expected), .range(let request, _)):
        return matches(actual, expected, for: request)
    case (.transaction(let actual), .transaction(let expected), .transaction(let request)):
        return matches(actual, expected, for: request)
    case (
        .leaseGrant(let id, let ttl), .leaseGrant(let wanted, _), .leaseGrant(let asked, let least)
    ):
        return (asked == .zero ? id != .zero : id == wanted) && ttl >= least
    default: return actual == expected
    }
}

private func matches(
    _ actual: TransactionResponse, _ expected: TransactionResponse, for request: TransactionRequest
) -> Bool {
    guard actual.succeeded == expected.succeeded, actual.parts.count == expected.parts.count
    else { return false }
    let operations = actual.succeeded ? request.success : request.failure
    for (index, operation) in operations.enumerated() {
        switch (actual.parts[index], expected.parts[index], operation) {
        case (.range(let actual), .range(let expected), .range(let request)):
            if !matches(actual, expected, for: request) { return false }
        case (.transaction(let actual), .transaction(let expected), .transaction(let request)):
            if !matches(actual, expected, for: request) { return false }
        default: if actual.parts[index] != expected.parts[index] { return false }
        }
    }
    return true
}

private func matches(
    _ actual: RangeResponse, _ expected: RangeResponse, for request: RangeRequest
) -> Bool {
    if actual == expected { return true }
    guard request.isReordered, request.sortTarget != .key, actual.count == expected.count,
        actual.hasMore == expected.hasMore, actual.keyValues.count == expected.keyValues.count
    else { return false }
    // Values that were left out cannot tell where a run of ties ends: any order will do.
    let isBlind = request.isKeysOnly && request.sortTarget == .value
    var start = 0
    while start < expected.keyValues.count {
        let first = expected.keyValues[start]
        var end = start + 1
        while end < expected.keyValues.count,
            isBlind || expected.keyValues[end].compare(first, by: request.sortTarget) == 0
        { end += 1 }
        let run = actual.keyValues[start..<end]
        let isCut = actual.hasMore && end == expected.keyValues.count
        if isCut {
            // The limit may have kept any of the ties.
            let ties = run.allSatisfy { $0.compare(first, by: request.sortTarget) == 0 }
            if !ties && !isBlind { return false }
        } else if !sameVersions(run, expected.keyValues[start..<end]) {
            return false
        }
        start = end
    }
    return true
}

private func sameVersions(_ left: ArraySlice<KeyValue>, _ right: ArraySlice<KeyValue>) -> Bool {
    left.sorted { precedes($0.key, $1.key) } == right.sorted { precedes($0.key, $1.key) }
}
