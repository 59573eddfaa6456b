import Environment
import Primitives
import Raft
import SimulatedEnvironment
import Testing
import WriteAheadLog

/// What the log does on a disk that does as it is told.
@Suite struct SegmentedLogTests {
    private func opened() throws -> (SegmentedLog, SimulatedDisk) {
        let disk = try LogRun.makeDisk()
        return (try LogRun.open(disk).log, disk)
    }

    @Test func `a new log is empty and says that it is new`() throws {
        let disk = try LogRun.makeDisk()
        let first = try LogRun.open(disk).recovered
        #expect(first.isNew && first.entries.isEmpty && first.baseEntry == .zero)
        #expect(first.hardState == HardState() && first.lastEntry == .zero)
        let second = try LogRun.open(disk).recovered
        #expect(!second.isNew && second.entries.isEmpty && second.lastEntry == .zero)
    }

    @Test func `everything that was appended is there after each step and a restart`() throws {
        for count in 0...LogRun.everything.count {
            let run = LogRun(try LogRun.makeDisk())
            try run.run(Array(LogRun.everything.prefix(count)) + [.restart])
        }
    }

    @Test func `entries of every kind come back as they were`() throws {
        var (log, disk) = try opened()
        let membership = Membership(
            voters: [PeerID(1), PeerID(2)], outgoingVoters: [PeerID(3)],
            learners: [PeerID(.max)], nextLearners: [PeerID(3)])
        let payloads: [Entry.Payload] = [
            .noOp, .command([]), .command([0]), .command(Bytes(repeating: 0, count: 5_000)),
            .membership(membership, context: [1, 2, 3]),
            .membership(Membership(voters: []), context: []),
            .command(Bytes(repeating: 0xFF, count: 3_000)),
        ]
        let entries = payloads.enumerated().map {
            Entry(term: Term(.max), index: LogIndex(UInt64($0 + 1)), payload: $1)
        }
        let state = HardState(
            term: Term(.max), votedFor: PeerID(.max), commitIndex: LogIndex(.max))
        try log.append([write(entries, state)])
        try log.sync()
        let recovered = try LogRun.open(disk).recovered
        #expect(recovered.entries == entries)
        // RELIABILITY B36: a commit index beyond the last entry is handed on, not a failure.
        #expect(recovered.hardState == state)
    }

    @Test func `a batch is one write and one sync, however many entries it has`() throws {
        var (log, disk) = try opened()
        _ = disk.takeActivity()
        try log.append([
            write([entry(1, count: 10), entry(2, count: 10)], hardState(1, 1, 0)),
            write([entry(3, count: 10)]),
        ])
        try log.sync()
        try log.sync()
        let activity = disk.takeActivity()
        #expect(activity.writes == 1 && activity.bytesWritten == 512)
        #expect(activity.syncs == 1 && activity.others == 0)
    }

    @Test func `nothing to append writes nothing`() throws {
        var (log, disk) = try opened()
        _ = disk.takeActivity()
        try log.append([])
        try log.append([write()])
        try log.sync()
        #expect(disk.takeActivity() == DiskActivity())
    }

    @Test func `segments are full-sized from the start and a spare is ready`() throws {
        let (log, disk) = try opened()
        #expect(log.segmentCount == 1)
        let first = "/data/log/00000001-0000000000000001.wal"
        #expect(disk.durableFiles == [first] && disk.files == [first, "/data/log/spare"])
        #expect(disk.durableContents(of: first)?.count == 4_096)
        #expect(disk.contents(of: "/data/log/spare")?.count == 4_096)
    }

    @Test func `released segments are used again and their old records stay dead`() throws {
        var (log, disk) = try opened()
        for index in UInt64(1)...200 {
            try log.append([write([entry(index, count: 600)], hardState(1, 1, index - 1))])
            try log.sync()
            if index > 4 {
                let base = EntryID(index: LogIndex(index - 4), term: Term(1))
                try log.release(through: base.index, base: base)
            }
            let recovered = try LogRun.open(disk.copy()).recovered
            #expect(recovered.lastEntry.index == LogIndex(index))
            let expected = (1...index).suffix(4).map { entry($0, count: 600) }
            #expect(recovered.entries.suffix(4) == expected)
        }
        #expect(disk.files.count <= 4, "\(disk.files)")
        let spares = disk.files.filter { $0.hasSuffix("/spare") }
        #expect(spares.contains { disk.contents(of: $0)!.contains { $0 != 0 } })
    }

    /// RELIABILITY B35: no segment goes before the log is told, and none that is still needed.
    @Test func `segments go only when all their entries are released`() throws {
        var (log, disk) = try opened()
        for index in UInt64(1)...9 {
            try log.append([write([entry(index, count: 900)])])
            try log.sync()
        }
        let before = log.segmentCount
        #expect(before == 3)
        for index in UInt64(1)...8 {
            let base = EntryID(index: LogIndex(index), term: Term(1))
            try log.release(through: base.index, base: base)
            let recovered = try LogRun.open(disk.copy()).recovered
            #expect(recovered.baseEntry.index <= LogIndex(index))
            #expect(recovered.entries.contains(entry(index + 1, count: 900)))
        }
        #expect(log.segmentCount < before)
    }

