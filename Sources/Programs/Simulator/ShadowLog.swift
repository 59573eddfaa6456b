internal import Primitives
internal import Raft
internal import Verification

/// What a member's log holds, kept beside it by watching it grow and shrink.
struct ShadowLog {
    /// The hash of the log up to each entry.
    private(set) var hashes = PrefixHashes()
    /// The last entry.
    private(set) var last = EntryID.zero
    /// The memberships in the log, ascending by index; the first is the one as of its start.
    private(set) var memberships: [(index: LogIndex, membership: Membership)] = []
    /// Up to here the disk holds for certain what the log now holds.
    private(set) var durable = LogIndex.zero
    /// The last entry of the write under way that is still in the log.
    private var syncing = LogIndex.zero

    /// Starts anew behind an image or at a start.
    mutating func reset(to base: EntryID, hash: UInt64, membership: Membership) {
        hashes.reset(to: base.index, hash: hash)
        last = base
        memberships = [(base.index, membership)]
        durable = base.index
        syncing = base.index
    }

    /// The entries from `index` on are gone.
    /// - Returns: whether a membership was among them.
    mutating func truncate(from index: LogIndex, last previous: EntryID) -> Bool {
        hashes.truncate(after: index.previous)
        last = previous
        durable = min(durable, index.previous)
        syncing = min(syncing, index.previous)
        let count = memberships.count
        memberships.removeAll { $0.index >= index }
        return memberships.count < count
    }

    /// An entry was appended.
    /// - Returns: the hash of the log with it.
    mutating func append(_ entry: Entry) -> UInt64 {
        last = EntryID(index: entry.index, term: entry.term)
        if case .membership(let membership, _) = entry.payload {
            memberships.append((entry.index, membership))
        }
        return hashes.append(
            entryHash: PrefixHashes.entryHash(term: entry.term, payload: entry.payload.hashed))
    }

    /// The log's beginning, up to `index`, was released.
    mutating func release(through index: LogIndex) {
        guard index > hashes.first else { return }
        hashes.discard(through: index)
        while memberships.count > 1, memberships[1].index <= index { memberships.removeFirst() }
    }

    /// A sync that covers the log up to `index` has begun.
    mutating func beginSync(through index: LogIndex) { syncing = index }

    /// That sync is done.
    mutating func endSync() { durable = max(durable, syncing) }

    /// All of it was found on the disk.
    mutating func isAllDurable() {
        durable = last.index
        syncing = last.index
    }

    /// The latest membership in the log.
    var membership: Membership { memberships.last?.membership ?? Membership(voters: []) }
}

extension Entry.Payload {
    /// Bytes that stand for it in a hash.
    var hashed: Bytes {
        switch self {
        case .noOp: return []
        case .command(let bytes): return bytes
        case .membership(let membership, let context):
            var writer = ByteWriter(capacity: 64 + context.count)
            for list in [
                membership.voters, membership.outgoingVoters, membership.learners,
                membership.nextLearners,
            ] {
                writer.write(UInt32(list.count))
                for peer in list { writer.write(peer.rawValue) }
            }
            writer.writeCounted(context)
            return writer.bytes
        }
    }
}
