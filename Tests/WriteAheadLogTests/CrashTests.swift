import Environment
import Primitives
import SimulatedEnvironment
import Testing
import WriteAheadLog

/// Power cuts and kills at every operation of everything that a log does: afterwards it opens, and
/// holds what was synced and some first part of what was appended since.
@Suite struct CrashTests {
    /// How many operations a fault-free run needs.
    private static func operations(_ steps: [LogStep]) throws -> Int {
        let disk = try LogRun.makeDisk()
        let before = disk.operationCount
        try LogRun(disk).run(steps)
        return disk.operationCount - before
    }

    /// A run that ends at its `number`-th operation, counted from the first `open`.
    private static func stopped(at number: Int, _ steps: [LogStep]) throws -> LogRun {
        let disk = try LogRun.makeDisk()
        let run = LogRun(disk)
        run.stopNumber = disk.operationCount + number
        do {
            try run.run(steps)
        } catch is WALError {
            return run
        }
        Issue.record("operation \(number) was never reached")
        return run
    }

    /// Opens what a crash left, and goes on with it.
    private static func check(
        _ disk: SimulatedDisk, _ possible: [ModelLog], _ comment: String
    ) throws -> RecoveredLog {
        var (log, recovered) = try LogRun.open(disk)
        guard let found = possible.first(where: { $0.matches(recovered) }) else {
            throw WrongLog(found: "\(recovered)", expected: "\(comment): \(possible)")
        }
        var model = found
        let more = write([entry(found.lastEntry.index.rawValue + 1, 9, count: 700)])
        model.append(more)
        try log.append([more])
        try log.sync()
        // Whatever came of the crash, the next power cut finds what has been said since.
        guard model.matches(try LogRun.open(disk.copy()).recovered) else {
            throw WrongLog(found: "lost after \(comment)", expected: "\(model)")
        }
        return recovered
    }

    /// RELIABILITY B31, B32, B34: torn and reordered sectors, lost names, at every operation from
    /// the making of the folder on.
    @Test(arguments: CrashFaults.presets)
    func `a power cut at any operation loses nothing that was synced`(
        _ faults: CrashFaults
    ) throws {
        let steps = LogRun.everything
        for number in 1...(try Self.operations(steps)) {
            let run = try Self.stopped(at: number, steps)
            for seed in UInt64(0)..<4 {
                var random = SplitMix64(seed: seed &* 7_919 &+ UInt64(number))
                let disk = run.disk.crashed(using: &random, faults: faults)
                _ = try Self.check(disk, run.possible, "operation \(number), seed \(seed)")
            }
        }
    }

    @Test func `a killed process loses nothing that was written`() throws {
        let steps = LogRun.everything
        for number in 1...(try Self.operations(steps)) {
            let run = try Self.stopped(at: number, steps)
            run.disk.endProcess()
            // The step under way has happened or not; those before it have.
            let last = Array(run.possible.suffix(2))
            _ = try Self.check(run.disk, last, "operation \(number)")
        }
    }

    /// RELIABILITY B32: what a killed process had not synced is made durable by the next `open`,
    /// names of segments included, before anything is built on it.
    @Test func `what open has returned survives a power cut`() throws {
        let steps = LogRun.everything
        for number in 1...(try Self.operations(steps)) {
            let run = try Self.stopped(at: number, steps)
            run.disk.endProcess()
            let found = try LogRun.open(run.disk).recovered
            var again = try LogRun.open(run.disk.copy()).recovered
            again.isNew = found.isNew
            again.tornTail = found.tornTail
            #expect("\(found)" == "\(again)", "operation \(number)")
        }
    }

    /// RELIABILITY B34: a crash while the log is opened after a crash changes nothing of what is
    /// found in the end.
    @Test(arguments: [CrashFaults.reorders, .tearsInOrder])
    func `a crash at any operation of a recovery is recovered from`(
        _ faults: CrashFaults
    ) throws {
        let steps = LogRun.everything
        for number in stride(from: 1, through: try Self.operations(steps), by: 3) {
            let run = try Self.stopped(at: number, steps)
            var random = SplitMix64(seed: UInt64(number))
            let crashed = run.disk.crashed(using: &random, faults: faults)
            let probe = crashed.copy()
            let expected = try LogRun.open(probe).recovered
            for step in 1...probe.operationCount {
                let disk = crashed.copy()
                disk.stopAtOperation(number: step)
                #expect(throws: WALError.self) { _ = try LogRun.open(disk) }
                disk.crash(using: &random, faults: faults)
                let recovered = try Self.check(disk, run.possible, "\(number), then \(step)")
                #expect(recovered.entries == expected.entries)
                #expect(recovered.hardState == expected.hardState)
                #expect(recovered.baseEntry == expected.baseEntry)
            }
        }
    }

    /// RELIABILITY B31: the three batches after the last sync, with each set of their sectors.
    @Test func `of unsynced batches the first whole ones survive, whichever sectors do`() throws {
        let disk = try LogRun.makeDisk()
        let run = LogRun(disk)
        try run.run([
            .append([write([entry(1)], hardState(1, 1, 0))]), .sync,
            .append([write([entry(2, count: 600)])]), .append([write([], hardState(1, 1, 1))]),
            .append([write([entry(3, count: 700)])]),
        ])
        let path = LogRun.segments(disk)[0]
        let bytes = try #require(disk.contents(of: path))
        let unsynced = [2, 3, 4, 5, 6]
        // Which of the sectors each further batch needs.
        let needed: [Set<Int>] = [[], [2, 3], [2, 3, 4], [2, 3, 4, 5, 6]]
        for subset in 0..<32 {
            let kept = Set(unsynced.filter { subset >> ($0 - 2) & 1 == 1 })
            let copy = disk.copy()
            let file = try copy.open(path, .existing)
            for sector in kept {
                try file.write(Bytes(bytes[sector * 512..<sector * 512 + 512]), at: sector * 512)
            }
            try file.sync()
            let whole = try #require(needed.lastIndex { $0.isSubset(of: kept) })
            let recovered = try Self.check(copy, [run.possible[whole]], "\(kept.sorted())")
            let leftovers = kept.subtracting(needed[whole])
            #expect(recovered.tornTail?.sectors == (leftovers.isEmpty ? nil : leftovers.count))
        }
    }
}
