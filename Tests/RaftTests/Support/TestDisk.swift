import Primitives
import Raft

/// The disk of one member: what survives a crash, and what was asked for but is not yet durable.
struct TestDisk {
    /// Something that was asked for and takes effect in order.
    enum Operation: Equatable {
        case write(LogWrite)
        /// A complete image received from the leader.
        case install(SnapshotDescription, image: Bytes)
    }

    var hardState = HardState()
    /// What the durable image of the state machine includes.
    var snapshot: SnapshotDescription
    /// The image: the commands applied up to `snapshot.lastIncluded`.
    var image = TestStateMachine().encoded()
    /// The log; its first entry follows `base`.
    var entries: [Entry] = []
    /// The entry before the first of `entries`.
    var base = EntryID.zero
    /// Operations wait until told to finish.
    var isHeld = false
    var queue: [Operation] = []

    init(snapshot: SnapshotDescription) {
        self.snapshot = snapshot
        base = snapshot.lastIncluded
    }

    var lastIndex: LogIndex { entries.last?.index ?? base.index }

    /// The entry at an index, unless released or not there.
    func entry(at index: LogIndex) -> Entry? {
        guard index > base.index, index <= lastIndex else { return nil }
        return entries[Int(index.rawValue - base.index.rawValue) - 1]
    }

    /// Whether the entry is in the log, or in what the image includes.
    func holds(_ entry: Entry) -> Bool {
        entry.index <= max(base.index, snapshot.lastIncluded.index)
            || self.entry(at: entry.index) == entry
    }

    /// Cuts the log where the new entries begin and appends them.
    /// Returns what is wrong with the write, if anything.
    mutating func append(_ new: [Entry]) -> String? {
        guard let first = new.first else { return nil }
        guard first.index > base.index else {
            return "entry \(first.index) is at or below the log's base \(base)"
        }
        guard first.index <= lastIndex.next else {
            return "entry \(first.index) leaves a gap after \(lastIndex)"
        }
        entries.removeLast(Int(lastIndex.rawValue + 1 - first.index.rawValue))
        entries += new
        for (left, right) in zip(entries, entries.dropFirst()) {
            if right.index != left.index.next {
                return "entry \(right.index) follows \(left.index)"
            }
            if right.term < left.term { return "the term falls at \(right.index)" }
        }
        return nil
    }

    /// Forgets entries up to an index that the image includes.
    mutating func release(through index: LogIndex) {
        while let first = entries.first, first.index <= index {
            base = EntryID(index: first.index, term: first.term)
            entries.removeFirst()
        }
    }

    /// Puts a received image in force; the log stays where it agrees with the image, else it is
    /// replaced, and with it the writes that wait. Their promises of term and vote stay.
    mutating func install(
        _ description: SnapshotDescription, image: Bytes, keepsLog: Bool
    ) {
        let last = description.lastIncluded
        snapshot = description
        self.image = image
        if keepsLog {
            release(through: last.index)
        } else {
            entries = []
            base = last
            for case .write(let write) in queue {
                if let newer = write.hardState { hardState = newer }
            }
            queue = []
        }
        hardState.commitIndex = max(hardState.commitIndex, last.index)
    }

    /// The log as the member sees it: with what waits in the queue.
    var volatile: TestDisk {
        var future = self
        future.queue = []
        for operation in queue {
            if case .write(let write) = operation { _ = future.append(write.entries) }
        }
        return future
    }

    /// What a node started on this disk finds.
    var restored: RestoredState {
        RestoredState(
            hardState: hardState, snapshot: snapshot,
            entries: entries.filter { $0.index > snapshot.lastIncluded.index })
    }
}

/// The simplest state machine: the list of its commands.
struct TestStateMachine: Equatable {
    var commands: [Bytes] = []

    mutating func apply(_ entry: Entry) {
        switch entry.payload {
        case .noOp: break
        case .command(let bytes): commands.append(bytes)
        case .membership(_, let context):
            if !context.isEmpty { commands.append(context) }
        }
    }

    func encoded() -> Bytes {
        var writer = ByteWriter()
        writer.write(UInt32(commands.count))
        for command in commands { writer.writeCounted(command) }
        return writer.bytes
    }

    init(commands: [Bytes] = []) {
        self.commands = commands
    }

    init(decoding image: Bytes) throws(DecodingError) {
        var reader = ByteReader(image)
        for _ in 0..<(try reader.readCount(minimumSize: 4)) {
            commands.append(try reader.readCounted())
        }
        try reader.finish()
    }
}
