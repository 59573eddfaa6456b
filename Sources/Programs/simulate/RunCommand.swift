internal import ArgumentParser
internal import Foundation
internal import Simulator
internal import Synchronization

/// Runs seeds, or replays one.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs seeds, or replays one.")

    @Option(help: "How many seeds to run.")
    var seeds = 200

    @Option(help: "The first of them.")
    var firstSeed: UInt64 = 1

    @Option(help: "Only this seed.")
    var seed: UInt64?

    @Flag(help: "Print all that happens.")
    var trace = false

    @Flag(help: "Look for a smaller run that fails in the same way.")
    var shrink = false

    @OptionGroup var options: RequestOptions

    func run() throws {
        if let seed {
            try replay(options.request(seed: seed))
            return
        }
        let tally = Mutex(Tally())
        let (first, options) = (firstSeed, options)
        let start = Date()
        WorkerPool().run(
            count: seeds,
            request: { options.request(seed: first + UInt64($0)) },
            take: { _, report in
                tally.withLock { $0.add(report) }
                if let failure = report.failure {
                    say("seed \(report.seed) FAILED \(failure)")
                }
                return true
            })
        let result = tally.withLock { $0 }
        if let failed = result.failed.min(by: { $0.seed < $1.seed }) {
            try tellEnd(of: options.request(seed: failed.seed))
        }
        let isGood = result.print(seconds: Date().timeIntervalSince(start), seeds: seeds)
        if !isGood { throw ExitCode.failure }
    }

    /// The last lines of the trace of a run that failed.
    private func tellEnd(of request: RunRequest) throws {
        let worker = try Worker(["worker", "--trace", "--job", job(request)])
        while worker.next() != nil {}
        say("\nthe end of seed \(request.seed):")
        for line in worker.words.suffix(200) { say(line) }
        say("\nreplay: simulate run --seed \(request.seed) --trace\n")
    }

    private func job(_ request: RunRequest) -> String {
        (["\(request.seed)"] + request.options).joined(separator: " ")
    }

    /// Runs one seed in a process of its own.
    private func replay(_ request: RunRequest) throws {
        if shrink {
            try shrinkAndTell(request)
            return
        }
        let plan = RunPlan(request)
        say("seed \(request.seed), profile \(plan.profile.rawValue)")
        for fault in plan.schedule where trace { say("\(fault)") }
        let worker = try Worker(["worker"] + (trace ? ["--trace"] : []) + ["--job", job(request)])
        let report = worker.next() ?? RunReport(seed: request.seed, trap: worker.trap)
        if trace { for line in worker.words { say(line) } }
        if let failure = report.failure {
            say("FAILED \(failure)")
            say("0 passed, 1 failed")
            throw ExitCode.failure
        }
        say(
            "\(report.events) events, \(report.operations) operations sent, "
                + "\(report.completed) completed, "
                + "\(report.simulatedNanoseconds / 1_000_000) ms, hash \(report.hash)")
        say("1 passed, 0 failed")
    }

    private func shrinkAndTell(_ request: RunRequest) throws {
        guard let failure = outcome(of: request) else {
            say("seed \(request.seed) does not fail")
            return
        }
        say("seed \(request.seed): \(failure)")
        var shrinker = Shrinker(note: { say("  " + $0) }) { candidate in
            outcome(of: candidate)?.checker == failure.checker
        }
        let smallest = shrinker.shrink(request)
        let plan = RunPlan(smallest)
        say("after \(shrinker.tries) tries: \(outcome(of: smallest)?.description ?? "")")
        say("ingredients: \(plan.ingredients)")
        for fault in plan.schedule { say("\(fault)") }
        say("replay: simulate run --seed \(job(smallest)) --trace")
    }

    private func outcome(of request: RunRequest) -> RunFailure? {
        do {
            let worker = try Worker(["worker", "--job", job(request)])
            let report = worker.next() ?? RunReport(seed: request.seed, trap: worker.trap)
            worker.stop()
            return report.failure
        } catch {
            return nil
        }
    }
}
