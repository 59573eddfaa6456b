import Primitives
package import StoreModel

/// Looks for an order of the operations that respects real time and explains every answer
/// (Herlihy and Wing 1990), by the depth-first search of Wing and Gong with Lowe's cache of
/// (operations placed, state) pairs. Needs no log, so it also judges what the fast checker takes
/// for granted; exponential in concurrency in the worst case, hence the budget.
///
/// Writes without an answer may stand anywhere after their invocation or nowhere. Serializable
/// reads promise no real-time order and are left out; expiry of leases is not known to it: add a
/// revocation without an answer for each.
package struct LinearizabilityChecker: Sendable {
    /// What is searched as one.
    package enum Scope: Sendable {
        /// Each key by itself where all operations touch single keys (linearizability is local,
        /// Herlihy and Wing §3.2), else the whole store.
        case perKeyIfPossible
        /// The whole store, with every revision number checked.
        case wholeStore
    }

    private let scope: Scope
    private let stepsMax: Int
    private let limits: StoreLimits

    /// Searches with at most `stepsMax` tries to place an operation in all; then inconclusive.
    package init(
        stepsMax: Int, scope: Scope = .perKeyIfPossible, limits: StoreLimits = StoreLimits()
    ) {
        self.scope = scope
        self.stepsMax = stepsMax
        self.limits = limits
    }

    /// Whether some order explains the history.
    package func check(_ history: [Operation]) -> Verdict {
        let indices = history.indices.filter { !history[$0].request.isSerializable }
        var steps = 0
        if scope == .perKeyIfPossible, let parts = partition(history, indices) {
            for part in parts {
                var search = LinearizationSearch(
                    history, part.indices, from: SingleKeyModel(key: part.key),
                    stepsMax: stepsMax - steps)
                let verdict = search.run()
                steps += search.steps
                guard verdict.isOK else {
                    if case .inconclusive = verdict { return .inconclusive(steps: steps) }
                    return verdict
                }
            }
            return .ok
        }
        let readsHistory = indices.contains { history[$0].request.readsHistory }
        var search = LinearizationSearch(
            history, indices, from: KeyValueModel(limits: limits, keepsHistory: readsHistory),
            stepsMax: stepsMax)
        return search.run()
    }

    /// The operations of each key, keys in order; nil if some operation needs the whole store.
    /// Refusals have no effect and are left out.
    private func partition(
        _ history: [Operation], _ indices: [Int]
    ) -> [(key: Bytes, indices: [Int])]? {
        var keyed: [(key: Bytes, index: Int)] = []
        for index in indices {
            if case .failed = history[index].outcome { continue }
            guard let key = history[index].onlyKey else { return nil }
            keyed.append((key, index))
        }
        keyed.sort { precedes($0.key, $1.key) || ($0.key == $1.key && $0.index < $1.index) }
        var parts: [(key: Bytes, indices: [Int])] = []
        for (key, index) in keyed {
            if let last = parts.last, last.key == key {
                parts[parts.count - 1].indices.append(index)
            } else {
                parts.append((key, [index]))
            }
        }
        return parts
    }
}

/// A state of the store that operations take effect on, one after the other.
protocol LinearizableState: Sendable {
    /// Equal for states that answer alike, and hardly for others.
    var fingerprint: UInt64 { get }
    /// The lowest revision that the store can have in this state.
    var lowestRevision: Revision { get }
    /// The state after the operation took effect here with the outcome seen; nil if it cannot.
    func advanced(by operation: Operation) -> Self?
}

extension HistoryRequest {
    /// Whether the answer depends on more than the newest versions.
    fileprivate var readsHistory: Bool {
        switch self {
        case .range(let range, _): return range.revision > .zero
        case .transaction(let transaction): return transaction.readsHistory
        default: return false
        }
    }
}

extension TransactionRequest {
    fileprivate var readsHistory: Bool {
        (success + failure).contains { operation in
            switch operation {
            case .range(let range): return range.revision > .zero
            case .transaction(let nested): return nested.readsHistory
            case .put, .deleteRange: return false
            }
        }
    }
}

extension KeyValueModel: LinearizableState {
    var lowestRevision: Revision { revision }

    func advanced(by operation: Operation) -> KeyValueModel? {
        switch operation.outcome {
        case .failed(_, .noSpace), .failed(_, .corrupt):
            // Alarms come before any other reason to refuse.
            return self
        default: break
        }
        var request = operation.request
        if case .leaseGrant(.zero, let ttl) = request,
            case .completed(_, _, .leaseGrant(let chosen, _)) = operation.outcome
        {
            request = .leaseGrant(chosen, ttlSeconds: ttl)
        }
        var next = self
        let response: HistoryResponse
        do throws(StoreError) {
            response = try next.apply(request)
        } catch {
            guard case .failed(_, let seen) = operation.outcome else { return nil }
            return seen == error ? self : nil
        }
        switch operation.outcome {
        case .completed(_, let revision, let seen):
            return revision == next.revision && matches(seen, response, for: request) ? next : nil
        case .failed: return nil
        case .unknown:
            // Nobody can tell where, or whether, something without effect stood.
            return next.fingerprint == fingerprint ? nil : next
        }
    }
}
