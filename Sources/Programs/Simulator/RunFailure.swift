package import Verification

/// A property that did not hold in a run.
package struct RunFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The checker that noticed, by its name in docs/TESTING.md: `R1` … `R8`, `S1` … `S4`,
    /// `W1` … `W9`, `L1` … `L3`, `C1`, `Liveness`, `Member`.
    package var checker: String
    /// What was expected and what was seen.
    package var text: String

    /// Describes a failure.
    package init(_ checker: String, _ text: String) {
        self.checker = checker
        self.text = text
    }

    /// Names the checker of a violation as RELIABILITY C1 does.
    package init(_ violation: Violation) {
        checker = Self.name(of: violation.kind)
        text = "\(violation.kind): \(violation.explanation)"
    }

    /// The checker and what it says.
    package var description: String { "\(checker): \(text)" }

    private static func name(of kind: Violation.Kind) -> String {
        switch kind {
        case .twoLeaders: return "R1"
        case .logMatching: return "R2"
        case .leaderCompleteness: return "R3"
        case .stateMachineSafety: return "R4"
        case .lostWrite, .unexplainedRevision: return "R8"
        case .brokenLog: return "S3"
        case .watch(let guarantee):
            return guarantee.rawValue <= 9 ? "W\(guarantee.rawValue)" : "W"
        case .lease(let guarantee): return "L\(guarantee.rawValue)"
        case .duplicateRevision, .refusedWriteTookEffect, .wrongResponse, .realTimeOrder,
            .staleRead, .wrongRefusal, .compaction, .leaseUse, .notLinearizable:
            return "C1"
        }
    }
}