    @Test func `a segment with replaced entries is kept until the replaced ones count as released`()
        throws
    {
        var (log, disk) = try opened()
        try log.append([write((1...30).map { entry($0, count: 100) })])
        try log.append([write([entry(10, 2, count: 2_000)])])
        try log.append([write([entry(11, 2, count: 2_000)])])
        try log.sync()
        let base = EntryID(index: LogIndex(10), term: Term(2))
        try log.release(through: base.index, base: base)
        let recovered = try LogRun.open(disk.copy()).recovered
        #expect(recovered.lastEntry == EntryID(index: LogIndex(11), term: Term(2)))
        try log.append([write((12...31).map { entry($0, 2, count: 300) })])
        try log.sync()
        let later = EntryID(index: LogIndex(30), term: Term(2))
        try log.release(through: later.index, base: later)
        let again = try LogRun.open(disk.copy()).recovered
        #expect(again.baseEntry == later && again.entries == [entry(31, 2, count: 300)])
    }

    @Test func `a batch beyond a segment's size gets a segment of its own`() throws {
        var (log, disk) = try opened()
        let large = entry(2, count: 50_000)
        func release(_ index: UInt64) throws {
            let base = EntryID(index: LogIndex(index), term: Term(1))
            try log.release(through: base.index, base: base)
        }
        try log.append([write([entry(1)])])
        try log.append([write([large])])
        try release(1)
        #expect(disk.exists("/data/log/spare"), "the first segment waits to be used again")
        try log.append([write([entry(3, count: 2_500)])])
        try log.sync()
        #expect(try LogRun.open(disk.copy()).recovered.entries == [large, entry(3, count: 2_500)])
        #expect(!disk.exists("/data/log/spare"), "and is used again")
        try release(2)
        // The large one is removed.
        #expect(Set(disk.files.map { disk.contents(of: $0)!.count }) == [4_096])
    }

    @Test func `a very large write is split into batches and read again`() throws {
        var (log, disk) = try opened()
        let entries = (UInt64(1)...20).map { index in
            Entry(
                term: Term(1), index: LogIndex(index),
                payload: .command(Bytes(repeating: UInt8(index), count: 1 << 20)))
        }
        _ = disk.takeActivity()
        try log.append([write(entries, hardState(1, 1, 0))])
        try log.sync()
        #expect(log.segmentCount == 4 && disk.takeActivity().bytesWritten > 20 << 20)
        #expect(try LogRun.open(disk.copy()).recovered.entries == entries)
    }

    @Test func `a spare that has outlived its log is not used again`() throws {
        // Its sectors fit a first segment of the same log, and would be taken for new ones.
        var (log, disk) = try opened()
        for index in UInt64(1)...4 {
            try log.append([write([entry(index, count: 1_500)])])
        }
        let base = EntryID(index: LogIndex(3), term: Term(1))
        try log.release(through: base.index, base: base)
        #expect(disk.exists("/data/log/spare"))
        for path in LogRun.segments(disk) { try disk.remove(path) }
        var (second, recovered) = try LogRun.open(disk)
        #expect(recovered.isNew && recovered.entries.isEmpty)
        try second.append([write([entry(1, count: 10)])])
        try second.sync()
        #expect(try LogRun.open(disk).recovered.entries == [entry(1, count: 10)])
    }

    @Test func `a reset leaves nothing of what was before`() throws {
        var (log, disk) = try opened()
        let entries = [entry(1, count: 3_000), entry(2, count: 3_000)]
        try log.append([write(entries, hardState(1, 1, 1))])
        let start = EntryID(index: LogIndex(100), term: Term(7))
        try log.reset(to: start, hardState: hardState(8, 0, 100))
        #expect(log.lastEntry == start && log.baseEntry == start && log.segmentCount == 1)
        let recovered = try LogRun.open(disk.copy()).recovered
        #expect(recovered.baseEntry == start && recovered.entries.isEmpty)
        #expect(recovered.hardState == hardState(8, 0, 100))
        try log.append([write([entry(101, 8)])])
        try log.sync()
        #expect(try LogRun.open(disk.copy()).recovered.entries == [entry(101, 8)])
    }

    @Test func `a gap, an entry below the base and a wrong base are bugs of the caller`() async {
        await #expect(processExitsWith: .failure) {
            var (log, _) = try LogRun.open(try LogRun.makeDisk())
            try log.append([write([entry(2)])])
        }
        await #expect(processExitsWith: .failure) {
            var (log, _) = try LogRun.open(try LogRun.makeDisk())
            try log.reset(
                to: EntryID(index: LogIndex(5), term: Term(1)), hardState: HardState())
            try log.append([write([entry(5)])])
        }
        await #expect(processExitsWith: .failure) {
            var (log, _) = try LogRun.open(try LogRun.makeDisk())
            try log.append([write([entry(1)])])
            try log.release(
                through: LogIndex(2), base: EntryID(index: LogIndex(2), term: Term(1)))
        }
    }
}
