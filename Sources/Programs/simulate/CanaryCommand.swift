internal import ArgumentParser
internal import Primitives
internal import Simulator
internal import Synchronization

/// Checks that the checkers catch members that forget an acknowledged write.
struct CanaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Checks that the checkers catch members that forget an acknowledged write.")

    func run() throws {
        let hunt = MutationHunt(.canary)
        let found = Mutex<RunReport?>(nil)
        WorkerPool().run(
            count: hunt.seedsMax, request: { hunt.request($0) },
            take: { _, report in
                guard report.failure != nil else { return true }
                found.withLock { $0 = report }
                return false
            })
        guard let report = found.withLock({ $0 }), let failure = report.failure else {
            say("the canary lives: no checker noticed in \(hunt.seedsMax) seeds")
            say("0 passed, 1 failed")
            throw ExitCode.failure
        }
        say("the canary was caught at seed \(report.seed) by \(failure)")
        say("1 passed, 0 failed")
    }
}
