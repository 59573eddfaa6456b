internal import Primitives

/// What is on its way to the disk, and what is known to be there.
///
/// A write confirms only what the log still holds of it: entries that a later write replaces do
/// not become durable by an earlier one's mark, however their indexes compare (an ABA race).
struct Persistence {
    /// The number of the write handed out last.
    private(set) var emitted: UInt64 = 0
    /// The highest number known to be durable.
    private(set) var confirmed: UInt64 = 0
    /// Entries up to here are durable, as they stand in the log.
    private(set) var stableIndex: LogIndex
    /// Entries from here on have not been handed out for writing.
    private(set) var unwrittenFrom: LogIndex
    /// The hard state handed out last.
    private(set) var hardState: HardState
    /// The write that made the present term durable, or will.
    private(set) var termWrite: UInt64 = 0
    /// Entries of writes that are not confirmed: the part that the log still holds.
    private var pending: [(number: UInt64, first: LogIndex, last: LogIndex)] = []

    init(hardState: HardState, lastIndex: LogIndex) {
        self.hardState = hardState
        stableIndex = lastIndex
        unwrittenFrom = lastIndex.next
    }

    /// The entries from `index` on are gone from the log.
    mutating func truncated(from index: LogIndex, keepsStale: Bool) {
        unwrittenFrom = min(unwrittenFrom, index)
        guard !keepsStale else { return }
        stableIndex = min(stableIndex, index.previous)
        for position in pending.indices {
            pending[position].last = min(pending[position].last, index.previous)
        }
    }

    /// Everything up to here came by an image, which is durable with all writes before it.
    mutating func reset(to index: LogIndex) {
        pending = []
        confirmed = emitted
        stableIndex = index
        unwrittenFrom = index.next
    }

    /// An image, which is durable, includes everything up to here.
    mutating func covered(through index: LogIndex) { stableIndex = max(stableIndex, index) }

    /// Takes note of a write that is handed out now.
    mutating func emit(_ newHardState: HardState, lastIndex: LogIndex) -> UInt64 {
        emitted += 1
        if newHardState.term != hardState.term { termWrite = emitted }
        hardState = newHardState
        if unwrittenFrom <= lastIndex {
            pending.append((emitted, unwrittenFrom, lastIndex))
            unwrittenFrom = lastIndex.next
        }
        return emitted
    }

    /// A write, and all before it, are durable.
    mutating func confirm(_ mark: PersistenceMark, trustsIndex: Bool, lastIndex: LogIndex) {
        guard mark.number > confirmed else { return }
        invariant(mark.number <= emitted, "write \(mark.number) was never handed out")
        confirmed = mark.number
        var count = 0
        for write in pending {
            guard write.number <= mark.number else { break }
            count += 1
            if write.last >= write.first { stableIndex = max(stableIndex, write.last) }
        }
        pending.removeFirst(count)
        if trustsIndex { stableIndex = max(stableIndex, min(mark.lastEntry.index, lastIndex)) }
    }
}

/// Writing, and what waits for it.
extension RaftNode {
    /// Whether this step has changed what must be on the disk.
    private var isDirty: Bool {
        persistence.unwrittenFrom <= log.lastIndex || term != persistence.hardState.term
            || votedFor != persistence.hardState.votedFor
    }

    /// The number of the write that makes everything so far durable.
    var requiredWrite: UInt64 { persistence.emitted + (isDirty ? 1 : 0) }

    /// Hands out what has to be written. A commit index alone is a hint: it waits for company, or
    /// for the next tick, and for no sync. (Written behind a batch it also shows a later recovery
    /// that the batch had been synced.)
    mutating func emitWrite(isTick: Bool) {
        let mustSync = isDirty
        guard mustSync || (isTick && commitIndex > persistence.hardState.commitIndex) else {
            return
        }
        let entries = log.entries(from: persistence.unwrittenFrom, through: log.lastIndex)
        let new = hardState
        let hasChanged = new != persistence.hardState
        let number = persistence.emit(new, lastIndex: log.lastIndex)
        output.write = LogWrite(
            hardState: hasChanged ? new : nil, entries: entries, mustSync: mustSync,
            mark: PersistenceMark(number: number, lastEntry: log.lastEntry))
    }

    /// A write is durable: what waited for it may happen.
    mutating func confirm(_ mark: PersistenceMark) {
        persistence.confirm(
            mark, trustsIndex: configuration.mutation.isActive(.acceptsStalePersistence),
            lastIndex: log.lastIndex)
        releaseHeld()
        switch role {
        case .candidate(let ballot):
            if let write = ballot.ownVoteWrite, write <= persistence.confirmed {
                countOwnVote()
            }
        case .leader: advanceCommit()
        case .follower, .preCandidate: break
        }
    }

    func isDurable(_ write: UInt64) -> Bool { write <= persistence.confirmed }

    /// Lets messages go whose write is durable.
    mutating func releaseHeld() {
        var count = 0
        while count < held.count, held[count].number <= persistence.confirmed {
            output.messages.append(held[count].message)
            count += 1
        }
        held.removeFirst(count)
    }

    /// Sends a message now.
    mutating func send(_ body: Message.Body, to peer: PeerID, term: Term? = nil) {
        output.messages.append(Message(from: id, to: peer, term: term ?? self.term, body: body))
    }

    /// Sends a message as soon as everything that it promises is durable.
    mutating func sendWhenDurable(_ body: Message.Body, to peer: PeerID, write: UInt64? = nil) {
        let number = write ?? requiredWrite
        let message = Message(from: id, to: peer, term: term, body: body)
        guard number > persistence.confirmed else {
            output.messages.append(message)
            return
        }
        // Numbers ascend but for answers that wait for the term alone.
        let position = held.lastIndex { $0.number <= number }.map { $0 + 1 } ?? 0
        held.insert((number, message), at: position)
    }

    /// Sends an answer that promises nothing but the term.
    mutating func sendWhenTermIsDurable(_ body: Message.Body, to peer: PeerID) {
        let isPending = term != persistence.hardState.term
        sendWhenDurable(
            body, to: peer, write: isPending ? requiredWrite : persistence.termWrite)
    }
}
