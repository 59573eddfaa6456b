import Primitives
import Raft

/// What a member is doing.
enum TestRole: String {
    case follower, preCandidate = "pre-candidate", candidate, leader
}

/// A member on its disk, with what its shell keeps in memory.
struct Machine {
    let configuration: RaftConfiguration
    /// Nil while crashed.
    var node: RaftNode?
    var disk: TestDisk
    var starts: UInt64 = 0

    // Lost in a crash.
    var machine = TestStateMachine()
    var applied = EntryID.zero
    /// The image being received.
    var spool: (description: SnapshotDescription, bytes: Bytes)?
    /// Committed entries that wait for an installation under way.
    var meanwhile: [Entry] = []
    /// The number of the last write that the node asked for.
    var lastMark: UInt64 = 0
    /// The hard state as of the last write that the node asked for.
    var requestedHardState = HardState()

    // What the next image operations do.
    /// Chunks wanted by the node wait until the hold ends.
    var holdsImages = false
    var waitingReads: [SnapshotRead] = []
    /// The next image received is found damaged.
    var damagesNextImage = false

    init(configuration: RaftConfiguration, disk: TestDisk) {
        self.configuration = configuration
        self.disk = disk
    }

    /// Starts, or restarts, from the disk.
    mutating func start() {
        starts += 1
        var configuration = configuration
        configuration.seed &+= starts
        node = RaftNode(configuration: configuration, restored: disk.restored)
        do {
            machine = try TestStateMachine(decoding: disk.image)
        } catch {
            fatalError("the image on the disk is damaged: \(error)")
        }
        applied = disk.snapshot.lastIncluded
        // The log before the image is of no use any more.
        disk.release(through: applied.index)
        if disk.lastIndex < applied.index {
            disk.entries = []
            disk.base = applied
        }
        requestedHardState = disk.hardState
        // It is a hint, which may be ahead of a log that has lost its tail.
        requestedHardState.commitIndex = min(disk.hardState.commitIndex, disk.lastIndex)
        lastMark = 0
    }

    /// The process ends: what is not durable is gone. A write is durable as a whole or not at all;
    /// `unreported` of those under way still were, though the node was not told.
    mutating func crash(unreported: Int = 0) {
        for operation in disk.queue.prefix(unreported) {
            guard case .write(let write) = operation else { break }
            if let hardState = write.hardState { disk.hardState = hardState }
            _ = disk.append(write.entries)
        }
        node = nil
        disk.queue = []
        spool = nil
        meanwhile = []
        waitingReads = []
    }

    var role: TestRole {
        guard let node else { return .follower }
        if node.isLeader { return .leader }
        if node.isCandidate { return .candidate }
        return node.isPreCandidate ? .preCandidate : .follower
    }

    /// Installing an image is under way.
    var isInstalling: Bool {
        disk.queue.contains {
            if case .install = $0 { return true }
            return false
        }
    }
}
