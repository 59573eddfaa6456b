import Primitives
import StoreModel

/// etcd's semantics in the slowest and plainest way: all records ever made in one list, which
/// every question goes through from the start. The oracle for the state machine.
struct NaiveStore {
    struct Record {
        var keyValue: KeyValue
        var sub: Int
        var isDeletion: Bool { keyValue.version == 0 }
        var revision: Revision { keyValue.modRevision }
    }

    /// The entry last applied.
    private(set) var index = LogIndex.zero
    var history: [Record] = []
    var revision = Revision(1)
    var compactRevision = Revision.zero
    var leases: [LeaseID: (ttl: Int64, remaining: Int64, grant: LogIndex)] = [:]
    var alarms: [Alarm] = []
    var roster: [PeerID: MemberAttributes] = [:]
    var limits = StoreLimits()
    private var made: [Record] = []

    /// The keys that exist as of the end of a revision, in order.
    func state(at asked: Revision? = nil) -> [KeyValue] {
        var state: [Bytes: KeyValue] = [:]
        for record in history + made where record.revision <= asked ?? record.revision {
            state[record.keyValue.key] = record.isDeletion ? nil : record.keyValue
        }
        return state.values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// The events of the kept revisions from one on.
    func events(from first: Revision, wantsPrevious: Bool) -> [Event] {
        history.filter { $0.revision >= first }.map { record in
            let before = state(at: record.revision.previous)
                .first { $0.key == record.keyValue.key }
            let isKept = record.revision > compactRevision
            return Event(
                kind: record.isDeletion ? .delete : .put, keyValue: record.keyValue,
                previous: wantsPrevious && isKept ? before : nil)
        }
    }

    mutating func apply(_ command: Command, term: Term) -> ApplyOutcome {
        made = []
        index = index.next
        let result: Result<CommandResponse, StoreError>
        do throws(StoreError) {
            try NaiveValidation(limits: limits).check(command)
            try checkAlarms(command)
            result = .success(try answer(command, term))
        } catch {
            result = .failure(error)
        }
        if !made.isEmpty { revision = revision.next }
        history += made
        let events = made.map {
            Event(kind: $0.isDeletion ? .delete : .put, keyValue: $0.keyValue)
        }
        made = []
        return ApplyOutcome(result: result, events: events, revision: revision)
    }

    private mutating func answer(
        _ command: Command, _ term: Term
    ) throws(StoreError) -> CommandResponse {
        switch command {
        case .put(let request):
            try check(request)
            return .put(store(request))
        case .deleteRange(let request): return .deleteRange(remove(request))
        case .transaction(let request):
            let plan = plan(request)
            try check(plan)
            return .transaction(try run(plan))
        case .compact(let floor):
            if floor <= compactRevision { throw .compacted(floor: compactRevision) }
            if floor > revision { throw .futureRevision(current: revision) }
            compactRevision = floor
            return .compact
        case .activateAlarm(let alarm):
            alarms = (alarms.filter { $0 != alarm } + [alarm]).sorted()
            return .alarm(alarms)
        case .deactivateAlarm(let alarm):
            alarms = alarms.filter { $0 != alarm }
            return .alarm(alarms)
        case .setMember(let id, let attributes):
            roster[id] = attributes
            return .roster
        default: return try answerLease(command, term)
        }
    }

    private mutating func answerLease(
        _ command: Command, _ term: Term
    ) throws(StoreError) -> CommandResponse {
        switch command {
        case .leaseGrant(let id, let ttl):
            if id == .zero { throw .leaseNotFound }
            if leases[id] != nil { throw .leaseExists }
            leases[id] = (ttl, 0, index)
            return .leaseGrant(id, ttlSeconds: ttl)
        case .leaseRevoke(let id):
            if leases[id] == nil { throw .leaseNotFound }
            end(id)
            return .leaseRevoke
        case .leaseExpire(let ids, let of, let asOf):
            if of != term { return .none }
            for id in ids where leases[id].map({ $0.grant <= asOf }) ?? false { end(id) }
            return .leaseRevoke
        case .leaseCheckpoint(let checkpoints, let of, let asOf):
            if of != term { return .none }
            for checkpoint in checkpoints
            where leases[checkpoint.id].map({ $0.grant <= asOf }) ?? false {
                leases[checkpoint.id]?.remaining = checkpoint.remainingSeconds
            }
            return .leaseCheckpoint
        default: fatalError("not about leases")
        }
    }

    private func checkAlarms(_ command: Command) throws(StoreError) {
        let isCorrupt = alarms.contains { $0.kind == .corrupt }
        let isFull = alarms.contains { $0.kind == .noSpace }
        switch command {
        case .setMember, .activateAlarm, .deactivateAlarm, .leaseCheckpoint: return
        case .put, .leaseGrant:
            if isCorrupt { throw .corrupt }
            if isFull { throw .noSpace }
        case .transaction(let request):
            if isCorrupt { throw .corrupt }
            if isFull && puts(request) { throw .noSpace }
        default: if isCorrupt { throw .corrupt }
        }
    }

    private func puts(_ request: TransactionRequest) -> Bool {
        (request.success + request.failure).contains { operation in
            if case .put = operation { return true }
            if case .transaction(let nested) = operation { return puts(nested) }
            return false
        }
    }

    private mutating func end(_ id: LeaseID) {
        guard leases[id] != nil else { return }
        for keyValue in state() where keyValue.lease == id { bury(keyValue.key) }
        leases[id] = nil
    }

    func keys(of lease: LeaseID) -> [Bytes] {
        state().filter { $0.lease == lease }.map(\.key)
    }

    func newest(_ key: Bytes) -> KeyValue? {
        state().first { $0.key == key }
    }

    private func check(_ request: PutRequest) throws(StoreError) {
        if request.ignoresValue || request.ignoresLease, newest(request.key) == nil {
            throw .keyNotFound
        }
        if request.lease != .zero, leases[request.lease] == nil { throw .leaseNotFound }
    }

    private mutating func store(_ request: PutRequest) -> KeyValue? {
        let before = newest(request.key)
        append(
            KeyValue(
                key: request.key,
                value: request.ignoresValue ? before!.value : request.value,
                createRevision: before?.createRevision ?? revision.next,
                modRevision: revision.next, version: (before?.version ?? 0) + 1,
                lease: request.ignoresLease ? before!.lease : request.lease))
        return request.wantsPrevious ? before : nil
    }

    private mutating func bury(_ key: Bytes) {
        append(
            KeyValue(
                key: key, value: [], createRevision: .zero, modRevision: revision.next,
                version: 0, lease: .zero))
    }

    private mutating func append(_ keyValue: KeyValue) {
        made.append(Record(keyValue: keyValue, sub: made.count))
    }

    private mutating func remove(_ request: DeleteRangeRequest) -> DeleteRangeResponse {
        let gone = state().filter { request.range.contains($0.key) }
        for keyValue in gone { bury(keyValue.key) }
        return DeleteRangeResponse(
            deleted: Int64(gone.count), previous: request.wantsPrevious ? gone : [])
    }

    // Transactions: conditions first, then refusals, then the operations.

    private struct Plan {
        var succeeded: Bool
        var steps: [(operation: TransactionOperation, nested: [Plan])]
    }

    private func plan(_ request: TransactionRequest) -> Plan {
        let succeeded = request.compares.allSatisfy { compare in
            let found = state().filter { compare.range.contains($0.key) }
            return found.isEmpty ? holds(compare, nil) : found.allSatisfy { holds(compare, $0) }
        }
        let branch = succeeded ? request.success : request.failure
        return Plan(
            succeeded: succeeded,
            steps: branch.map { operation in
                if case .transaction(let nested) = operation {
                    return (operation, [plan(nested)])
                }
                return (operation, [])
            })
    }

    private func holds(_ compare: Compare, _ found: KeyValue?) -> Bool {
        func relates<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch compare.relation {
            case .equal: left == right
            case .notEqual: left != right
            case .less: left < right
            case .greater: left > right
            }
        }
        switch compare.operand {
        case .version(let wanted): return relates(found?.version ?? 0, wanted)
        case .create(let wanted): return relates(found?.createRevision ?? .zero, wanted)
        case .mod(let wanted): return relates(found?.modRevision ?? .zero, wanted)
        case .lease(let wanted): return relates(found?.lease ?? .zero, wanted)
        case .value(let wanted):
            guard let value = found?.value else { return false }
            let below = value.lexicographicallyPrecedes(wanted)
            return relates(value == wanted ? 0 : below ? -1 : 1, 0)
        }
    }

