import Primitives
import StoreModel

/// An answer, or the lack of one.
func describe(_ response: HistoryResponse) -> String {
    switch response {
    case .put(let previous): return previous.map { "ok, before: " + describe($0) } ?? "ok"
    case .range(let answer): return describe(answer)
    case .deleteRange(let answer): return describe(answer)
    case .transaction(let answer): return describe(answer)
    case .compact, .leaseRevoke: return "ok"
    case .leaseGrant(let id, let ttl): return "lease \(id) for \(ttl) s"
    }
}

private func describe(_ answer: RangeResponse) -> String {
    let found = answer.keyValues.map(describe).joined(separator: ", ")
    return "[\(found)] count \(answer.count)" + (answer.hasMore ? " and more" : "")
}

private func describe(_ answer: DeleteRangeResponse) -> String {
    let before = answer.previous.map(describe).joined(separator: ", ")
    return "deleted \(answer.deleted)" + (before.isEmpty ? "" : ", before: [\(before)]")
}

private func describe(_ answer: TransactionResponse) -> String {
    let parts = answer.parts.map { part in
        switch part {
        case .range(let range): return describe(range)
        case .put(let previous): return describe(HistoryResponse.put(previous))
        case .deleteRange(let deletion): return describe(deletion)
        case .transaction(let nested): return describe(nested)
        }
    }
    return (answer.succeeded ? "then" : "else") + " [\(parts.joined(separator: "; "))]"
}

extension Operation {
    /// The operation on one line, named by its index in the history.
    func describe(index: Int) -> String {
        let call = "#\(index) client \(client) \(Verification.describe(request))"
        switch outcome {
        case .completed(let at, let revision, let response):
            return "\(call) during \(invokedAt)…\(at) at revision \(revision) → "
                + Verification.describe(response)
        case .failed(let at, let error):
            return "\(call) during \(invokedAt)…\(at) refused: \(error)"
        case .unknown:
            return "\(call) from \(invokedAt) on, no answer"
        }
    }
}
