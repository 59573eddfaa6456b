internal import Primitives
internal import StoreModel

// Changes of single keys within the revision being made.
extension StateMachine {
    /// What only the state can say of a put (etcd's checkPut).
    func checkPut(_ put: PutRequest) throws(StoreError) {
        if put.ignoresValue || put.ignoresLease, index.item(of: put.key)?.isLive != true {
            throw .keyNotFound
        }
        if put.lease != .zero, !leases.contains(put.lease) { throw .leaseNotFound }
    }

    /// Stores a value; the answer is the version before where asked for. The put was checked.
    mutating func write(_ put: PutRequest, _ draft: inout RevisionDraft) -> KeyValue? {
        let (place, isPresent) = index.find(put.key)
        let old = isPresent ? index.item(at: place) : nil
        let previous = old.flatMap { old -> KeyValue? in
            guard old.isLive, put.wantsPrevious || put.ignoresValue || recordsPreviousVersions
            else { return nil }
            return records.read(old.id, hash: old.hash, known: put.key)
        }
        let existing = old?.isLive == true ? old : nil
        let keyValue = KeyValue(
            key: put.key,
            value: put.ignoresValue ? previous?.value ?? [] : put.value,
            createRevision: existing.map { Revision($0.create) } ?? draft.main,
            modRevision: draft.main,
            version: (existing?.version ?? 0) + 1,
            lease: put.ignoresLease ? LeaseID(existing?.lease ?? 0) : put.lease)
        record(keyValue, previous, from: existing, at: place, isPresent: isPresent, &draft)
        return put.wantsPrevious ? previous : nil
    }

    /// Deletes the keys of a range in order.
    mutating func delete(
        _ request: DeleteRangeRequest, _ draft: inout RevisionDraft
    ) -> DeleteRangeResponse {
        var keys: [Bytes] = []
        index.visitLeaves(index.span(of: request.range)) { leaf, positions in
            for position in positions where leaf.item(at: position).isLive {
                keys.append(leaf.key(at: position))
            }
            return true
        }
        var answer = DeleteRangeResponse(deleted: Int64(keys.count))
        for key in keys {
            let previous = bury(key, wantsPrevious: request.wantsPrevious, &draft)
            if request.wantsPrevious, let previous { answer.previous.append(previous) }
        }
        return answer
    }

    /// Deletes a key that exists; the answer is its last version if that was read.
    @discardableResult
    mutating func bury(
        _ key: Bytes, wantsPrevious: Bool = false, _ draft: inout RevisionDraft
    ) -> KeyValue? {
        let (place, isPresent) = index.find(key)
        invariant(isPresent, "a key to be deleted is not there")
        let old = index.item(at: place)
        invariant(old.isLive, "a key to be deleted does not exist")
        let previous =
            wantsPrevious || recordsPreviousVersions
            ? records.read(old.id, hash: old.hash, known: key) : nil
        let tombstone = KeyValue(
            key: key, value: [], createRevision: .zero, modRevision: draft.main, version: 0,
            lease: .zero)
        record(tombstone, previous, from: old, at: place, isPresent: true, &draft)
        return previous
    }

    /// Makes a version the key's newest record.
    private mutating func record(
        _ keyValue: KeyValue, _ previous: KeyValue?, from old: KeyItem?, at place: KeyIndex.Place,
        isPresent: Bool, _ draft: inout RevisionDraft
    ) {
        let id = draft.nextID
        let hash = keyValue.contentHash(sub: id.sub)
        let item = KeyItem(
            id: id, create: keyValue.createRevision, version: keyValue.version,
            lease: keyValue.lease, hash: hash)
        index.record(item, for: keyValue.key, at: place, isPresent: isPresent)
        records.tail.append(TailRecord(keyValue: keyValue, sub: id.sub, hash: hash))
        historyHash &+= item.contribution
        let oldLease = LeaseID(old?.lease ?? 0)
        if oldLease != keyValue.lease {
            if oldLease != .zero { leases.detach(keyValue.key, from: oldLease) }
            if keyValue.lease != .zero { leases.attach(keyValue.key, to: keyValue.lease) }
        }
        draft.events.append(
            Event(
                kind: keyValue.version == 0 ? .delete : .put, keyValue: keyValue,
                previous: recordsPreviousVersions ? versionBefore(draft, previous) : nil))
    }

    /// What watchers are told was there before: the state before the whole revision, also where
    /// the transaction itself had changed the key (nested transactions may, one after another).
    private func versionBefore(_ draft: RevisionDraft, _ replaced: KeyValue?) -> KeyValue? {
        guard let replaced, replaced.modRevision == draft.main else { return replaced }
        return index.item(of: replaced.key)
            .flatMap { index.olderVersion(of: $0, at: draft.main.previous.rawValue) }
            .map { records.read($0.id, hash: $0.hash, known: replaced.key) }
    }
}
