internal import ArgumentParser
internal import Glibc
internal import Simulator

/// Runs seeds in this process and prints one line for each; for the other commands.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Runs seeds for the other commands.",
        shouldDisplay: false)

    /// Seconds of real time after which a run counts as endless.
    private static let secondsMax: UInt32 = 300

    @Option(help: "A seed and the options of its run, separated by spaces.")
    var job: [String] = []

    @Flag(help: "Run each seed twice and compare.")
    var twice = false

    @Flag(help: "Print the trace while the run goes on.")
    var trace = false

    func run() throws {
        for job in job {
            let words = job.split(separator: " ").map(String.init)
            guard let seed = words.first.flatMap(UInt64.init) else {
                throw ValidationError("`\(job)` does not begin with a seed")
            }
            let options = try RequestOptions.parse(Array(words.dropFirst()))
            say("begin\t\(seed)")
            // A run that does not end is ended by the system, as a trap would.
            _ = alarm(Self.secondsMax)
            let begun = clock()
            let plan = RunPlan(options.request(seed: seed))
            var simulation = Simulation(
                plan, sink: trace ? { say($0) } : nil, recordsHashes: twice)
            var result = simulation.run()
            if twice, let divergence = Self.divergence(result, plan) {
                result.failure = RunFailure("determinism", divergence)
            }
            var report = RunReport(result)
            report.processorMicroseconds = (clock() - begun) * 1_000_000 / Int(CLOCKS_PER_SEC)
            say(report.line)
        }
    }

    /// Where a second run of the plan differs from the first; nil if it does not.
    private static func divergence(_ first: RunResult, _ plan: RunPlan) -> String? {
        var again = Simulation(plan, trace: .off, recordsHashes: true)
        let second = again.run()
        if first.hash == second.hash, first.eventHashes == second.eventHashes { return nil }
        let count = min(first.eventHashes.count, second.eventHashes.count)
        let event = (0..<count).first { first.eventHashes[$0] != second.eventHashes[$0] } ?? count
        return "two runs differ from event \(event) on"
    }
}
