/// What a checker found.
package enum Verdict: Sendable, Equatable {
    /// Every promise checked was kept.
    case ok
    /// A promise was broken, for certain.
    case violation(Violation)
    /// The budget ran out first; counts as failure of a run (RELIABILITY C2).
    case inconclusive(steps: Int)

    /// Whether every promise checked was kept.
    package var isOK: Bool { self == .ok }

    /// What was broken, if anything.
    package var violation: Violation? {
        if case .violation(let violation) = self { return violation }
        return nil
    }
}

/// A broken promise.
package struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    /// The promises.
    package enum Kind: Sendable, Equatable {
        /// The log of events skips, repeats or mislabels a revision (S3).
        case brokenLog
        /// Two writes were answered the same revision.
        case duplicateRevision
        /// A revision was answered that the log doesn't have: an acknowledged write is lost.
        case lostWrite
        /// A revision of the log that no request explains.
        case unexplainedRevision
        /// A refused request took effect.
        case refusedWriteTookEffect
        /// An answer or its events differ from the model's at that revision.
        case wrongResponse
        /// A write was placed before something that had returned before it began.
        case realTimeOrder
        /// A linearizable read answered from before something that had returned before it began.
        case staleRead
        /// A refusal without a reason in the history.
        case wrongRefusal
        /// Compactions out of order, or a compacted revision answered.
        case compaction
        /// A lease that cannot exist was used.
        case leaseUse
        /// No order of the operations explains the answers (Wing-Gong-Lowe).
        case notLinearizable
        case watch(WatchGuarantee)
        case lease(LeaseGuarantee)
        /// R1: two leaders in one term.
        case twoLeaders
        /// R2: equal term and index, different prefix.
        case logMatching
        /// R3: a new leader lacks a committed entry.
        case leaderCompleteness
        /// R4: members applied different entries at one index.
        case stateMachineSafety
    }

    /// Which promise.
    package var kind: Kind
    /// What was promised and what was seen, for people; begins with a lower-case letter.
    package var explanation: String
    /// Indices into the history of the operations involved.
    package var operations: [Int]

    /// Describes a broken promise.
    package init(_ kind: Kind, _ explanation: String, operations: [Int] = []) {
        self.kind = kind
        self.explanation = explanation
        self.operations = operations
    }

    /// The kind and the explanation on one line.
    package var description: String { "\(kind): \(explanation)" }
}

/// The guarantees of a watch (RELIABILITY, intro; the first nine are W1–W9).
package enum WatchGuarantee: Int, Sendable, CaseIterable {
    /// Only events that match the range and the filters.
    case filter = 1
    /// Revisions never decrease.
    case ordered = 2
    /// A (revision, key) never twice.
    case unique = 3
    /// All events of one revision in one response, unless fragments were asked for.
    case atomic = 4
    /// A progress notification at R means that no event at or below R is still to come.
    case bookmarkable = 5
    /// A watch from R starts with the first matching event at or after R.
    case resumable = 6
    /// No event is missing between the first and the last.
    case reliable = 7
    /// The previous version is the state at revision - 1, where asked for.
    case previousKeyValue = 8
    /// A put is a creation exactly where the key did not exist at revision - 1.
    case isCreate = 9
    /// Events are those of the store's log, to the bit (what W1–W9 take for granted).
    case genuine = 10
    /// Cancelled as compacted only where that is so; nothing after the end.
    case cancellation = 11
}

/// The guarantees of leases (RELIABILITY C1, L1–L3).
package enum LeaseGuarantee: Int, Sendable, CaseIterable {
    /// L1: not revoked by expiry before its TTL since the last acknowledged renewal.
    case keptAlive = 1
    /// L2: keys of a revoked lease all vanish in one revision.
    case vanishesAtOnce = 2
    /// L3: a renewal of a revoked lease errors.
    case renewalErrors = 3
}
