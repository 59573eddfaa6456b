import Primitives
import StoreModel

extension Placement {
    /// Nothing stands below what had returned before it began: writes are strictly above,
    /// linearizable answers at least equal (Herlihy and Wing 1990, real-time order).
    func checkRealTime() throws(Violation) {
        for index in history.indices {
            let operation = history[index]
            guard case .completed(_, let revision, let response) = operation.outcome,
                !operation.request.isSerializable
            else { continue }
            let floor = floors[index]
            if response.madeRevision {
                if floor >= revision.rawValue { throw lateWrite(index, at: revision) }
            } else if floor > revision.rawValue {
                throw Violation(
                    .staleRead,
                    "answered revision \(revision) after revision \(floor) had been answered: "
                        + text(index) + earlier(than: index),
                    operations: [index] + [newestBefore(index)].compactMap(\.self))
            }
        }
    }

    /// A write whose revision had been seen before the write began.
    func lateWrite(_ index: Int, at revision: Revision) -> Violation {
        Violation(
            .realTimeOrder,
            "made revision \(revision), but revision \(floors[index]) had been answered before "
                + "it began: " + text(index) + earlier(than: index),
            operations: [index] + [newestBefore(index)].compactMap(\.self))
    }

    private func earlier(than index: Int) -> String {
        newestBefore(index).map { "; before it: " + text($0) } ?? ""
    }

    /// Compactions succeed only upwards, never above the revision at which they ran, and what
    /// came after them reads nothing below (etcd's Compact). By real time, where two operations
    /// saw the same revision; `Replay` looks after the others.
    func checkCompactions() throws(Violation) {
        if compactions.isEmpty { return }
        var readers: [(index: Int, lowest: Revision)] = []
        for index in history.indices {
            guard case .completed = history[index].outcome,
                !history[index].request.isSerializable,
                let lowest = history[index].request.lowestRevisionRead
            else { continue }
            readers.append((index, lowest))
        }
        let spans = compactions.map { index in
            Span(
                invokedAt: history[index].invokedAt, returnedAt: history[index].returnedAt,
                value: history[index].request.compactionTarget?.rawValue ?? 0)
        }
        let readerSpans = readers.map { reader in
            Span(invokedAt: history[reader.index].invokedAt, returnedAt: nil, value: 0)
        }
        let floors = highestBefore(spans + readerSpans)
        for (position, index) in compactions.enumerated()
        where floors[position] >= spans[position].value {
            throw Violation(
                .compaction,
                "compacted, though \(floors[position]) had been compacted before it began: "
                    + text(index),
                operations: [index])
        }
        for (position, reader) in readers.enumerated()
        where floors[compactions.count + position] > reader.lowest.rawValue
            && history[reader.index].answersReads
        {
            throw Violation(
                .compaction,
                "read revision \(reader.lowest), though \(floors[compactions.count + position]) "
                    + "had been compacted before it began: " + text(reader.index),
                operations: [reader.index])
        }
    }
}

extension HistoryRequest {
    /// What a compaction wants compacted.
    var compactionTarget: Revision? {
        if case .compact(let revision) = self { return revision }
        return nil
    }

    /// The lowest old revision that a plain range reads; nil for other requests.
    var lowestRevisionRead: Revision? {
        if case .range(let range, _) = self, range.revision > .zero { return range.revision }
        return nil
    }
}

extension Operation {
    /// Whether it was answered with a range.
    fileprivate var answersReads: Bool {
        if case .completed(_, _, .range) = outcome { return true }
        return false
    }
}
