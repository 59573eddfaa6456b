package import StoreModel

/// Checks a whole history against the log of events in O(n log n), using that every answer
/// carries the revision at which it was true (RELIABILITY C2 (a)).
///
/// Writes stand in the order of their revisions, each revision made by exactly one request;
/// everything else is placed at its revision. Then: the order respects real time (what returned
/// before another began is not above it; only serializable reads may be old); the model, replayed
/// in this order, gives the same events and answers; writes without an answer took effect where
/// the log says so, after they began, or never; refusals have a reason.
///
/// Operations that neither make a revision nor read keys (compaction, grants, revocations of
/// leases without keys, refusals) are only held to the interval in which they ran.
package struct RevisionOrderChecker: Sendable {
    let log: EventLog
    let limits: StoreLimits

    /// Checks against this log of all events of the run.
    package init(log: EventLog, limits: StoreLimits = StoreLimits()) {
        self.log = log
        self.limits = limits
    }

    /// Whether the store kept its promises to these clients. Never inconclusive.
    package func check(_ history: [Operation]) -> Verdict {
        do throws(Violation) {
            if let violation = log.numberingViolation() { throw violation }
            let placement = try Placement(history, log: log)
            try placement.checkRealTime()
            var replay = Replay(placement: placement, limits: limits)
            try replay.run()
            try placement.checkCompactions()
            try RefusalCheck(placement: placement, model: replay.model).run()
            return .ok
        } catch {
            return .violation(error)
        }
    }
}
