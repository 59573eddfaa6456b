internal import Primitives

/// Sending an image to a member whose next entry is forgotten (Raft §7).
extension RaftNode {
    mutating func startSnapshot(_ position: Int) {
        let peer = leadership.progress[position].peer
        modifyProgress(position) { $0.becomeSnapshot() }
        output.events.append(.startedSnapshot(to: peer))
        readChunk(position)
    }

    /// Asks for the next bytes, as far as the limits allow.
    private mutating func readChunk(_ position: Int) {
        let bytesMax = configuration.snapshotChunkBytes
        let ahead = UInt64(bytesMax * configuration.inflightSnapshotChunksMax)
        modifyTransfer(position) { transfer, peer in
            guard !transfer.isReading, !transfer.isSentWhole,
                transfer.nextOffset < transfer.storedOffset + ahead
            else { return nil }
            transfer.isReading = true
            return SnapshotRead(
                peer: peer, lastIncluded: transfer.lastIncluded, offset: transfer.nextOffset,
                bytesMax: bytesMax)
        }
    }

    /// Changes the transfer to a member if there is one, and asks for what `body` answers.
    private mutating func modifyTransfer(
        _ position: Int, _ body: (inout SnapshotTransfer, PeerID) -> SnapshotRead?
    ) {
        guard case .snapshot(var transfer) = leadership.progress[position].state else { return }
        let read = body(&transfer, leadership.progress[position].peer)
        leadership.progress[position].state = .snapshot(transfer)
        if let read { output.snapshotReads.append(read) }
    }

    /// Bytes of the image have been read.
    mutating func send(_ chunk: SnapshotChunk, to peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer),
            case .snapshot(let transfer) = leadership.progress[position].state,
            transfer.isReading
        else { return }
        let isWanted =
            transfer.nextOffset == chunk.offset
            && (transfer.lastIncluded ?? chunk.description.lastIncluded)
                == chunk.description.lastIncluded
        modifyTransfer(position) { transfer, _ in
            transfer.isReading = false
            guard isWanted else { return nil }
            transfer.lastIncluded = chunk.description.lastIncluded
            transfer.nextOffset += UInt64(chunk.bytes.count)
            transfer.isSentWhole = chunk.isLast
            return nil
        }
        if isWanted { send(.snapshotChunk(chunk), to: peer) }
        readChunk(position)
    }

    /// The image is not there, or was replaced: a new one from the start, at the next tick.
    mutating func snapshotReadFailed(_ peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer) else { return }
        modifyTransfer(position) { transfer, _ in
            transfer = SnapshotTransfer()
            transfer.quietTicks = Int.max / 2
            return nil
        }
    }

    mutating func receive(_ response: SnapshotResponse, from peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer) else { return }
        leadership.progress[position].isActive = true
        switch response {
        case .installed(let matchIndex):
            guard matchIndex <= log.lastIndex else { return }
            var isNew = false
            modifyProgress(position) { progress in
                isNew = progress.acknowledge(matchIndex)
                if case .snapshot = progress.state { progress.becomeProbe() }
            }
            if isNew { advanceCommit() }
            guard isLeader, let position = leadership.position(of: peer) else { return }
            sendAppend(position, evenIfEmpty: true)
        case .progress(let lastIncluded, let nextOffset):
            stored(position, lastIncluded, nextOffset)
        case .failed(let lastIncluded):
            modifyTransfer(position) { transfer, _ in
                guard transfer.lastIncluded == lastIncluded else { return nil }
                transfer = SnapshotTransfer()
                transfer.quietTicks = Int.max / 2
                return nil
            }
        }
    }

    private mutating func stored(
        _ position: Int, _ lastIncluded: EntryID, _ nextOffset: UInt64
    ) {
        modifyTransfer(position) { transfer, _ in
            guard transfer.lastIncluded == lastIncluded else { return nil }
            transfer.quietTicks = 0
            if nextOffset > transfer.storedOffset {
                transfer.storedOffset = min(nextOffset, transfer.nextOffset)
            } else if transfer.rewoundTo != nextOffset {
                // A chunk in between is missing: go on from there, once.
                transfer.rewoundTo = nextOffset
                transfer.storedOffset = nextOffset
                transfer.nextOffset = nextOffset
                transfer.isReading = false
                transfer.isSentWhole = false
            }
            return nil
        }
        readChunk(position)
    }

    /// Takes a transfer up again that has been quiet for an election timeout: a chunk, or an
    /// answer, was lost.
    mutating func tickSnapshots() {
        guard !configuration.mutation.isActive(.snapshotNeverRetried) else { return }
        for position in leadership.progress.indices {
            guard case .snapshot(var transfer) = leadership.progress[position].state else {
                continue
            }
            transfer.quietTicks += 1
            if transfer.quietTicks >= configuration.electionTicks {
                transfer.quietTicks = 0
                transfer.nextOffset = transfer.storedOffset
                transfer.isSentWhole = false
                transfer.isReading = false
                transfer.rewoundTo = nil
            }
            leadership.progress[position].state = .snapshot(transfer)
            readChunk(position)
        }
    }
}

