import Primitives
import StoreModel

/// Holds refusals to the interval in which they ran: each needs a reason that may have been true
/// at some revision between the highest answered before it began and the lowest made after it
/// ended.
struct RefusalCheck {
    let placement: Placement
    /// The state at the end of the replay, with all history.
    let model: KeyValueModel
    /// When each compaction and grant that was not refused began, the first of equal ones.
    private var compactionsBegan: [Revision: Int64] = [:]
    private var grantsBegan: [LeaseID: Int64] = [:]

    /// Prepares the check of a history that was replayed into `model`.
    init(placement: Placement, model: KeyValueModel) {
        self.placement = placement
        self.model = model
        for operation in placement.history {
            if case .failed = operation.outcome { continue }
            let began = operation.invokedAt
            switch operation.request {
            case .compact(let target):
                compactionsBegan[target] = min(compactionsBegan[target] ?? began, began)
            case .leaseGrant(let id, _):
                grantsBegan[id] = min(grantsBegan[id] ?? began, began)
            default: continue
            }
        }
    }

    /// Checks all refusals.
    func run() throws(Violation) {
        if placement.refused.isEmpty { return }
        let ceilings = ceilings()
        for (position, index) in placement.refused.enumerated() {
            let operation = placement.history[index]
            guard case .failed(let at, let error) = operation.outcome else { continue }
            let window =
                Revision(placement.floors[index])...max(
                    Revision(placement.floors[index]), ceilings[position])
            if mayRefuse(operation.request, error, at: at, window) { continue }
            throw Violation(
                .wrongRefusal,
                "refused without a reason at any revision from \(window.lowerBound) to "
                    + "\(window.upperBound): " + placement.text(index),
                operations: [index])
        }
    }

    /// For each refused operation, the highest revision at which it may have run: below all
    /// that writes made which began after it had ended.
    private func ceilings() -> [Revision] {
        // Time backwards turns "lowest made after" into "highest before".
        var spans: [Span] = placement.refused.map { index in
            let returned = placement.history[index].returnedAt ?? .max
            return Span(invokedAt: -returned, returnedAt: nil, value: 0)
        }
        let roof = placement.log.last.rawValue + 1
        for operation in placement.history {
            guard case .completed(_, let revision, let response) = operation.outcome,
                response.madeRevision
            else { continue }
            spans.append(
                Span(
                    invokedAt: .min, returnedAt: -operation.invokedAt,
                    value: roof - revision.rawValue))
        }
        let depths = highestBefore(spans)
        return placement.refused.indices.map { Revision(roof - depths[$0]).previous }
            .map { min($0, placement.log.last) }
    }

    private func mayRefuse(
        _ request: HistoryRequest, _ error: StoreError, at returned: Int64,
        _ window: ClosedRange<Revision>
    ) -> Bool {
        switch error {
        case .noSpace, .corrupt: return true
        case .emptyKey, .valueProvided, .leaseProvided, .tooManyOperations, .duplicateKey,
            .nestedTooDeep, .leaseTTLTooLarge:
            return isInvalid(request)
        case .compacted(let floor): return mayBeCompacted(request, floor, before: returned)
        case .futureRevision(let current):
            guard request.revisionsAsked.contains(where: { $0 > current }) else { return false }
            if request.isSerializable { return current <= window.upperBound }
            return window.contains(current)
        case .keyNotFound:
            return request.puts.contains { put in
                (put.ignoresValue || put.ignoresLease) && isMissing(put.key, within: window)
            }
        case .leaseNotFound: return !isAlive(request.leasesNamed, throughout: window)
        case .leaseExists:
            guard case .leaseGrant(let id, _) = request else { return false }
            return (grantsBegan[id] ?? .max) < returned
        }
    }

    private func isInvalid(_ request: HistoryRequest) -> Bool {
        do throws(StoreError) {
            try model.validate(request)
            return false
        } catch {
            return true
        }
    }

    private func mayBeCompacted(
        _ request: HistoryRequest, _ floor: Revision, before returned: Int64
    ) -> Bool {
        let isBelow: Bool
        if let target = request.compactionTarget {
            isBelow = target <= floor
            if floor == .zero { return isBelow }
        } else {
            isBelow = request.revisionsAsked.contains { $0 < floor }
        }
        return isBelow && (compactionsBegan[floor] ?? .max) < returned
    }

    private func isMissing(_ key: Bytes, within window: ClosedRange<Revision>) -> Bool {
        let (position, isPresent) = model.find(key)
        guard isPresent else { return true }
        let versions = model.keys[position].versions
        if versions.version(at: window.lowerBound) == nil { return true }
        return versions.contains { $0.version == 0 && window.contains($0.modRevision) }
    }

    /// Whether each lease certainly existed all the time: a key stayed attached to it.
    private func isAlive(_ leases: [LeaseID], throughout window: ClosedRange<Revision>) -> Bool {
        leases.allSatisfy { lease in
            model.keys.contains { key in
                guard let version = key.versions.version(at: window.lowerBound) else {
                    return false
                }
                return version.lease == lease
                    && !key.versions.contains {
                        $0.modRevision > window.lowerBound && $0.modRevision <= window.upperBound
                    }
            }
        }
    }
}

extension HistoryRequest {
    /// All puts of the request, whichever branch they stand in.
    fileprivate var puts: [PutRequest] {
        switch self {
        case .put(let put): return [put]
        case .transaction(let transaction): return transaction.flattened.compactMap(\.put)
        default: return []
        }
    }

    /// The leases that must exist for it to succeed.
    fileprivate var leasesNamed: [LeaseID] {
        if case .leaseRevoke(let id) = self { return [id] }
        return puts.map(\.lease).filter { $0 != .zero }
    }

    /// The revisions it reads at or compacts, those for now left out.
    fileprivate var revisionsAsked: [Revision] {
        switch self {
        case .range(let range, _): return range.revision > .zero ? [range.revision] : []
        case .compact(let target): return [target]
        case .transaction(let transaction):
            return transaction.flattened.compactMap(\.range?.revision).filter { $0 > .zero }
        default: return []
        }
    }
}

extension TransactionRequest {
    /// All operations of both branches, nested ones too, without the transactions themselves.
    fileprivate var flattened: [TransactionOperation] {
        (success + failure).flatMap { operation in
            if case .transaction(let nested) = operation { return nested.flattened }
            return [operation]
        }
    }
}

extension TransactionOperation {
    fileprivate var put: PutRequest? {
        if case .put(let put) = self { return put }
        return nil
    }

    fileprivate var range: RangeRequest? {
        if case .range(let range) = self { return range }
        return nil
    }
}
