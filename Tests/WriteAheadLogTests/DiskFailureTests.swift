import Environment
import Primitives
import Raft
import SimulatedEnvironment
import Testing
import WriteAheadLog

/// Failures that the disk reports, at every operation.
@Suite struct DiskFailureTests {
    private static func run(
        failing number: Int, with fault: DiskFault
    ) throws -> (run: LogRun, error: WALError?) {
        let disk = try LogRun.makeDisk()
        disk.failOperation(number: disk.operationCount + number, with: fault)
        let run = LogRun(disk)
        do {
            try run.run(LogRun.everything)
            return (run, nil)
        } catch let error as WALError {
            return (run, error)
        }
    }

    private static func operations() throws -> Int {
        let disk = try LogRun.makeDisk()
        let before = disk.operationCount
        try LogRun(disk).run(LogRun.everything)
        return disk.operationCount - before
    }

    /// RELIABILITY B33: a failed sync is never repeated. Nothing works after it, and what it left
    /// clean in the cache, but not on the disk, is written again by the next process.
    @Test(arguments: [DiskFault.ioError, .noSpace])
    func `after a failure nothing works, and the next start finds what was synced`(
        _ fault: DiskFault
    ) throws {
        var (failures, failuresAtWork) = (0, 0)
        for number in 1...(try Self.operations()) {
            let (run, error) = try Self.run(failing: number, with: fault)
            guard let error else { continue }
            failures += 1
            guard case .disk = error else {
                Issue.record("operation \(number): \(error)")
                continue
            }
            if run.log != nil {
                let operations = run.disk.operationCount
                let start = EntryID(index: LogIndex(99), term: Term(9))
                let steps: [LogStep] = [
                    .sync, .append([write([], hardState(9, 9, 9))]),
                    .release(run.model.lastEntry.index.rawValue), .reset(start, HardState()),
                ]
                for step in steps {
                    #expect(run.failure(of: step) == error, "operation \(number)")
                }
                #expect(run.disk.operationCount == operations)
                failuresAtWork += 1
            }
            run.disk.stopFaults()
            var random = SplitMix64(seed: UInt64(number))
            for faults in CrashFaults.presets {
                let disk = run.disk.crashed(using: &random, faults: faults)
                let recovered = try LogRun.open(disk).recovered
                #expect(run.possible.contains { $0.matches(recovered) }, "\(number) \(faults)")
            }
            // The machine goes on, the process is started again, and then the power fails.
            run.disk.endProcess()
            let recovered = try LogRun.open(run.disk).recovered
            #expect(run.possible.contains { $0.matches(recovered) }, "operation \(number)")
            run.disk.crash(using: &random, faults: .losesUnsynced)
            let durable = try LogRun.open(run.disk).recovered
            #expect(durable.entries == recovered.entries, "operation \(number)")
            #expect(durable.hardState == recovered.hardState, "operation \(number)")
        }
        #expect(failures > 100 && failuresAtWork > 50)
    }

    @Test func `a full disk is a clear error, and what was synced is there afterwards`() throws {
        let disk = try LogRun.makeDisk()
        disk.capacityBytes = 3 * 4_096
        let run = LogRun(disk)
        var index: UInt64 = 0
        do {
            try run.run([])
            var log = try #require(run.log)
            while index < 100 {
                try log.append([write([entry(index + 1, count: 900)])])
                try log.sync()
                index += 1
            }
            Issue.record("a hundred entries fit")
        } catch let error as WALError {
            #expect(error == .disk(.noSpace(path: "/data/log/spare")))
        }
        #expect(index == 9)
        disk.endProcess()
        let recovered = try LogRun.open(disk).recovered
        #expect(recovered.entries == (1...index).map { entry($0, count: 900) })
    }

    @Test func `without room for a spare the log opens all the same`() throws {
        let disk = try LogRun.makeDisk()
        disk.capacityBytes = 4_096
        var (log, _) = try LogRun.open(disk)
        try log.append([write([entry(1)])])
        try log.sync()
        #expect(disk.files == LogRun.segments(disk))
        #expect(try LogRun.open(disk).recovered.entries == [entry(1)])
    }
}
