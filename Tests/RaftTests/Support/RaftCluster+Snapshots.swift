import Primitives
import Raft

/// Images: made of what is applied, sent in chunks, installed as one disk operation.
extension RaftCluster {
    /// Makes an image of what the member has applied and lets it forget the log, but for the
    /// last `keeping` entries.
    mutating func compact(_ id: UInt64, keeping: UInt64 = 0) {
        let id = PeerID(id)
        let machine = machines[id]!
        guard let node = machine.node, machine.applied.index.rawValue > keeping else { return }
        let through = LogIndex(machine.applied.index.rawValue - keeping)
        let image = SnapshotDescription(
            lastIncluded: machine.applied,
            membership: node.membership(asOf: machine.applied.index))
        machines[id]!.disk.snapshot = image
        machines[id]!.disk.image = machine.machine.encoded()
        machines[id]!.disk.release(through: through)
        step(id, .compactLog(through: through, image: image))
    }

    /// A node wants bytes of the image for a follower.
    mutating func answer(_ read: SnapshotRead, _ id: PeerID) {
        guard !machines[id]!.holdsImages else {
            machines[id]!.waitingReads.append(read)
            note("\(id) waits for the image for \(read.peer)")
            return
        }
        let disk = machines[id]!.disk
        guard read.lastIncluded == nil || read.lastIncluded == disk.snapshot.lastIncluded else {
            note("\(id) has no image \(read.lastIncluded!) for \(read.peer) any more")
            step(id, .snapshotReadFailed(to: read.peer))
            return
        }
        let start = min(Int(read.offset), disk.image.count)
        let end = min(start + read.bytesMax, disk.image.count)
        step(
            id,
            .snapshotChunkRead(
                to: read.peer,
                SnapshotChunk(
                    description: disk.snapshot, offset: read.offset,
                    bytes: Bytes(disk.image[start..<end]), isLast: end == disk.image.count)))
    }

    /// Answers the reads that waited, or tells that they failed.
    mutating func releaseImages(_ id: UInt64, failing: Bool = false) {
        let id = PeerID(id)
        machines[id]!.holdsImages = false
        let waiting = machines[id]!.waitingReads
        machines[id]!.waitingReads = []
        for read in waiting {
            if failing {
                step(id, .snapshotReadFailed(to: read.peer))
            } else {
                answer(read, id)
            }
        }
    }

    /// Stores a received chunk, or begins the installation with the last one.
    mutating func store(_ chunk: SnapshotChunk, _ id: PeerID) {
        guard !machines[id]!.isInstalling else { return }
        let last = chunk.description.lastIncluded
        if chunk.offset == 0 { machines[id]!.spool = (chunk.description, []) }
        guard var spool = machines[id]!.spool, spool.description == chunk.description,
            chunk.offset == UInt64(spool.bytes.count)
        else {
            object("\(id) was given a chunk of \(last) out of order at \(chunk.offset)")
            return
        }
        spool.bytes += chunk.bytes
        machines[id]!.spool = spool
        guard chunk.isLast else {
            let next = UInt64(spool.bytes.count)
            step(id, .snapshotChunkStored(lastIncluded: last, nextOffset: next))
            return
        }
        machines[id]!.spool = nil
        if machines[id]!.damagesNextImage {
            machines[id]!.damagesNextImage = false
            note("\(id) finds the image \(last) damaged")
            step(id, .snapshotFailed(lastIncluded: last))
        } else if last.index <= machines[id]!.applied.index {
            // The log overtook the image while it was under way.
            note("\(id) does not need the image \(last)")
            step(id, .snapshotFailed(lastIncluded: last))
        } else {
            machines[id]!.disk.queue.append(.install(chunk.description, image: spool.bytes))
            if !machines[id]!.disk.isHeld { persist(id) }
        }
    }

    /// The image is durable: state, log and node go on from it.
    mutating func finishInstall(
        _ description: SnapshotDescription, _ image: Bytes, _ id: PeerID
    ) {
        do {
            machines[id]!.machine = try TestStateMachine(decoding: image)
        } catch {
            object("\(id) was sent a broken image: \(error)")
            return
        }
        machines[id]!.applied = description.lastIncluded
        let meanwhile = machines[id]!.meanwhile.filter {
            $0.index > description.lastIncluded.index
        }
        machines[id]!.meanwhile = []
        // The log in memory decides: what it has may still be on its way to the disk.
        let last = description.lastIncluded
        let keepsLog = machines[id]!.node?.term(at: last.index) == last.term
        machines[id]!.disk.install(description, image: image, keepsLog: keepsLog)
        note("\(id) installs image \(description.lastIncluded)")
        step(id, .snapshotInstalled(description))
        applyNow(meanwhile, id)
    }
}
