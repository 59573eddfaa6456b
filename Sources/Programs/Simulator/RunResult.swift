/// What came of a run.
package struct RunResult: Sendable {
    /// The seed that was run.
    package var seed: UInt64
    /// The first property that did not hold; nil if all did.
    package var failure: RunFailure?
    /// When the run ended, in nanoseconds of simulated time.
    package var failedAt: Int64
    /// How much time was simulated.
    package var simulatedNanoseconds: Int64
    /// Events handled.
    package var events: UInt64
    /// Operations that clients sent.
    package var operations: Int
    /// How many of them clients saw done.
    package var completed: Int
    /// A hash of everything that happened: equal for equal seeds, in any process.
    package var hash: UInt64
    /// The hash after each event, where they were asked for.
    package var eventHashes: [UInt64]
    /// The landmarks reached.
    package var coverage: Coverage
    /// The lines of the trace, where they were asked for.
    package var trace: [String]
}
