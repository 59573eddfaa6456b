internal import Primitives
internal import StoreModel

extension StateMachine {
    /// Whether compacted records are still to be removed: `compactSlice` has work.
    package var isCompacting: Bool { sweepCursor != nil || records.hasCrowdedBlocks }

    /// Takes up to `recordsMax` compacted records out of the index and of the next batch's
    /// blocks, and looks at a bounded number of keys. Safe to stop anywhere: what a crash leaves
    /// behind is found again at the next start.
    /// - Returns: Whether there is more to do.
    package mutating func compactSlice(recordsMax: Int) -> Bool {
        invariant(recordsMax > 0, "a slice of \(recordsMax) records")
        var budget = recordsMax
        while budget > 0, let cursor = sweepCursor {
            let (keys, next) = compactibleKeys(from: cursor, max: min(budget, 1_024))
            var rest: Bytes?
            for key in keys where rest == nil {
                if !compactKey(key, &budget) { rest = key }
            }
            // Looking costs too.
            budget -= 1
            sweepCursor = rest ?? next
        }
        if sweepCursor == nil { meta.sweptRevision = compactRevision }
        return isCompacting
    }

    /// Schedules a compaction: older revisions cannot be read from now on. Records of `floor`
    /// itself stay, deletions too, since a watch may start there (etcd #19179); of a key without
    /// one the newest record before, if it is a put.
    mutating func compact(_ floor: Revision) throws(StoreError) {
        if floor <= compactRevision { throw .compacted(floor: compactRevision) }
        if floor > revision { throw .futureRevision(current: revision) }
        meta.compactRevision = floor
        sweepCursor = []
    }

    /// Keys that may have something to remove, from `cursor` on, and where to go on; nil at the
    /// end.
    private func compactibleKeys(from cursor: Bytes, max: Int) -> ([Bytes], next: Bytes?) {
        var keys: [Bytes] = []
        var next: Bytes?
        var leaves = 0
        index.visitLeaves(index.span(from: cursor)) { leaf, positions in
            if leaves == 4_096 || keys.count >= max {
                next = leaf.key(at: positions.lowerBound)
                return false
            }
            leaves += 1
            guard leaf.compactibleCount > 0 else { return true }
            for position in positions where leaf.item(at: position).isCompactible {
                keys.append(leaf.key(at: position))
            }
            return true
        }
        return (keys, next)
    }

    /// The record of a key under which everything is compacted, and which itself is if it is a
    /// deletion before the compact revision.
    private enum Anchor {
        /// The newest record.
        case newest
        /// An older one; `above` is the one before it in the list, if that is older too.
        case older(UInt32, above: UInt32?)
    }

    /// The oldest record of the compact revision (a transaction may put a key in one nested
    /// transaction and delete it in the next), or else the newest before it.
    private func anchor(of item: KeyItem) -> Anchor? {
        let floor = compactRevision.rawValue
        var anchor: Anchor?
        if item.main <= floor { anchor = .newest }
        if item.main < floor { return anchor }
        var above: UInt32?
        var link = item.older
        while link != 0 {
            let record = index.older[link]
            if record.main < floor { return anchor ?? .older(link, above: above) }
            if record.main == floor { anchor = .older(link, above: above) }
            above = link
            link = record.next
        }
        return anchor
    }

    /// Removes what is compacted of one key; says whether all of it is gone. A deletion goes last:
    /// were it gone before the puts under it, the key would exist again after a crash (etcd's
    /// order is by revision, which has the same effect).
    private mutating func compactKey(_ key: Bytes, _ budget: inout Int) -> Bool {
        let (place, isPresent) = index.find(key)
        guard isPresent, let anchor = anchor(of: index.item(at: place)) else { return true }
        switch anchor {
        case .newest:
            while index.item(at: place).older != 0 {
                guard budget > 0 else { return false }
                drop(index.older[index.item(at: place).older], &budget)
                index.removeOlder(after: nil, at: place)
            }
            let item = index.item(at: place)
            guard !item.isLive, item.main < compactRevision.rawValue else { return true }
            guard budget > 0 else { return false }
            historyHash &-= item.contribution
            records.drop(item.id)
            budget -= 1
            index.remove(at: place)
        case .older(let link, let above):
            while index.older[link].next != 0 {
                guard budget > 0 else { return false }
                drop(index.older[index.older[link].next], &budget)
                index.removeOlder(after: link, at: place)
            }
            let record = index.older[link]
            guard record.isTombstone, record.main < compactRevision.rawValue else { return true }
            guard budget > 0 else { return false }
            drop(record, &budget)
            index.removeOlder(after: above, at: place)
        }
        return true
    }

    private mutating func drop(_ record: OlderRecord, _ budget: inout Int) {
        historyHash &-= record.contribution
        records.drop(record.id)
        budget -= 1
    }

    /// The sum over the records that are kept, whether those that are not are gone or not.
    var keptHistoryHash: UInt64 {
        guard let sweepCursor else { return historyHash }
        var sum = historyHash
        index.visitLeaves(index.span(from: sweepCursor)) { leaf, positions in
            guard leaf.compactibleCount > 0 else { return true }
            for position in positions where leaf.item(at: position).isCompactible {
                sum &-= compactedContribution(of: leaf.item(at: position))
            }
            return true
        }
        return sum
    }

    private func compactedContribution(of item: KeyItem) -> UInt64 {
        let floor = compactRevision.rawValue
        var sum: UInt64 = 0
        var link: UInt32
        switch anchor(of: item) {
        case nil: return 0
        case .newest:
            if !item.isLive, item.main < floor { sum = item.contribution }
            link = item.older
        case .older(let anchor, _):
            let record = index.older[anchor]
            if record.isTombstone, record.main < floor { sum = record.contribution }
            link = record.next
        }
        while link != 0 {
            sum &+= index.older[link].contribution
            link = index.older[link].next
        }
        return sum
    }
}
