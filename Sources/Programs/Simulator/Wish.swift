internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// What a client wants.
struct Wish {
    var request: ClientRequest
    var purpose: Call.Purpose

    /// A command that is part of the history.
    init(command request: HistoryRequest) {
        purpose = .operation(request)
        switch request {
        case .put(let put): self.request = .command(.put(put))
        case .range(let range, let isSerializable):
            self.request = .range(range, isSerializable: isSerializable)
        case .deleteRange(let deletion): self.request = .command(.deleteRange(deletion))
        case .transaction(let transaction):
            self.request =
                transaction.isReadOnly
                ? .readTransaction(transaction, isSerializable: false)
                : .command(.transaction(transaction))
        case .compact(let revision): self.request = .command(.compact(revision))
        case .leaseGrant(let lease, let ttl):
            self.request = .command(.leaseGrant(lease, ttlSeconds: ttl))
        case .leaseRevoke(let lease): self.request = .command(.leaseRevoke(lease))
        }
    }

    /// A request of another kind.
    init(_ request: ClientRequest, _ purpose: Call.Purpose) {
        self.request = request
        self.purpose = purpose
    }
}

/// What clients want, drawn by chance.
extension Simulation {
    /// The next wish of a client.
    func wish(of number: Int, _ ordinal: UInt64, using random: inout SplitMix64) -> Wish {
        let has = plan.ingredients.contains
        let isLeaseRun = has(.leases)
        let weights = [
            30, 20, 6, 6, 5, 3,
            has(.transactions) ? 12 : 0, has(.bigTransactions) ? 2 : 0, has(.oldReads) ? 8 : 0,
            has(.compaction) ? 3 : 0, isLeaseRun ? (plan.profile == .leases ? 60 : 20) : 0, 2,
        ]
        let maker = WishMaker(
            knobs: knobs, client: clients[number], ordinal: ordinal,
            mayLackSpace: has(.quota) || has(.noSpace))
        switch random.weighted(weights) {
        case 0: return maker.put(using: &random)
        case 1: return maker.get(isSerializable: false, using: &random)
        case 2: return maker.get(isSerializable: true, using: &random)
        case 3: return maker.range(using: &random)
        case 4: return maker.delete(using: &random)
        case 5: return maker.deleteRange(using: &random)
        case 6: return maker.swap(using: &random)
        case 7: return maker.bigTransaction(using: &random)
        case 8: return maker.oldRead(using: &random)
        case 9: return maker.compaction(using: &random)
        case 10: return leaseWish(of: number, maker, using: &random)
        default: return maker.question(using: &random)
        }
    }

    private func leaseWish(
        of number: Int, _ maker: WishMaker, using random: inout SplitMix64
    ) -> Wish {
        if random.chance(0.4) { return maker.sharedLease(using: &random) }
        let known = clients[number].leases
        guard let lease = known.last, random.chance(0.85) else {
                return maker.grant(using: &random)
            }
        let chosen = random.chance(0.7) ? lease : random.pick(known)
        switch random.weighted([6, 4, 1, 1]) {
        case 0: return Wish(.leaseKeepAlive(chosen), .keepAlive(chosen))
        case 1: return maker.put(using: &random, lease: chosen)
        case 2: return Wish(command: .leaseRevoke(chosen))
        default:
            return Wish(.leaseTimeToLive(chosen, wantsKeys: true), .timeToLive(chosen))
        }
    }
}

/// Makes requests of one client.
struct WishMaker {
    let knobs: Knobs
    let client: Client
    let ordinal: UInt64
    let mayLackSpace: Bool

    private func key(using random: inout SplitMix64) -> Bytes {
        Bytes("k\(random.below(knobs.keys))".utf8)
    }

    /// A value that no other put has.
    private func value(_ part: Int, using random: inout SplitMix64) -> Bytes {
        var value = Bytes("\(client.number).\(ordinal).\(part)".utf8)
        let size = random.between(0, knobs.valueBytesMax)
        if value.count < size {
            value += Bytes(repeating: UInt8(ascii: "."), count: size - value.count)
        }
        return value
    }

    private func aRange(using random: inout SplitMix64) -> KeyRange {
        switch random.below(4) {
        case 0: return KeyRange(key: [0], end: [0])
        case 1: return KeyRange(key: Bytes("k".utf8), end: Bytes("l".utf8))
        default:
            let low = random.below(knobs.keys)
            return KeyRange(key: Bytes("k\(low)".utf8), end: Bytes("k\(low)~".utf8))
        }
    }

    func put(using random: inout SplitMix64, lease: LeaseID = .zero) -> Wish {
        var put = PutRequest(
                key: key(using: &random), value: value(0, using: &random), lease: lease)
        put.wantsPrevious = random.chance(0.2)
        if lease == .zero && random.chance(0.03) { put.ignoresLease = true }
        return Wish(command: .put(put))
    }

    func get(isSerializable: Bool, using random: inout SplitMix64) -> Wish {
        let range = RangeRequest(KeyRange(key: key(using: &random)))
        return Wish(command: .range(range, isSerializable: isSerializable))
    }

