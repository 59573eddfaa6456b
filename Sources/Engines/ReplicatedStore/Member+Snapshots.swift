internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import Storage
internal import StoreModel
internal import WriteAheadLog

/// Images on their way to followers, and the one on its way to this member.
struct SnapshotProgress {
    /// The image file that followers are sent from.
    var outgoing: SnapshotDescription?
    /// Followers that were sent it from its beginning.
    var servedPeers: [PeerID] = []
    /// An image is being written.
    var isWriting = false
    /// Reads that wait for it.
    var waiting: [SnapshotRead] = []
    /// The image being received.
    var incoming: (description: SnapshotDescription, spool: SnapshotSpool)?
    /// Verifying and replacing is under way: nothing is applied, read or committed meanwhile.
    var isInstalling = false
    /// Entries that were committed meanwhile.
    var committedMeanwhile: [Entry] = []
    /// What the backend took before the installation under way.
    var sizesBeforeInstall: (allocatedBytes: Int, inUseBytes: Int)?
    /// A complete image that waits for other work on the backend to end.
    var delayedInstall: SnapshotDescription?
    /// An installed image that waits for the log's sync under way.
    var finishedInstall: SnapshotDescription?

    /// A new leader serves nobody yet.
    mutating func forgetReaders() {
        waiting = []
    }
}

/// Sending images to followers that lag behind the log, and installing received ones (Raft §7).
extension Member {
    /// Raft wants bytes of an image for a follower.
    mutating func answer(_ read: SnapshotRead) {
        if read.lastIncluded == nil, snapshots.servedPeers.contains(read.peer) {
            // It had the image and wants one again: the file may be damaged.
            discardOutgoing()
        }
        if let outgoing = snapshots.outgoing, serves(outgoing, read) {
            send(outgoing, read)
        } else if read.lastIncluded != nil {
            // The image was replaced in the middle of its transfer: start again with a new one.
            absorb(raft.step(.snapshotReadFailed(to: read.peer)))
        } else {
            snapshots.waiting.append(read)
            startWriting()
        }
    }

    /// Whether the image is the one asked for, or new enough where any will do.
    private func serves(_ image: SnapshotDescription, _ read: SnapshotRead) -> Bool {
        if let wanted = read.lastIncluded { return image.lastIncluded == wanted }
        return image.lastIncluded.index.next >= raft.firstIndex
    }

    private mutating func discardOutgoing() {
        if let old = snapshots.outgoing {
            // Only disk space would be lost: the next start removes what is left over.
            try? files.disk.remove(files.outgoingPath(old.lastIncluded))
        }
        snapshots.outgoing = nil
        snapshots.servedPeers = []
    }

    private mutating func send(_ image: SnapshotDescription, _ read: SnapshotRead) {
        if read.lastIncluded == nil { snapshots.servedPeers.append(read.peer) }
        do {
            let path = files.outgoingPath(image.lastIncluded)
            let (bytes, isLast) = try SnapshotFile.readBytes(
                path: path, disk: files.disk, offset: Int(read.offset), count: read.bytesMax)
            let chunk = SnapshotChunk(
                description: image, offset: read.offset, bytes: bytes, isLast: isLast)
            absorb(raft.step(.snapshotChunkRead(to: read.peer, chunk)))
        } catch {
            discardOutgoing()
            absorb(raft.step(.snapshotReadFailed(to: read.peer)))
        }
    }

    private mutating func startWriting() {
        guard !snapshots.isWriting, !snapshots.isInstalling, snapshots.delayedInstall == nil
        else { return }
        snapshots.isWriting = true
        output.jobs.append(.writeSnapshot)
    }

    /// An image file is there, or could not be written.
    mutating func finishWriting(_ result: Result<SnapshotDescription, MemberFailure>) {
        snapshots.isWriting = false
        let waiting = snapshots.waiting
        snapshots.waiting = []
        switch result {
        case .success(let description):
            if snapshots.outgoing != description { discardOutgoing() }
            snapshots.outgoing = description
            for read in waiting {
                if serves(description, read) {
                    send(description, read)
                } else {
                    absorb(raft.step(.snapshotReadFailed(to: read.peer)))
                }
            }
        case .failure:
            for read in waiting {
                absorb(raft.step(.snapshotReadFailed(to: read.peer)))
            }
        }
        startDelayedInstall()
    }

