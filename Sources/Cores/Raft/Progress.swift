internal import Primitives

/// What a leader knows of one other member's log (Raft figure 2, `nextIndex` and `matchIndex`).
struct Progress {
    /// How the member is being served.
    enum State: Equatable {
        /// Where the logs agree is not known: one append at a time.
        case probe(isWaiting: Bool)
        /// Appends follow each other without waiting for answers.
        case replicate
        /// The log no longer has what the member needs: it is sent an image.
        case snapshot(SnapshotTransfer)
    }

    let peer: PeerID
    /// The logs agree and the member's is durable up to here.
    var matchIndex = LogIndex.zero
    /// The next entry to send.
    var nextIndex: LogIndex
    var state = State.probe(isWaiting: false)
    /// Heard from since the last check of the quorum.
    var isActive: Bool
    /// The latest round of read confirmation that it has answered.
    var readRound: UInt64 = 0
    /// Appends under way, oldest first.
    private var inflight: [(last: LogIndex, bytes: Int)] = []
    private var inflightHead = 0
    private(set) var inflightBytes = 0

    init(peer: PeerID, nextIndex: LogIndex, isActive: Bool) {
        self.peer = peer
        self.nextIndex = nextIndex
        self.isActive = isActive
    }

    var inflightCount: Int { inflight.count - inflightHead }

    /// Whether nothing more may be sent now.
    func isPaused(_ configuration: RaftConfiguration) -> Bool {
        switch state {
        case .probe(let isWaiting): return isWaiting
        case .replicate:
            return inflightCount >= configuration.inflightAppendsMax
                || inflightBytes >= configuration.inflightBytesMax
        case .snapshot: return true
        }
    }

    /// Entries through `last` are under way.
    mutating func sent(through last: LogIndex, bytes: Int) {
        inflight.append((last, bytes))
        inflightBytes += bytes
    }

    /// Everything through `index` has arrived.
    mutating func arrived(through index: LogIndex) {
        while inflightHead < inflight.count, inflight[inflightHead].last <= index {
            dropOldest()
        }
    }

    /// Makes room for one more append: the answer to the oldest may be lost.
    mutating func dropOldest() {
        guard inflightHead < inflight.count else { return }
        inflightBytes -= inflight[inflightHead].bytes
        inflightHead += 1
        if inflightHead == inflight.count {
            inflight.removeAll(keepingCapacity: true)
            inflightHead = 0
        } else if inflightHead > 256 {
            inflight.removeFirst(inflightHead)
            inflightHead = 0
        }
    }

    /// Starts looking for agreement again.
    mutating func becomeProbe() {
        state = .probe(isWaiting: false)
        nextIndex = matchIndex.next
        clearInflight()
    }

    /// The logs agree up to `matchIndex`: from now on appends are pipelined.
    mutating func becomeReplicate() {
        state = .replicate
        nextIndex = matchIndex.next
        clearInflight()
    }

    /// Begins to send an image.
    mutating func becomeSnapshot() {
        state = .snapshot(SnapshotTransfer())
        clearInflight()
    }

    private mutating func clearInflight() {
        inflight.removeAll(keepingCapacity: true)
        inflightHead = 0
        inflightBytes = 0
    }

    /// Takes an acknowledgement; answers whether it says anything new.
    mutating func acknowledge(_ index: LogIndex) -> Bool {
        let isNew = index > matchIndex
        if isNew { matchIndex = index }
        if nextIndex <= matchIndex { nextIndex = matchIndex.next }
        arrived(through: index)
        return isNew
    }
}

/// An image on its way to a member.
struct SnapshotTransfer: Equatable {
    /// Which image; nil until its first bytes have been read.
    var lastIncluded: EntryID?
    /// Where the next chunk to send begins.
    var nextOffset: UInt64 = 0
    /// The member has stored so much.
    var storedOffset: UInt64 = 0
    /// Bytes have been asked for and not come yet.
    var isReading = false
    /// The last chunk is under way.
    var isSentWhole = false
    /// Nothing was heard for so many ticks.
    var quietTicks = 0
    /// Sending was taken up again from here once, because chunks came out of order.
    var rewoundTo: UInt64?
}
