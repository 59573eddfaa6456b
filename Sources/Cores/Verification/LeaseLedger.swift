import Primitives
import StoreModel

/// When leases were granted and ended as far as a history tells, to judge whether a lease that a
/// key was attached to can have existed. Expiry of a lease without keys leaves no trace, so only
/// the use of a lease that cannot exist is found.
struct LeaseLedger: Sendable {
    private struct Record: Sendable {
        /// Completed and unanswered grants.
        var grants: [Int] = []
        /// Completed revocations.
        var revocations: [Int] = []
        /// Revisions at which its keys vanished without an answered request.
        var ends: [Revision] = []
    }

    private let history: [Operation]
    private var records: [LeaseID: Record] = [:]

    /// Collects what a placed history tells.
    init(_ placement: Placement) {
        history = placement.history
        for index in history.indices { note(index) }
    }

    private mutating func note(_ index: Int) {
        switch (history[index].request, history[index].outcome) {
        case (.leaseGrant, .completed(_, _, .leaseGrant(let id, _))),
            (.leaseGrant(let id, _), .unknown):
            records[id, default: Record()].grants.append(index)
        case (.leaseRevoke(let id), .completed):
            records[id, default: Record()].revocations.append(index)
        default: break
        }
    }

    /// The lease's keys vanished at this revision.
    mutating func noteEnd(of lease: LeaseID, at revision: Revision) {
        records[lease, default: Record()].ends.append(revision)
    }

    /// An unanswered request made this revision.
    mutating func noteEnds(by request: HistoryRequest, at revision: Revision) {
        if case .leaseRevoke(let lease) = request { noteEnd(of: lease, at: revision) }
    }

    /// Each revocation that succeeded needs a grant of its own.
    func checkRevocationCounts() throws(Violation) {
        for index in history.indices {
            guard case .leaseRevoke(let id) = history[index].request,
                case .completed = history[index].outcome,
                let record = records[id], record.revocations.count > record.grants.count
            else { continue }
            throw Violation(
                .leaseUse,
                "lease \(id) was revoked \(record.revocations.count) times and granted "
                    + "\(record.grants.count) times; the last: "
                    + history[record.revocations.last ?? index].describe(
                        index: record.revocations.last ?? index),
                operations: record.revocations)
        }
    }

    /// Every lease that a key of this entry is attached to can have existed then.
    func checkAttachments(_ entry: EventLog.Entry) throws(Violation) {
        for event in entry.events where event.keyValue.lease != .zero {
            let lease = event.keyValue.lease
            let record = records[lease] ?? Record()
            guard record.grants.contains(where: { mayPrecede($0, entry.revision) }) else {
                throw Violation(
                    .leaseUse,
                    "revision \(entry.revision) attaches \(describe(event.keyValue.key)) to lease "
                        + "\(lease), which nobody had been granted",
                    operations: record.grants)
            }
            try checkNotEnded(record, lease, entry.revision)
        }
    }

    private func checkNotEnded(
        _ record: Record, _ lease: LeaseID, _ revision: Revision
    ) throws(Violation) {
        for index in record.revocations {
            guard case .completed(_, let end, _) = history[index].outcome, end < revision,
                !record.grants.contains(where: {
                    mayPrecede($0, revision) && mayFollow($0, revocation: index, at: end)
                })
            else { continue }
            throw Violation(
                .leaseUse,
                "revision \(revision) attaches a key to lease \(lease), revoked before: "
                    + history[index].describe(index: index),
                operations: [index])
        }
        for end in record.ends where end < revision {
            let isGrantedAgain = record.grants.contains { grant in
                guard case .completed(_, let granted, _) = history[grant].outcome else {
                    return true
                }
                return granted >= end && granted < revision
            }
            if isGrantedAgain { continue }
            throw Violation(
                .leaseUse,
                "revision \(revision) attaches a key to lease \(lease), which ended at revision "
                    + "\(end)")
        }
    }

    /// Whether the grant may have been in force before `revision` was made.
    private func mayPrecede(_ grant: Int, _ revision: Revision) -> Bool {
        guard case .completed(_, let granted, _) = history[grant].outcome else { return true }
        return granted < revision
    }

    /// Whether the grant may have come after a revocation.
    private func mayFollow(_ grant: Int, revocation: Int, at end: Revision) -> Bool {
        guard case .completed(let returned, let granted, _) = history[grant].outcome else {
            return true
        }
        if granted != end { return granted > end }
        return returned >= history[revocation].invokedAt
    }
}
