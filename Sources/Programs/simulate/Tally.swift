internal import Foundation
internal import Simulator

/// What came of many runs.
struct Tally {
    /// Seeds from which on a landmark that nobody reached is a failure.
    static let enoughSeeds = 1_000

    private(set) var passed = 0
    private(set) var failed: [RunReport] = []
    private var simulatedNanoseconds: Int64 = 0
    private var operations = 0
    private var events: UInt64 = 0
    private var processorMicroseconds = 0
    private var coverage = Coverage()

    /// Adds a run.
    mutating func add(_ report: RunReport) {
        if report.failure == nil { passed += 1 } else { failed.append(report) }
        simulatedNanoseconds += report.simulatedNanoseconds
        operations += report.operations
        events += report.events
        processorMicroseconds += report.processorMicroseconds
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
        let simulated = Double(simulatedNanoseconds) / 1e9
        let rate = simulated > 0 ? Double(operations) / simulated : 0
        let processor = max(Double(processorMicroseconds) / 1e6, 0.001)
        let line = [
            "simulated \(Int(simulated)) s in \(Int(seconds.rounded(.up))) s",
            "\(Int(simulated / max(seconds, 0.001))) times real time "
                + "(\(Int(simulated / processor)) for each second of a processor)",
            "at \(Int(rate)) operations/s", "\(Int(Double(events) / processor)) events/s",
        ]
        say(line.joined(separator: ", "))
    }
}
