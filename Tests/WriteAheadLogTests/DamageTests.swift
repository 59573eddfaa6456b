import Environment
import Primitives
import Raft
import SimulatedEnvironment
import Testing

@testable import WriteAheadLog

/// Damage that no crash explains: never wrong data, and no acknowledged entry missing without a
/// refusal that names file and offset. RELIABILITY B31.
@Suite struct DamageTests {
    /// What opening a damaged log came to.
    private enum Outcome: Equatable {
        case same
        /// Entries are missing, but none that was acknowledged.
        case lostUnacknowledged
        case refused
        case lostAcknowledged
    }

    /// A log over three segments. All its batches were synced, or, with `openEnd`, all but the
    /// last two; with `proof` a commit index was written after the last sync, as a member does.
    private static func makeLog(
        openEnd: Bool = false, proof: Bool = false
    ) throws -> (disk: SimulatedDisk, acknowledged: ModelLog, written: ModelLog) {
        let run = LogRun(try LogRun.makeDisk())
        var steps: [LogStep] = []
        for index in UInt64(1)...9 {
            let size = index == 4 ? 1_400 : 600
            steps += [
                .append([write([entry(index, count: size)], hardState(1, 1, index - 1))]), .sync,
            ]
        }
        if proof { steps.append(.append([write([], hardState(1, 1, 9))])) }
        try run.run(steps)
        let acknowledged = run.model
        if openEnd {
            var log = try #require(run.log)
            var model = run.model
            for index in UInt64(10)...11 {
                let more = write([entry(index, count: 600)])
                model.append(more)
                try log.append([more])
            }
            var random = SplitMix64(seed: 1)
            run.disk.crash(using: &random, faults: .keepsUnsynced)
            return (run.disk, acknowledged, model)
        }
        var random = SplitMix64(seed: 1)
        run.disk.crash(using: &random, faults: .keepsUnsynced)
        return (run.disk, acknowledged, run.model)
    }

    private static func outcome(
        _ disk: SimulatedDisk, _ acknowledged: ModelLog, _ written: ModelLog
    ) throws -> Outcome {
        let recovered: RecoveredLog
        do {
            recovered = try LogRun.open(disk).recovered
        } catch let error as WALError {
            try expectPlace(error, disk)
            return .refused
        }
        if written.matches(recovered) { return .same }
        let found = recovered.entries
        try #require(recovered.baseEntry == .zero)
        try #require(found == Array(written.entries.prefix(found.count)), "wrong data")
        return found.count >= acknowledged.entries.count ? .lostUnacknowledged : .lostAcknowledged
    }

    /// A refusal names a file that is there, and a place in it.
    private static func expectPlace(_ error: WALError, _ disk: SimulatedDisk) throws {
        switch error {
        case .damaged(let path, let offset, _), .foreign(let path, let offset, _, _),
            .unsupportedVersion(let path, let offset, _):
            let size = try #require(disk.contents(of: path)?.count)
            #expect((0...size).contains(offset) && "\(error)".contains("\(path)"))
            #expect("\(error)".contains("offset \(offset)"))
        default: Issue.record("a refusal without a place: \(error)")
        }
    }

    private static func set(_ disk: SimulatedDisk, _ path: String, _ bytes: Bytes) throws {
        let file = try disk.open(path, .existing)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    @Test(arguments: [false, true])
    func `a flipped bit never costs an acknowledged entry`(_ openEnd: Bool) throws {
        // RELIABILITY B31: 10,000 single flips, half of them in a log whose last sync is followed
        // by nothing.
        let (disk, acknowledged, written) = try Self.makeLog(openEnd: openEnd)
        let segments = LogRun.segments(disk)
        var random = SplitMix64(seed: 31)
        var counts: [Outcome: Int] = [:]
        for _ in 0..<5_000 {
            let path = segments[random.below(segments.count)]
            let (offset, bit) = (random.below(4_096), random.below(8))
            let copy = disk.copy()
            copy.flipBit(in: path, offset: offset, bit: bit)
            let outcome = try Self.outcome(copy, acknowledged, written)
            counts[outcome, default: 0] += 1
            #expect(outcome == .same || outcome == .refused, "\(path) \(offset).\(bit)")
        }
        #expect(counts[.refused, default: 0] > 1_000 && counts[.same, default: 0] > 100)
    }

    @Test(arguments: [(false, true), (true, false)])
    func `a zeroed sector costs no acknowledged entry that anything was written behind`(
        _ openEnd: Bool, _ proof: Bool
    ) throws {
        // RELIABILITY B31
        let (disk, acknowledged, written) = try Self.makeLog(openEnd: openEnd, proof: proof)
        var counts: [Outcome: Int] = [:]
        for path in LogRun.segments(disk) {
            for sector in 0..<8 {
                let copy = disk.copy()
                var bytes = try #require(copy.contents(of: path))
                bytes.replaceSubrange(
                    sector * 512..<sector * 512 + 512, with: repeatElement(0, count: 512))
                try Self.set(copy, path, bytes)
                let outcome = try Self.outcome(copy, acknowledged, written)
                counts[outcome, default: 0] += 1
                #expect(outcome != .lostAcknowledged, "\(path) sector \(sector)")
            }
        }
        #expect(counts[.refused, default: 0] > 10 && counts[.same, default: 0] > 0)
        #expect(counts[.lostUnacknowledged, default: 0] > 0)
    }

    @Test(arguments: [false, true])
    func `a truncated segment never costs an acknowledged entry`(_ openEnd: Bool) throws {
        // RELIABILITY B31: every length of every segment, also right behind the last sync.
        let (disk, acknowledged, written) = try Self.makeLog(openEnd: openEnd)
        var counts: [Outcome: Int] = [:]
        for path in LogRun.segments(disk) {
            let bytes = try #require(disk.contents(of: path))
            for size in 0..<bytes.count {
                let copy = disk.copy()
                let file = try copy.open(path, .existing)
                try file.truncate(to: size)
                try file.sync()
                let outcome = try Self.outcome(copy, acknowledged, written)
                counts[outcome, default: 0] += 1
                #expect(outcome == .same || outcome == .refused, "\(path) cut to \(size)")
            }
        }
        #expect(counts[.refused, default: 0] > 1_000 && counts[.same, default: 0] > 100)
    }

    /// The one loss that goes unnoticed, as docs/formats/wal.md says: a whole sector of the very
    /// last synced batch is gone, and nothing at all was written behind it.
    @Test func `only a lost sector of the last batch is taken for one that was never synced`()
        throws
    {
        let (disk, acknowledged, written) = try Self.makeLog()
        let path = try #require(LogRun.segments(disk).last)
        let bytes = try #require(disk.contents(of: path))
        let used = (1..<8).filter { sector in
            bytes[sector * 512..<sector * 512 + 512].contains { $0 != 0 }
        }
        var lost: [Int] = []
        for sector in used {
            let copy = disk.copy()
            var damaged = bytes
            damaged.replaceSubrange(
                sector * 512..<sector * 512 + 512, with: repeatElement(0, count: 512))
            try Self.set(copy, path, damaged)
            if try Self.outcome(copy, acknowledged, written) == .lostAcknowledged {
                lost.append(sector)
            }
        }
        #expect(lost == used.suffix(2), "of the last batch's two sectors and no others")
    }
}