    private func check(_ plan: Plan) throws(StoreError) {
        for step in plan.steps {
            switch step.operation {
            case .put(let request): try check(request)
            case .range(let request): try checkReadable(request.revision)
            case .deleteRange: continue
            case .transaction: try check(step.nested[0])
            }
        }
    }

    private mutating func run(_ plan: Plan) throws(StoreError) -> TransactionResponse {
        var answer = TransactionResponse(succeeded: plan.succeeded)
        for step in plan.steps {
            switch step.operation {
            case .put(let request): answer.parts.append(.put(store(request)))
            case .range(let request): answer.parts.append(.range(try range(request)))
            case .deleteRange(let request):
                answer.parts.append(.deleteRange(remove(request)))
            case .transaction: answer.parts.append(.transaction(try run(step.nested[0])))
            }
        }
        return answer
    }

    func checkReadable(_ asked: Revision) throws(StoreError) {
        if asked > revision { throw .futureRevision(current: revision) }
        if asked > .zero && asked < compactRevision { throw .compacted(floor: compactRevision) }
    }

    func range(_ request: RangeRequest) throws(StoreError) -> RangeResponse {
        if request.range.key.isEmpty { throw .emptyKey }
        try checkReadable(request.revision)
        let asked = request.revision > .zero ? request.revision : nil
        var found = state(at: asked).filter { request.range.contains($0.key) }
        let count = Int64(found.count)
        if request.isCountOnly { return RangeResponse(count: count) }
        let hasBounds = [
            request.minModRevision, request.maxModRevision, request.minCreateRevision,
            request.maxCreateRevision,
        ].contains { $0 != .zero }
        if request.sortOrder == .none, !hasBounds, request.limit > 0 {
            found = Array(found.prefix(Int(clamping: request.limit) &+ 1))
        }
        found = found.filter { candidate in
            let most = [
                (candidate.modRevision, request.maxModRevision),
                (candidate.createRevision, request.maxCreateRevision),
            ]
            return candidate.modRevision >= request.minModRevision
                && candidate.createRevision >= request.minCreateRevision
                && most.allSatisfy { $0.1 == .zero || $0.0 <= $0.1 }
        }
        found = sorted(found, request)
        let hasMore = request.limit > 0 && Int64(found.count) > request.limit
        if hasMore { found = Array(found.prefix(Int(request.limit))) }
        if request.isKeysOnly { for index in found.indices { found[index].value = [] } }
        return RangeResponse(keyValues: found, hasMore: hasMore, count: count)
    }

    private func sorted(_ found: [KeyValue], _ request: RangeRequest) -> [KeyValue] {
        if request.sortOrder == .none && request.sortTarget == .key { return found }
        let numbered = Array(found.enumerated())
        return numbered.sorted { left, right in
            let comparison = compare(left.element, right.element, request.sortTarget)
            if comparison == 0 { return left.offset < right.offset }
            return request.sortOrder == .descending ? comparison > 0 : comparison < 0
        }.map(\.element)
    }

    private func compare(
        _ left: KeyValue, _ right: KeyValue, _ target: RangeRequest.SortTarget
    ) -> Int {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
            left < right ? -1 : left > right ? 1 : 0
        }
        func sign(_ left: Bytes, _ right: Bytes) -> Int {
            left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
        }
        switch target {
        case .key: return sign(left.key, right.key)
        case .value: return sign(left.value, right.value)
        case .version: return sign(left.version, right.version)
        case .create: return sign(left.createRevision, right.createRevision)
        case .mod: return sign(left.modRevision, right.modRevision)
        }
    }
}