    /// Stores a received chunk.
    mutating func store(_ chunk: SnapshotChunk) {
        guard !snapshots.isInstalling, snapshots.delayedInstall == nil else { return }
        do {
            if chunk.offset == 0 || snapshots.incoming?.description != chunk.description {
                guard chunk.offset == 0 else { throw MemberFailure.refused(reason: "gap") }
                snapshots.incoming?.spool.discard()
                let spool = try SnapshotSpool(path: files.incomingPath, disk: files.disk)
                snapshots.incoming = (chunk.description, spool)
            }
            try snapshots.incoming?.spool.append(chunk.bytes, at: Int(chunk.offset))
        } catch {
            dropIncoming(chunk.description)
            return
        }
        if chunk.isLast {
            snapshots.delayedInstall = chunk.description
            startDelayedInstall()
        } else {
            absorb(
                raft.step(
                    .snapshotChunkStored(
                        lastIncluded: chunk.description.lastIncluded,
                        nextOffset: chunk.offset + UInt64(chunk.bytes.count))))
        }
    }

    private mutating func dropIncoming(_ description: SnapshotDescription) {
        snapshots.incoming?.spool.discard()
        snapshots.incoming = nil
        absorb(raft.step(.snapshotFailed(lastIncluded: description.lastIncluded)))
    }

    /// Starts the installation that waits, once nothing else uses the backend that it replaces.
    mutating func startDelayedInstall() {
        guard !commits.isUnderWay, !snapshots.isWriting,
            let description = snapshots.delayedInstall
        else { return }
        snapshots.delayedInstall = nil
        startInstall(description)
    }

    /// The image is complete: have it verified and put in force.
    private mutating func startInstall(_ description: SnapshotDescription) {
        guard description.lastIncluded.index > store.appliedIndex else {
            dropIncoming(description)
            return
        }
        do {
            try snapshots.incoming?.spool.finish()
        } catch {
            dropIncoming(description)
            return
        }
        snapshots.isInstalling = true
        snapshots.sizesBeforeInstall = files.backend.sizes()
        output.jobs.append(.installSnapshot)
    }

    /// The image is in force in the backend, or was refused.
    mutating func finishInstall(_ result: Result<SnapshotDescription, MemberFailure>) {
        snapshots.sizesBeforeInstall = nil
        switch result {
        case .failure:
            // The backend is as it was: `BackendProvider.replace` is all or nothing.
            snapshots.isInstalling = false
            let description = snapshots.incoming?.description
            let meanwhile = snapshots.committedMeanwhile
            snapshots.committedMeanwhile = []
            if let description { dropIncoming(description) }
            apply(meanwhile)
        case .success(let description):
            if syncing == nil {
                takeOver(description)
            } else {
                snapshots.finishedInstall = description
            }
        }
    }

    /// Continues from the installed image: state, log, Raft and watches, in this order. Were the
    /// process to end in between, the next start would find the backend ahead of the log and
    /// reset the log itself.
    mutating func takeOver(_ description: SnapshotDescription) {
        let entry = description.lastIncluded
        snapshots.incoming?.spool.discard()
        snapshots.incoming = nil
        snapshots.isInstalling = false
        do {
            store = try StateMachine(limits: configuration.limits, backend: files.backend)
            commits = CommitProgress(durable: entry, membership: description.membership)
            if raft.term(at: entry.index) != entry.term {
                queuedWrites.removeAll { !$0.entries.isEmpty && $0.hardState == nil }
                let hardState = queuedWrites.compactMap(\.hardState).last ?? log.hardState
                try log.reset(
                    to: entry,
                    hardState: HardState(
                        term: hardState.term, votedFor: hardState.votedFor,
                        commitIndex: max(hardState.commitIndex, entry.index)))
                queuedWrites = []
            }
        } catch {
            fail(MemberFailure(any: error))
            return
        }
        let meanwhile = snapshots.committedMeanwhile
        snapshots.committedMeanwhile = []
        hub.stateReplaced(
            revision: store.revision, compactRevision: store.compactRevision,
            into: &output.deliveries)
        absorb(raft.step(.snapshotInstalled(description)))
        apply(meanwhile)
    }
}