/// Receiving an image.
extension RaftNode {
    mutating func receive(_ chunk: SnapshotChunk, from peer: PeerID) {
        let included = chunk.description.lastIncluded
        guard included.index > commitIndex else {
            // Old, or repeated: what is committed here says more.
            sendWhenDurable(.snapshotResponse(.installed(matchIndex: commitIndex)), to: peer)
            return
        }
        if chunk.offset == 0, receiving?.lastIncluded != included { receiving = (included, 0) }
        guard let receiving, receiving.lastIncluded == included,
            receiving.nextOffset == chunk.offset
        else {
            let known = receiving?.lastIncluded == included ? receiving?.nextOffset : nil
            sendWhenTermIsDurable(
                .snapshotResponse(.progress(lastIncluded: included, nextOffset: known ?? 0)),
                to: peer)
            return
        }
        output.receivedChunk = chunk
    }

    /// A chunk is stored.
    mutating func chunkStored(_ lastIncluded: EntryID, _ nextOffset: UInt64) {
        guard receiving?.lastIncluded == lastIncluded else { return }
        receiving = (lastIncluded, nextOffset)
        guard leader != .zero, !isLeader else { return }
        sendWhenTermIsDurable(
            .snapshotResponse(.progress(lastIncluded: lastIncluded, nextOffset: nextOffset)),
            to: leader)
    }

    /// The image was damaged or could not be stored.
    mutating func snapshotFailed(_ lastIncluded: EntryID) {
        if receiving?.lastIncluded == lastIncluded { receiving = nil }
        guard leader != .zero, !isLeader else { return }
        if lastIncluded.index <= commitIndex {
            sendWhenDurable(.snapshotResponse(.installed(matchIndex: commitIndex)), to: leader)
        } else {
            sendWhenTermIsDurable(
                .snapshotResponse(.failed(lastIncluded: lastIncluded)), to: leader)
        }
    }

    /// The image is in force as the state machine's state. The log is kept behind it where it
    /// has the image's last entry, else it starts anew (Raft §7, figure 13, rules 6 and 7).
    mutating func installed(_ description: SnapshotDescription) {
        let included = description.lastIncluded
        receiving = nil
        if log.term(at: included.index) == included.term {
            let kept = memberships.filter { $0.index > included.index }
            log.forget(through: included.index)
            memberships = [(included.index, description.membership)] + kept
            persistence.covered(through: included.index)
        } else {
            log.reset(to: included)
            memberships = [(included.index, description.membership)]
            persistence.reset(to: included.index)
            releaseHeld()
            output.events.append(
                .membershipChanged(description.membership, at: included.index))
        }
        commitIndex = max(commitIndex, included.index)
        handedOut = max(handedOut, included.index)
        guard leader != .zero, !isLeader else { return }
        sendWhenDurable(
            .snapshotResponse(.installed(matchIndex: included.index)), to: leader)
    }
}
