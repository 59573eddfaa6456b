import Primitives
import StoreModel

/// Draws commands and reads that hit one another: few keys, few leases, revisions around the ones
/// that matter.
struct RandomCommands {
    var random: SplitMix64
    var term = Term(1)

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private static let keys: [Bytes] = [
        [0], [0, 0], [0, 1], bytes("a"), bytes("a\0"), bytes("aa"), bytes("ab"), bytes("b"),
        bytes("registry/pods/1"), bytes("registry/pods/10"), bytes("registry/pods/2"),
        bytes("registry/pods/2/with/a/long/tail"), [0xFF], [0xFF, 0xFF], [0xFF, 0xFF, 0],
    ]

    mutating func key() -> Bytes { Self.keys[random.below(Self.keys.count)] }

    mutating func keyRange() -> KeyRange {
        switch random.below(8) {
        case 0: return everything
        case 1: return KeyRange(key: key(), end: [0])
        case 2, 3: return KeyRange(key: key(), end: key())
        default: return KeyRange(key: key())
        }
    }

    mutating func lease() -> LeaseID { LeaseID(Int64(random.below(5))) }

    mutating func revision(_ store: NaiveStore) -> Revision {
        switch random.below(6) {
        case 0: return .zero
        case 1: return store.compactRevision
        case 2: return store.revision
        default: return Revision(Int64(random.below(Int(store.revision.rawValue) + 3)) - 1)
        }
    }

    mutating func put() -> PutRequest {
        let ignoresValue = random.chance(0.1)
        let ignoresLease = random.chance(0.1)
        let value = Bytes(repeating: UInt8(random.below(5)), count: random.below(40))
        return PutRequest(
            key: random.chance(0.02) ? [] : key(),
            value: ignoresValue && random.chance(0.9) ? [] : value,
            lease: random.chance(0.7) || ignoresLease ? .zero : lease(),
            wantsPrevious: random.chance(0.3), ignoresValue: ignoresValue,
            ignoresLease: ignoresLease)
    }

    mutating func rangeRequest(_ store: NaiveStore) -> RangeRequest {
        var request = RangeRequest(
            keyRange(), limit: Int64(random.below(8)) - 1, revision: revision(store))
        if random.chance(0.4) { request.revision = .zero }
        if random.chance(0.3) {
            request.sortOrder = RangeRequest.SortOrder.allCases[random.below(3)]
            request.sortTarget = RangeRequest.SortTarget.allCases[random.below(5)]
        }
        request.isKeysOnly = random.chance(0.2)
        request.isCountOnly = random.chance(0.1)
        if random.chance(0.1) { request.minModRevision = revision(store) }
        if random.chance(0.1) { request.maxModRevision = revision(store) }
        if random.chance(0.1) { request.minCreateRevision = revision(store) }
        if random.chance(0.1) { request.maxCreateRevision = revision(store) }
        return request
    }

    private mutating func compare(_ store: NaiveStore) -> Compare {
        let operand: Compare.Operand
        switch random.below(5) {
        case 0: operand = .version(Int64(random.below(4)))
        case 1: operand = .create(revision(store))
        case 2: operand = .mod(revision(store))
        case 3: operand = .value(Bytes(repeating: UInt8(random.below(5)), count: random.below(3)))
        default: operand = .lease(lease())
        }
        return Compare(keyRange(), Compare.Relation.allCases[random.below(4)], operand)
    }

    mutating func transaction(_ store: NaiveStore, depth: Int = 0) -> TransactionRequest {
        var request = TransactionRequest()
        for _ in 0..<random.below(3) { request.compares.append(compare(store)) }
        for _ in 0..<random.below(4) { request.success.append(operation(store, depth)) }
        for _ in 0..<random.below(3) { request.failure.append(operation(store, depth)) }
        return request
    }

    private mutating func operation(_ store: NaiveStore, _ depth: Int) -> TransactionOperation {
        switch random.below(depth < 3 ? 8 : 7) {
        case 0, 1, 2: return .put(put())
        case 3, 4:
            return .deleteRange(
                DeleteRangeRequest(keyRange(), wantsPrevious: random.chance(0.5)))
        case 5, 6:
            var request = rangeRequest(store)
            if random.chance(0.6) { request.revision = .zero }
            return .range(request)
        default: return .transaction(transaction(store, depth: depth + 1))
        }
    }

    mutating func readTransaction(_ store: NaiveStore) -> TransactionRequest {
        var request = TransactionRequest(compares: [compare(store)])
        for _ in 0..<random.below(3) { request.success.append(.range(rangeRequest(store))) }
        for _ in 0..<random.below(3) { request.failure.append(.range(rangeRequest(store))) }
        return request
    }

    mutating func command(_ store: NaiveStore) -> Command {
        switch random.below(40) {
        case 0..<16: return .put(put())
        case 16..<22:
            return .deleteRange(
                DeleteRangeRequest(keyRange(), wantsPrevious: random.chance(0.5)))
        case 22..<32: return .transaction(transaction(store))
        case 32: return .compact(revision(store))
        case 33, 34: return .leaseGrant(lease(), ttlSeconds: Int64(random.below(100)))
        case 35: return .leaseRevoke(lease())
        case 36: return .leaseExpire([lease(), lease()], term: clockTerm(), asOf: past(store))
        case 37:
            return .leaseCheckpoint(
                [LeaseCheckpoint(id: lease(), remainingSeconds: Int64(random.below(9)))],
                term: clockTerm(), asOf: past(store))
        default: return administration()
        }
    }

    /// What a leader may have applied when it proposed: mostly everything.
    private mutating func past(_ store: NaiveStore) -> LogIndex {
        LogIndex(store.index.rawValue - min(store.index.rawValue, UInt64(random.below(3) * 20)))
    }

    private mutating func clockTerm() -> Term { random.chance(0.8) ? term : term.next }

    private mutating func administration() -> Command {
        let id = PeerID(UInt64(random.below(3)) + 1)
        switch random.below(8) {
        case 0:
            return .activateAlarm(
                Alarm(member: id, kind: random.chance(0.7) ? .noSpace : .corrupt))
        case 1, 2, 3, 4, 5:
            return .deactivateAlarm(
                Alarm(member: id, kind: random.chance(0.5) ? .noSpace : .corrupt))
        case 6: return .setMember(id, nil)
        default:
            return .setMember(id, MemberAttributes(name: "m\(random.below(9))", clientURLs: ["u"]))
        }
    }
}
