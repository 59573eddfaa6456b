internal import Primitives
internal import StoreModel

// What members must agree on after each entry, as a hash for the simulator's checkers. Written
// out, since a description by reflection would cost more than applying does.

extension ApplyOutcome {
    /// Adds all that members must agree on. The previous versions are left out: members record
    /// them only while somebody watches for them.
    func hash(into hasher: inout StableHasher) {
        hasher.combine(revision.rawValue)
        hasher.combine(UInt64(events.count))
        for event in events {
            hasher.combine(UInt64(event.kind.rawValue))
            event.keyValue.hash(into: &hasher)
        }
        switch result {
        case .success(let response): response.hash(into: &hasher)
        case .failure(let error): hasher.combine(Bytes("\(error)".utf8))
        }
    }
}

extension KeyValue {
    fileprivate func hash(into hasher: inout StableHasher) {
        hasher.combine(key)
        hasher.combine(value)
        hasher.combine(createRevision.rawValue)
        hasher.combine(modRevision.rawValue)
        hasher.combine(version)
        hasher.combine(lease.rawValue)
    }
}

extension CommandResponse {
    fileprivate func hash(into hasher: inout StableHasher) {
        switch self {
        case .put(let previous): [previous].compactMap(\.self).hash(1, into: &hasher)
        case .deleteRange(let answer): answer.hash(into: &hasher)
        case .transaction(let answer): answer.hash(into: &hasher)
        case .compact: hasher.combine(UInt64(4))
        case .leaseGrant(let lease, let ttl):
            hasher.combine(lease.rawValue)
            hasher.combine(ttl)
        case .leaseRevoke: hasher.combine(UInt64(5))
        case .leaseCheckpoint: hasher.combine(UInt64(6))
        case .alarm(let alarms):
            for alarm in alarms {
                hasher.combine(alarm.member.rawValue << 8 | UInt64(alarm.kind.rawValue))
            }
        case .roster: hasher.combine(UInt64(7))
        case .none: hasher.combine(UInt64(8))
        }
    }
}

extension [KeyValue] {
    fileprivate func hash(_ kind: UInt64, into hasher: inout StableHasher) {
        hasher.combine(kind << 32 | UInt64(count))
        for version in self { version.hash(into: &hasher) }
    }
}

extension DeleteRangeResponse {
    fileprivate func hash(into hasher: inout StableHasher) {
        hasher.combine(deleted)
        previous.hash(2, into: &hasher)
    }
}

extension TransactionResponse {
    fileprivate func hash(into hasher: inout StableHasher) {
        hasher.combine(UInt64(parts.count) << 1 | (succeeded ? 1 : 0))
        for part in parts {
            switch part {
            case .range(let answer):
                hasher.combine(answer.count)
                answer.keyValues.hash(answer.hasMore ? 10 : 9, into: &hasher)
            case .put(let previous): [previous].compactMap(\.self).hash(1, into: &hasher)
            case .deleteRange(let answer): answer.hash(into: &hasher)
            case .transaction(let nested): nested.hash(into: &hasher)
            }
        }
    }
}
