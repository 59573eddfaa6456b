/// What a worker process says about one run, on one line of text.
package struct RunReport: Sendable, Equatable {
    /// The seed.
    package var seed: UInt64
    /// The checker that failed and what it said; nil if the run passed.
    package var failure: RunFailure?
    /// Simulated time in nanoseconds.
    package var simulatedNanoseconds: Int64
    /// Events handled.
    package var events: UInt64
    /// Operations that clients sent.
    package var operations: Int
    /// How many of them clients saw done.
    package var completed: Int
    /// The hash of everything that happened.
    package var hash: UInt64
    /// Processor time that it took, in microseconds.
    package var processorMicroseconds = 0
    /// The landmarks reached.
    package var coverage: Coverage

    /// Reports a run.
    package init(_ result: RunResult) {
        seed = result.seed
        failure = result.failure
        simulatedNanoseconds = result.simulatedNanoseconds
        events = result.events
        operations = result.operations
        completed = result.completed
        hash = result.hash
        coverage = result.coverage
    }

    /// Reports a run whose process ended in the middle.
    package init(seed: UInt64, trap: String) {
        self.seed = seed
        failure = RunFailure("invariant", trap)
        simulatedNanoseconds = 0
        events = 0
        operations = 0
        completed = 0
        hash = 0
        coverage = Coverage()
    }

    /// The report as a line.
    package var line: String {
        let numbers = coverage.numbers.map(String.init).joined(separator: ",")
        var fields = [
            "\(seed)", "\(simulatedNanoseconds)", "\(events)", "\(operations)", "\(completed)",
            "\(hash)", "\(processorMicroseconds)", numbers,
        ]
        if let failure {
            let text = failure.text.split(whereSeparator: \.isNewline).joined(separator: " ")
            fields += [failure.checker, text.replacing("\t", with: " ")]
        }
        return "report\t" + fields.joined(separator: "\t")
    }

    /// Reads such a line; nil if it is none.
    package init?(line: String) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 9, fields[0] == "report", let seed = UInt64(fields[1]),
            let time = Int64(fields[2]), let events = UInt64(fields[3]),
            let operations = Int(fields[4]), let completed = Int(fields[5]),
            let hash = UInt64(fields[6]), let microseconds = Int(fields[7])
        else { return nil }
        self.seed = seed
        simulatedNanoseconds = time
        self.events = events
        self.operations = operations
        self.completed = completed
        self.hash = hash
        processorMicroseconds = microseconds
        coverage = Coverage()
        coverage.numbers = fields[8].split(separator: ",").compactMap { UInt64($0) }
        failure = fields.count >= 11 ? RunFailure(fields[9], fields[10]) : nil
    }
}
