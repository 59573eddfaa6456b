import Primitives
import StoreModel

/// Where the operations of a history stand among the revisions of the log.
struct Placement: Sendable {
    let history: [Operation]
    let log: EventLog
    /// By revision from the base on: the completed request that made it, or -1.
    private var creators: [Int32]
    /// By revision from the base on: the first completed request that only saw it, or -1.
    private var firstObserver: [Int32]
    /// By operation: the next one that saw the same revision, or -1.
    private var nextObserver: [Int32]
    /// By operation: the highest revision that was answered before it began.
    private(set) var floors: [Int64]
    /// Operations without an answer, in order of the history.
    private(set) var unknown: [Int] = []
    /// Refused operations, in order of the history.
    private(set) var refused: [Int] = []
    /// Completed compactions, in order of the history.
    private(set) var compactions: [Int] = []

    /// Places every operation.
    init(_ history: [Operation], log: EventLog) throws(Violation) {
        self.history = history
        self.log = log
        let revisions = log.entries.count + 1
        creators = Array(repeating: -1, count: revisions)
        firstObserver = Array(repeating: -1, count: revisions)
        nextObserver = Array(repeating: -1, count: history.count)
        floors = []
        // Backwards, so that the lists of observers come out in order of the history.
        for index in history.indices.reversed() {
            switch history[index].outcome {
            case .completed(_, let revision, let response):
                try place(index, at: revision, response)
            case .failed: refused.append(index)
            case .unknown: unknown.append(index)
            }
        }
        unknown.reverse()
        refused.reverse()
        compactions.reverse()
        floors = highestBefore(
            history.map { operation in
                guard case .completed(let at, let revision, _) = operation.outcome else {
                    return Span(invokedAt: operation.invokedAt, returnedAt: nil, value: 0)
                }
                return Span(
                    invokedAt: operation.invokedAt, returnedAt: at, value: revision.rawValue)
            })
    }

    private mutating func place(
        _ index: Int, at revision: Revision, _ response: HistoryResponse
    ) throws(Violation) {
        if revision > log.last {
            throw Violation(
                .lostWrite,
                "answered revision \(revision), but the log ends at \(log.last): \(text(index))",
                operations: [index])
        }
        if revision < log.base {
            throw Violation(
                .wrongResponse,
                "answered revision \(revision), below the empty store's \(log.base): "
                    + text(index),
                operations: [index])
        }
        let slot = Int(revision.rawValue - log.base.rawValue)
        if case .compact = response { compactions.append(index) }
        guard response.madeRevision else {
            nextObserver[index] = firstObserver[slot]
            firstObserver[slot] = Int32(index)
            return
        }
        if creators[slot] >= 0 {
            let other = Int(creators[slot])
            throw Violation(
                .duplicateRevision,
                "two writes were answered revision \(revision): \(text(index)); \(text(other))",
                operations: [index, other])
        }
        creators[slot] = Int32(index)
    }

    /// The completed request that made `revision`; nil if it got no answer, or was a revocation.
    func creator(of revision: Revision) -> Int? {
        let index = creators[Int(revision.rawValue - log.base.rawValue)]
        return index < 0 ? nil : Int(index)
    }

    /// Calls `visit` with each completed request that only saw `revision`, in history's order.
    func forEachObserver(
        of revision: Revision, _ visit: (Int) throws(Violation) -> Void
    ) throws(Violation) {
        var index = firstObserver[Int(revision.rawValue - log.base.rawValue)]
        while index >= 0 {
            try visit(Int(index))
            index = nextObserver[Int(index)]
        }
    }

    /// The operation on one line.
    func text(_ index: Int) -> String { history[index].describe(index: index) }

    /// The operation that answered the highest revision before `index` began, for explanations.
    func newestBefore(_ index: Int) -> Int? {
        var found: Int?
        var highest = Revision.zero
        for other in history.indices {
            guard case .completed(let at, let revision, _) = history[other].outcome,
                at < history[index].invokedAt, revision > highest
            else { continue }
            highest = revision
            found = other
        }
        return found
    }
}

/// A number that was certain from a time on.
struct Span: Sendable {
    var invokedAt: Int64
    /// Nil if it never became certain.
    var returnedAt: Int64?
    var value: Int64
}

/// For each span, the highest value (at least 0) of those that returned before it was invoked.
/// What happens at the same nanosecond counts as concurrent.
func highestBefore(_ spans: [Span]) -> [Int64] {
    let invocations = spans.indices.sorted { spans[$0].invokedAt < spans[$1].invokedAt }
    var returns: [(at: Int64, value: Int64)] = []
    returns.reserveCapacity(spans.count)
    for span in spans {
        if let at = span.returnedAt { returns.append((at, span.value)) }
    }
    returns.sort { $0.at < $1.at }
    var highest: Int64 = 0
    var position = 0
    var answer = Array(repeating: Int64(0), count: spans.count)
    for index in invocations {
        while position < returns.count && returns[position].at < spans[index].invokedAt {
            highest = max(highest, returns[position].value)
            position += 1
        }
        answer[index] = highest
    }
    return answer
}
