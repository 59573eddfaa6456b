internal import Foundation
internal import Simulator

/// What came of many runs.
struct Tally {
    /// Seeds from which on a landmark that nobody reached is a failure.
    static let enoughSeeds = 1_000

    private(set) var passed = 0
    private(set) var failed: [RunReport] = []
    private var all = Speed()
    /// The runs in which clients completed 100 operations a second and more.
    private var busy = Speed()
    private var coverage = Coverage()

    /// Adds a run.
    mutating func add(_ report: RunReport) {
        if report.failure == nil { passed += 1 } else { failed.append(report) }
        all.add(report)
        if report.coverage.count(.hundredOperationsASecondCompleted) > 0 { busy.add(report) }
        coverage.add(report.coverage)
    }

    /// Prints it; answers whether all is well.
    func print(seconds: TimeInterval, seeds: Int) -> Bool {
        say("landmarks reached:")
        for landmark in Landmark.allCases {
            let count = "\(coverage.count(landmark))"
            let padding = String(repeating: " ", count: max(1, 12 - count.count))
            say(padding + count + "  " + landmark.name)
        }
        var checkers: [String: Int] = [:]
        for report in failed { checkers[report.failure?.checker ?? "", default: 0] += 1 }
        for checker in checkers.keys.sorted() {
            say("failed \(checker): \(checkers[checker] ?? 0)")
        }
        tellSpeed(seconds)
        let isComplete = seeds < Self.enoughSeeds || coverage.missing.isEmpty
        for landmark in coverage.missing { say("never reached: \(landmark.name)") }
        if !isComplete { say("some landmarks were never reached in \(seeds) seeds") }
        let bad = failed.count + (isComplete ? 0 : 1)
        say("\(passed) passed, \(bad) failed")
        return bad == 0
    }

    private func tellSpeed(_ seconds: TimeInterval) {
        let real = max(seconds, 0.001)
        say(
            "\(all), in \(Int(seconds.rounded(.up))) s: "
                + "\(Int(all.simulatedSeconds / real)) times real time")
        say("of these with 100 operations/s and more completed: \(busy)")
    }
}

/// How much runs simulated, and what it cost.
private struct Speed: CustomStringConvertible {
    private var runs = 0
    private var simulatedNanoseconds: Int64 = 0
    private var operations = 0
    private var completed = 0
    private var events: UInt64 = 0
    private var processorMicroseconds = 0

    mutating func add(_ report: RunReport) {
        runs += 1
        simulatedNanoseconds += report.simulatedNanoseconds
        operations += report.operations
        completed += report.completed
        events += report.events
        processorMicroseconds += report.processorMicroseconds
    }

    var simulatedSeconds: Double { Double(simulatedNanoseconds) / 1e9 }

    var description: String {
        let simulated = max(simulatedSeconds, 0.001)
        let processor = max(Double(processorMicroseconds) / 1e6, 0.001)
        return [
            "\(runs) runs of \(Int(simulated)) simulated s",
            "\(Int(Double(completed) / simulated)) operations/s completed",
            "\(Int(Double(operations) / simulated)) sent",
            "\(Int(simulated / processor)) simulated s and \(Int(Double(events) / processor)) "
                + "events for each second of a processor",
        ].joined(separator: ", ")
    }
}
