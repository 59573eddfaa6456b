internal import ArgumentParser
internal import Primitives
internal import Simulator
internal import Synchronization

/// Looks for each deliberate bug until a checker notices it.
struct MutantsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants", abstract: "Looks for each deliberate bug until a checker notices.")

    @Option(help: "Only the bug of this name.")
    var only: Mutation?

    private struct Found: Sendable {
        var report: RunReport?
        var tries = 0
        /// Seeds that fail without the bug as well: they show nothing about it.
        var failingAnyway = 0
    }

    func run() throws {
        let hunts = MutationHunt.all.filter { only == nil || $0.mutation == only }
        var survivors = 0
        for hunt in hunts {
            let found = hunted(hunt)
            if let report = found.report, let failure = report.failure {
                let number = hunt.mutation.rawValue
                say(
                    "M\(number) \(hunt.mutation): killed by \(failure.checker) at seed "
                        + "\(report.seed), after \(found.tries) seeds: \(failure.text)")
            } else {
                survivors += 1
                say("M\(hunt.mutation.rawValue) \(hunt.mutation): SURVIVED \(found.tries) seeds")
            }
            if found.failingAnyway > 0 {
                say("    \(found.failingAnyway) seeds fail without the bug as well")
            }
        }
        say("\(hunts.count - survivors) passed, \(survivors) failed")
        if survivors > 0 { throw ExitCode.failure }
    }

    private func hunted(_ hunt: MutationHunt) -> Found {
        let found = Mutex(Found())
        WorkerPool().run(
            count: hunt.seedsMax, request: { hunt.request($0) },
            take: { _, report in
                let isKill = report.failure != nil && Self.passesWithout(hunt, report.seed)
                return found.withLock { found in
                    found.tries += 1
                    guard found.report == nil else { return false }
                    if isKill { found.report = report }
                    if report.failure != nil && !isKill { found.failingAnyway += 1 }
                    return !isKill
                }
            })
        return found.withLock { $0 }
    }

    /// Whether the same run of members without the bug passes.
    private static func passesWithout(_ hunt: MutationHunt, _ seed: UInt64) -> Bool {
        var request = hunt.request(Int(seed) - 1)
        request.mutation = nil
        do {
            let job = (["\(request.seed)"] + request.options).joined(separator: " ")
            let worker = try Worker(["worker", "--job", job])
            let report = worker.next()
            worker.stop()
            return report?.failure == nil && report != nil
        } catch {
            return false
        }
    }
}
