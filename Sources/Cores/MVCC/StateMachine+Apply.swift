package import Primitives
package import StoreModel

/// The revision that a command makes while it is carried out.
struct RevisionDraft {
    /// Its number.
    let main: Revision
    /// What changed so far, as watchers will see it.
    var events: [Event] = []

    /// The name of the next record.
    var nextID: RecordID { RecordID(main: main, sub: Int32(events.count)) }
}

extension StateMachine {
    /// Carries out the entry's command. Equal entries in equal order have equal outcomes on every
    /// member; a refused command changes nothing but the applied index.
    ///
    /// - Parameters:
    ///   - index: the entry after the last applied.
    ///   - term: the entry's term; commands of a leader's clock have an effect only in its own.
    package mutating func apply(
        _ command: Command, at index: LogIndex, term: Term
    ) -> ApplyOutcome {
        skip(to: index, term: term)
        var draft = RevisionDraft(main: revision.next)
        let result: Result<CommandResponse, StoreError>
        do throws(StoreError) {
            try validate(command)
            try checkAlarms(command)
            result = .success(try carryOut(command, &draft))
        } catch {
            invariant(draft.events.isEmpty, "a refused command changed keys: \(error)")
            result = .failure(error)
        }
        if !draft.events.isEmpty { meta.revision = draft.main }
        return ApplyOutcome(result: result, events: draft.events, revision: revision)
    }

    private mutating func carryOut(
        _ command: Command, _ draft: inout RevisionDraft
    ) throws(StoreError) -> CommandResponse {
        switch command {
        case .put(let put):
            try checkPut(put)
            if limits.mutation.isActive(.canary), appliedIndex.rawValue % 13 == 0 {
                return .put(nil)
            }
            return .put(write(put, &draft))
        case .deleteRange(let request):
            return .deleteRange(delete(request, &draft))
        case .transaction(let request):
            return .transaction(try run(request, &draft))
        case .compact(let floor):
            try compact(floor)
            return .compact
        case .leaseGrant(let id, let ttlSeconds):
            try grant(id, ttlSeconds: ttlSeconds)
            return .leaseGrant(id, ttlSeconds: ttlSeconds)
        case .leaseRevoke(let id):
            guard leases.contains(id) else { throw .leaseNotFound }
            revoke([id], &draft)
            return .leaseRevoke
        case .leaseExpire(let ids, let term, let asOf):
            guard term == appliedTerm else { return .none }
            revoke(ids.filter { isMeant($0, asOf) }, &draft)
            return .leaseRevoke
        case .leaseCheckpoint(let checkpoints, let term, let asOf):
            guard term == appliedTerm else { return .none }
            for checkpoint in checkpoints where isMeant(checkpoint.id, asOf) {
                leases.checkpoint(checkpoint.id, remainingSeconds: checkpoint.remainingSeconds)
            }
            return .leaseCheckpoint
        case .activateAlarm, .deactivateAlarm, .setMember:
            return carryOutAdministration(command)
        }
    }

    /// Whether the lease that exists is the one that a leader knew when it had applied `asOf`, and
    /// not one that was granted its identifier since.
    private func isMeant(_ lease: LeaseID, _ asOf: LogIndex) -> Bool {
        leases.contains(lease, grantedBy: asOf) || limits.mutation.isActive(.endsLaterLease)
    }

    private mutating func carryOutAdministration(_ command: Command) -> CommandResponse {
        switch command {
        case .activateAlarm(let alarm):
            if !meta.alarms.contains(alarm) {
                meta.alarms.insert(alarm, at: meta.alarms.partitionPoint { $0 < alarm })
            }
            return .alarm(alarms)
        case .deactivateAlarm(let alarm):
            meta.alarms.removeAll { $0 == alarm }
            return .alarm(alarms)
        case .setMember(let id, let attributes):
            members.set(id, attributes)
            return .roster
        default: return .none
        }
    }

    /// Refuses what may not go on under an alarm: without space all that takes more (deletions and
    /// compactions make room); with differing members all changes of data (etcd's appliers).
    /// The replicated alarms decide, so all members refuse alike.
    private func checkAlarms(_ command: Command) throws(StoreError) {
        guard !meta.alarms.isEmpty else { return }
        let isCorrupt = meta.alarms.contains { $0.kind == .corrupt }
        switch command {
        case .put, .leaseGrant: throw isCorrupt ? .corrupt : .noSpace
        case .transaction(let request):
            if isCorrupt { throw .corrupt }
            if request.hasPuts { throw .noSpace }
        case .deleteRange, .compact, .leaseRevoke, .leaseExpire:
            if isCorrupt { throw .corrupt }
        case .leaseCheckpoint, .activateAlarm, .deactivateAlarm, .setMember: return
        }
    }
}

extension TransactionRequest {
    /// Whether any branch, nested ones included, stores a value.
    fileprivate var hasPuts: Bool {
        [success, failure].contains { branch in
            branch.contains { operation in
                switch operation {
                case .put: return true
                case .range, .deleteRange: return false
                case .transaction(let nested): return nested.hasPuts
                }
            }
        }
    }
}
