import Environment
import Primitives
import Raft
import SimulatedEnvironment
import WriteAheadLog

/// What is done to a log.
enum LogStep {
    case append([LogWrite])
    case sync
    case release(UInt64)
    case reset(EntryID, HardState)
    /// The process ends without a word and is started again; the disk's cache stays.
    case restart
}

/// A log on a simulated disk, and the states that it may be found in after a crash now.
final class LogRun {
    static let directory = "/data/log"
    static let options = LogOptions(segmentBytes: 4_096, clusterID: 0xC1, memberID: 0x3)

    let disk: SimulatedDisk
    private(set) var log: SegmentedLog?
    /// The log as it should be.
    private(set) var model = ModelLog()
    /// Every state that a crash now may leave: the synced one, and one for each later change.
    private(set) var possible = [ModelLog()]
    /// At which operation all ends, over restarts of the process too.
    var stopNumber = Int.max

    init(_ disk: SimulatedDisk) {
        self.disk = disk
    }

    /// A disk with the folder that a member would have made, and no more than `Disk` promises.
    static func makeDisk() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        disk.syncsNewFolders = false
        try disk.createDirectory("/data")
        try disk.syncDirectory("/")
        return disk
    }

    static func open(
        _ disk: SimulatedDisk, _ options: LogOptions = options
    ) throws -> (log: SegmentedLog, recovered: RecoveredLog) {
        try SegmentedLog.open(disk: disk, directory: directory, options: options)
    }

    /// The paths of the segments, oldest first.
    static func segments(_ disk: SimulatedDisk) -> [String] {
        disk.files.filter { $0.hasSuffix(".wal") }
    }

    /// Opens the log and checks that it holds all that was written: no power was cut.
    private func open() throws {
        disk.stopAtOperation(number: stopNumber)
        let (log, recovered) = try Self.open(disk)
        guard model.matches(recovered) else {
            throw WrongLog(found: "\(recovered)", expected: "\(model)")
        }
        self.log = log
        possible = [model]
    }

    /// Does all steps, or as many as the disk lets it.
    func run(_ steps: [LogStep]) throws {
        try open()
        for step in steps {
            try run(step)
        }
    }

    /// The power fails; the log is opened again and holds one of the possible states.
    func crash(using random: inout SplitMix64, faults: CrashFaults) throws {
        log = nil
        disk.crash(using: &random, faults: faults)
        stopNumber = Int.max
        let (log, recovered) = try Self.open(disk)
        guard let found = possible.last(where: { $0.matches(recovered) }) else {
            throw WrongLog(found: "\(recovered)", expected: "\(possible)")
        }
        self.log = log
        model = found
        possible = [found]
    }

    func run(_ step: LogStep) throws {
        switch step {
        case .append(let writes):
            for write in writes { model.append(write) }
            possible.append(model)
            try log!.append(writes)
        case .sync:
            try log!.sync()
            possible = [model]
        case .release(let index):
            let base = model.id(at: LogIndex(index))
            model.released = base
            for position in possible.indices { possible[position].released = base }
            try log!.release(through: LogIndex(index), base: base)
        case .reset(let entry, let hardState):
            model.reset(to: entry, hardState)
            possible.append(model)
            try log!.reset(to: entry, hardState: hardState)
            possible = [model]
        case .restart:
            log = nil
            disk.endProcess()
            try open()
        }
        guard log!.lastEntry == model.lastEntry, log!.hardState == model.hardState else {
            throw WrongLog(found: "\(log!.lastEntry)", expected: "\(model)")
        }
    }

    /// What the log says once it has failed.
    func failure(of step: LogStep) -> WALError? {
        do throws(WALError) {
            switch step {
            case .append(let writes): try log?.append(writes)
            case .sync: try log?.sync()
            case .release(let index):
                try log?.release(
                    through: LogIndex(index), base: model.id(at: LogIndex(index)))
            case .reset(let entry, let hardState):
                try log?.reset(to: entry, hardState: hardState)
            case .restart: return nil
            }
            return nil
        } catch {
            return error
        }
    }
}

/// The log was found in a state that nothing explains.
struct WrongLog: Error {
    var found: String
    var expected: String
}

extension LogRun {
    /// Does everything that a log can do, over many small segments: bootstrap, hard states alone,
    /// several writes between syncs, rolls, a cut at the end and below it, releases with
    /// recycling, restarts, a batch larger than a segment, a reset.
    static let everything: [LogStep] = {
        var steps: [LogStep] = [
            .append([write([], hardState(1, 1, 0))]), .sync,
            .append([write([entry(1), entry(2, count: 700)])]),
            .append([write([], hardState(1, 1, 1))]),
            .append([write([entry(3), entry(4)], hardState(1, 1, 2)), write([entry(5)])]), .sync,
            .append([write([], hardState(1, 1, 5))]), .restart,
        ]
        for index in UInt64(6)...12 {
            steps += [.append([write([entry(index, count: 900)])]), .sync]
            steps.append(.append([write([], hardState(1, 1, index - 1))]))
        }
        steps += [
            // Cuts at the end, below it, and into an earlier segment.
            .append([write([entry(12, 2)], hardState(2, 2, 8))]), .sync,
            .append([write([entry(9, 3, count: 300), entry(10, 3)], hardState(3, 0, 8))]), .sync,
            .release(8), .append([write([entry(11, 3, count: 1_500)])]), .sync, .restart,
            .append([write([entry(12, 3, count: 6_000)])]),
            .append([write([entry(13, 3)])]), .sync,
            .append([write([entry(14, 3, count: 1_200), entry(15, 3, count: 1_200)])]), .sync,
            .release(13), .append([write([], hardState(3, 1, 15))]), .restart,
            .append([write([entry(16, 4, count: 2_000)], hardState(4, 4, 15))]), .sync,
            .append([write([entry(17, 4, count: 2_000)])]), .release(16),
            .reset(EntryID(index: LogIndex(40), term: Term(5)), hardState(5, 0, 40)),
            .append([write([entry(41, 5)])]), .sync, .restart,
            .append([write([entry(42, 5, count: 2_000)])]), .sync,
            .append([write([entry(43, 5, count: 2_000)])]), .sync, .release(42),
        ]
        return steps
    }()
}
