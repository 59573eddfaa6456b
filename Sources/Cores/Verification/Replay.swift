import Primitives
import StoreModel

/// Runs the model over a placed history, revision by revision, and compares all it says.
struct Replay: Sendable {
    let placement: Placement
    /// The state after the revisions replayed so far; its history stays readable.
    private(set) var model: KeyValueModel
    private var leases: LeaseLedger
    private let unanswered: UnansweredWrites
    private var attribution = Attribution()

    /// Starts from the empty store.
    init(placement: Placement, limits: StoreLimits) {
        self.placement = placement
        model = KeyValueModel(revision: placement.log.base, limits: limits)
        leases = LeaseLedger(placement)
        unanswered = UnansweredWrites(placement)
    }

    /// Replays the whole log.
    mutating func run() throws(Violation) {
        try leases.checkRevocationCounts()
        try observe(placement.log.base)
        for entry in placement.log.entries {
            try leases.checkAttachments(entry)
            assumeLeases(entry.events)
            if let index = placement.creator(of: entry.revision) {
                try create(entry, by: index)
            } else {
                try explain(entry)
            }
            try observe(entry.revision)
        }
    }

    /// What attaches keys finds its lease: whether the lease can exist, the ledger has judged.
    private mutating func assumeLeases(_ events: [Event]) {
        for event in events where event.keyValue.lease != .zero {
            model.assumeLease(event.keyValue.lease)
        }
    }

    /// A write made this revision and was answered so.
    private mutating func create(_ entry: EventLog.Entry, by index: Int) throws(Violation) {
        try answer(index)
        if !sameChanges(model.lastEvents, entry.events) {
            throw Violation(
                .wrongResponse,
                "revision \(entry.revision) should hold \(describe(model.lastEvents)), but the "
                    + "log holds \(describe(entry.events)): " + placement.text(index),
                operations: [index])
        }
    }

    /// The model's answer at this place is the one that the client got.
    private mutating func answer(_ index: Int) throws(Violation) {
        let operation = placement.history[index]
        guard case .completed(_, let revision, let actual) = operation.outcome else { return }
        let expected: HistoryResponse
        do throws(StoreError) {
            expected = try model.apply(operation.request)
        } catch {
            var kind = Violation.Kind.wrongResponse
            if case .compacted = error { kind = .compaction }
            throw Violation(
                kind, "should have been refused (\(error)): " + placement.text(index),
                operations: [index])
        }
        if matches(actual, expected, for: operation.request) && model.revision == revision {
            return
        }
        throw Violation(
            .wrongResponse,
            "should have been \(describe(expected)) at revision \(model.revision): "
                + placement.text(index),
            operations: [index])
    }

    /// All that saw `revision` without making it.
    private mutating func observe(_ revision: Revision) throws(Violation) {
        var compacted = model.compactRevision
        try placement.forEachObserver(of: revision) { index throws(Violation) in
            switch placement.history[index].request {
            case .put, .range, .deleteRange, .transaction: try answer(index)
            case .compact(let floor):
                try checkCompaction(index, to: floor, at: revision)
                if floor == compacted { throw compactedTwice(index) }
                compacted = max(compacted, floor)
            case .leaseGrant: try checkGrant(index)
            case .leaseRevoke(let lease): try checkRevocation(index, of: lease)
            }
        }
        // Which of them came before the compaction at the same revision is not known.
        model.compactRevision = compacted
    }

    private func checkCompaction(
        _ index: Int, to floor: Revision, at revision: Revision
    ) throws(Violation) {
        if floor > model.compactRevision && floor <= revision { return }
        throw Violation(
            .compaction,
            "compacted to \(floor) at revision \(revision), where \(model.compactRevision) was "
                + "compacted already: " + placement.text(index),
            operations: [index])
    }

    private func compactedTwice(_ index: Int) -> Violation {
        Violation(
            .compaction, "compacted what another had compacted: " + placement.text(index),
            operations: [index])
    }

    private func checkGrant(_ index: Int) throws(Violation) {
        let operation = placement.history[index]
        guard case .completed(_, _, let actual) = operation.outcome,
            case .leaseGrant(let id, let ttl) = operation.request,
            !matches(actual, .leaseGrant(id, ttlSeconds: ttl), for: operation.request)
        else { return }
        throw Violation(
            .wrongResponse, "granted something else than asked for: " + placement.text(index),
            operations: [index])
    }