    func range(using random: inout SplitMix64) -> Wish {
        var range = RangeRequest(aRange(using: &random))
        if random.chance(0.3) { range.limit = Int64(random.between(1, 3)) }
        range.isKeysOnly = random.chance(0.1)
        range.isCountOnly = random.chance(0.1)
        if random.chance(0.3) {
            range.sortOrder = random.pick(RangeRequest.SortOrder.allCases)
            range.sortTarget = random.pick(RangeRequest.SortTarget.allCases)
        }
        return Wish(command: .range(range, isSerializable: random.chance(0.3)))
    }

    func delete(using random: inout SplitMix64) -> Wish {
        let request = DeleteRangeRequest(
            KeyRange(key: key(using: &random)), wantsPrevious: random.chance(0.3))
        return Wish(command: .deleteRange(request))
    }

    func deleteRange(using random: inout SplitMix64) -> Wish {
        let request = DeleteRangeRequest(
            aRange(using: &random), wantsPrevious: random.chance(0.3))
        return Wish(command: .deleteRange(request))
    }

    /// An update as API servers make it: only if the key is as it was last seen.
    func swap(using random: inout SplitMix64) -> Wish {
        let range = KeyRange(key: key(using: &random))
        let seen = Revision(max(0, client.revision.rawValue - Int64(random.below(4))))
        let compare = Compare(
            range, random.pick([.equal, .less, .greater, .notEqual]),
            random.pick([.mod(seen), .version(Int64(random.below(3))), .create(seen)]))
        let put = TransactionOperation.put(
            PutRequest(key: range.key, value: value(0, using: &random)))
        var transaction = TransactionRequest(
            compares: [compare], success: [put],
            failure: [.range(RangeRequest(range))])
        switch random.below(4) {
        case 0: transaction.failure.append(.deleteRange(DeleteRangeRequest(range)))
        case 1: transaction.success = [.range(RangeRequest(range))]
        default: break
        }
        return Wish(command: .transaction(transaction))
    }

    /// Many changes as one revision.
    func bigTransaction(using random: inout SplitMix64) -> Wish {
        var operations: [TransactionOperation] = []
        let count = random.between(3, 20)
        for part in 0..<count {
            let put = PutRequest(
                key: Bytes("k\(part)".utf8), value: value(part, using: &random))
            operations.append(.put(put))
        }
        operations.append(.range(RangeRequest(aRange(using: &random))))
        if random.chance(0.3) {
            operations = [
                .transaction(TransactionRequest(success: operations)),
                .range(RangeRequest(aRange(using: &random))),
            ]
        }
        return Wish(command: .transaction(TransactionRequest(success: operations)))
    }

    /// A read of the past, or of what is not there yet.
    func oldRead(using random: inout SplitMix64) -> Wish {
        let back = Int64(random.pick([0, 1, 3, 10, 40, -2]))
        let revision = Revision(max(1, client.revision.rawValue - back))
        let range = RangeRequest(aRange(using: &random), revision: revision)
        return Wish(command: .range(range, isSerializable: random.chance(0.3)))
    }

    /// A compaction: mostly of what is old, sometimes at, or beyond, the present.
    func compaction(using random: inout SplitMix64) -> Wish {
        let back = Int64(random.pick([30, 10, 3, 0, 0, -3]))
        return Wish(command: .compact(Revision(client.revision.rawValue - back)))
    }

    /// A lease of the client's own, or one of a few identifiers that all clients use again and
    /// again.
    func grant(using random: inout SplitMix64) -> Wish {
        var lease = LeaseID(Int64(client.number + 1) << 32 | Int64(ordinal + 1))
        if random.chance(0.5) { lease = LeaseID(Int64(random.between(1, 2))) }
        return Wish(command: .leaseGrant(lease, ttlSeconds: Int64(random.pick([1, 2, 4, 10]))))
    }

    /// Something about one of two leases whose identifiers all clients use again and again.
    func sharedLease(using random: inout SplitMix64) -> Wish {
        let lease = LeaseID(Int64(random.between(1, 2)))
        switch random.weighted([5, 4, 2, 1]) {
        case 0: return Wish(command: .leaseGrant(lease, ttlSeconds: random.pick([1, 1, 2, 10])))
        case 1: return Wish(command: .leaseRevoke(lease))
        case 2: return put(using: &random, lease: lease)
        default: return Wish(.leaseKeepAlive(lease), .keepAlive(lease))
        }
    }

    /// Anything else that clients ask.
    func question(using random: inout SplitMix64) -> Wish {
        switch random.below(mayLackSpace ? 8 : 5) {
        case 0: return Wish(.status, .other)
        case 1: return Wish(.hashKV(.zero), .other)
        case 2: return Wish(.members, .other)
        case 3: return Wish(.readBarrier, .other)
        case 4: return Wish(.leases, .other)
        default:
            let member = PeerID(UInt64(random.between(1, knobs.members)))
                let alarm = Alarm(member: member, kind: .noSpace)
            return Wish(.command(.deactivateAlarm(alarm)), .other)
        }
    }
}
