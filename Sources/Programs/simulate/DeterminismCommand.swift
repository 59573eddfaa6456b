internal import ArgumentParser
internal import Simulator
internal import Synchronization

/// Runs each seed twice in one process, and once more in another whose hashes are seeded
/// differently: all must be equal, event by event.
struct DeterminismCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "determinism", abstract: "Runs each seed several times and compares.")

    @Option(help: "How many seeds.")
    var seeds = 50

    @Option(help: "The first of them.")
    var firstSeed: UInt64 = 1

    func run() throws {
        let first = hashes(isHashSeeded: false)
        let second = hashes(isHashSeeded: true)
        var bad = 0
        for position in 0..<seeds {
            guard let one = first[position], let other = second[position] else {
                say("seed \(firstSeed + UInt64(position)): no result")
                bad += 1
                continue
            }
            if let failure = one.failure ?? other.failure, failure.checker == "determinism" {
                say("seed \(one.seed): \(failure.text)")
                bad += 1
            } else if one.hash != other.hash {
                say("seed \(one.seed): differs in a process with other hashes")
                bad += 1
            }
        }
        say("\(seeds - bad) passed, \(bad) failed")
        if bad > 0 { throw ExitCode.failure }
    }

    private func hashes(isHashSeeded: Bool) -> [Int: RunReport] {
        let reports = Mutex<[Int: RunReport]>([:])
        var pool = WorkerPool()
        pool.isHashSeeded = isHashSeeded
        pool.runsTwice = !isHashSeeded
        let first = firstSeed
        pool.run(
            count: seeds, request: { RunRequest(seed: first + UInt64($0)) },
            take: { position, report in
                reports.withLock { $0[position] = report }
                return true
            })
        return reports.withLock { $0 }
    }
}
