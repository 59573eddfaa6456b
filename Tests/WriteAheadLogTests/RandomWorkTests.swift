import Environment
import Primitives
import Raft
import SimulatedEnvironment
import Testing
import WriteAheadLog

/// Drawn work on one log with power cuts and kills in between, often in the middle of something.
@Suite struct RandomWorkTests {
    @Test(arguments: 0..<60)
    func `whatever is done and wherever it ends, the log is one that it may be`(
        _ seed: Int
    ) throws {
        // RELIABILITY B31, B32, B34
        var random = SplitMix64(seed: UInt64(seed))
        let run = LogRun(try LogRun.makeDisk())
        try run.run([])
        for _ in 0..<12 {
            if random.chance(0.7) {
                run.stopNumber = run.disk.operationCount + 1 + random.below(60)
                run.disk.stopAtOperation(number: run.stopNumber)
            }
            do {
                for _ in 0..<random.below(40) {
                    try run.run(Self.step(run, &random))
                }
            } catch is WALError {
                // The disk has stopped, as it was told to.
            }
            try run.crash(using: &random, faults: .drawn(using: &random))
        }
    }

    /// Something that Raft might do next.
    private static func step(_ run: LogRun, _ random: inout SplitMix64) -> LogStep {
        let last = run.model.lastEntry.index.rawValue
        let synced = run.possible[0]
        // Nobody replaces or releases what is not, or is, committed: take half as committed.
        let committed = (synced.released.index.rawValue + synced.lastEntry.index.rawValue + 1) / 2
        switch random.below(20) {
        case 0...8:
            return .append((0...random.below(2)).map { number in
                let count = UInt64(random.below(4))
                let first = last + 1 + UInt64(number) * 4
                guard number == 0 else {
                    return write([], hardState(1, UInt64(random.below(3)), committed))
                }
                return write(
                    (first..<first + count).map {
                        entry($0, term(run), count: random.below(1_500))
                    }, random.chance(0.5) ? hardState(term(run), 1, committed) : nil)
            })
        case 9...13: return .sync
        case 14:
            let lowest = max(committed, run.model.released.index.rawValue) + 1
            guard last > lowest else { return .sync }
            let first = lowest + UInt64(random.below(Int(last - lowest)))
            let newTerm = term(run) + 1
            return .append([write([entry(first, newTerm, count: random.below(2_000))])])
        case 15, 16:
            guard committed > run.model.released.index.rawValue,
                committed <= synced.lastEntry.index.rawValue,
                run.possible.allSatisfy({ $0.lastEntry.index.rawValue >= committed })
            else { return .sync }
            return .release(committed)
        case 17: return .restart
        case 18 where random.chance(0.3):
            let entry = EntryID(index: LogIndex(last + 10), term: Term(term(run) + 1))
            return .reset(entry, hardState(entry.term.rawValue, 0, entry.index.rawValue))
        default: return .append([write([], hardState(term(run), 2, committed))])
        }
    }

    private static func term(_ run: LogRun) -> UInt64 {
        max(1, run.model.lastEntry.term.rawValue)
    }
}