    private func checkRevocation(_ index: Int, of lease: LeaseID) throws(Violation) {
        let left = model.keys(attachedTo: lease)
        if left.isEmpty { return }
        throw Violation(
            .leaseUse,
            "revoked, but \(left.map(describe).joined(separator: ", ")) is still attached at "
                + "revision \(model.revision): " + placement.text(index),
            operations: [index])
    }
}

extension Replay {
    /// No answered write made this revision: a revocation did, an expiry, or a write without an
    /// answer.
    private mutating func explain(_ entry: EventLog.Entry) throws(Violation) {
        if try revocationExplains(entry) { return }
        if expiryExplains(entry) { return }
        var late: Int?
        var able: [Int] = []
        var state: KeyValueModel?
        for index in unanswered.candidates(for: entry) {
            guard let next = model.after(placement.history[index].request, making: entry) else {
                continue
            }
            if placement.floors[index] >= entry.revision.rawValue {
                late = index
            } else {
                able.append(index)
                state = state ?? next
            }
        }
        if let state, attribution.add(able) {
            model = state
            if able.count == 1 {
                leases.noteEnds(by: placement.history[able[0]].request, at: entry.revision)
            }
            return
        }
        if let late { throw placement.lateWrite(late, at: entry.revision) }
        throw unexplained(entry)
    }

    /// A client's revocation that was answered with this revision.
    private mutating func revocationExplains(_ entry: EventLog.Entry) throws(Violation) -> Bool {
        var found: KeyValueModel?
        try placement.forEachObserver(of: entry.revision) { index throws(Violation) in
            guard found == nil, case .leaseRevoke = placement.history[index].request else { return }
            found = model.after(placement.history[index].request, making: entry)
        }
        guard let found else { return false }
        model = found
        return true
    }

    /// The keys of some leases, all of them and nothing else, vanished.
    private mutating func expiryExplains(_ entry: EventLog.Entry) -> Bool {
        var expired: [LeaseID] = []
        for event in entry.events {
            guard event.kind == .delete, let lease = model.newest(event.keyValue.key)?.lease,
                lease != .zero
            else { return false }
            if !expired.contains(lease) { expired.append(lease) }
        }
        var next = model
        next.expire(expired)
        guard sameChanges(sortedByKey(next.lastEvents), sortedByKey(entry.events)) else {
            return false
        }
        // An unanswered deletion may have done the same: then nobody knows whether they ended.
        let isCertain = !unanswered.candidates(for: entry).contains { index in
            model.after(placement.history[index].request, making: entry) != nil
        }
        model = next
        guard isCertain else { return true }
        for lease in expired { leases.noteEnd(of: lease, at: entry.revision) }
        return true
    }

    private func unexplained(_ entry: EventLog.Entry) -> Violation {
        for index in placement.refused {
            let trial = model
            if trial.after(placement.history[index].request, making: entry) != nil {
                return Violation(
                    .refusedWriteTookEffect,
                    "revision \(entry.revision) holds \(describe(entry.events)), which only a "
                        + "refused request explains: " + placement.text(index),
                    operations: [index])
            }
        }
        return Violation(
            .unexplainedRevision,
            "revision \(entry.revision) holds \(describe(entry.events)), which no request "
                + "explains")
    }
}

extension KeyValueModel {
    /// The state after `request`, if it changes exactly what the entry of the log says.
    fileprivate func after(_ request: HistoryRequest, making entry: EventLog.Entry) -> Self? {
        var next = self
        if case .leaseRevoke(let lease) = request { next.assumeLease(lease) }
        do throws(StoreError) { _ = try next.apply(request) } catch { return nil }
        let isRevocation = if case .leaseRevoke = request { true } else { false }
        let isSame =
            isRevocation
            ? sameChanges(sortedByKey(next.lastEvents), sortedByKey(entry.events))
            : sameChanges(next.lastEvents, entry.events)
        return isSame ? next : nil
    }
}

/// Whether the events say the same; a deletion only names the key and the revision.
func sameChanges(_ left: [Event], _ right: [Event]) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices {
        let (one, other) = (left[index], right[index])
        guard one.kind == other.kind, one.keyValue.modRevision == other.keyValue.modRevision
        else { return false }
        if one.kind == .delete {
            if one.keyValue.key != other.keyValue.key { return false }
        } else if one.keyValue != other.keyValue {
            return false
        }
    }
    return true
}

private func sortedByKey(_ events: [Event]) -> [Event] {
    events.sorted { precedes($0.keyValue.key, $1.keyValue.key) }
}
