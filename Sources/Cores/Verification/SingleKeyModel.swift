import Primitives
import StoreModel

/// One key by itself, for histories in which every operation touches a single key. What revision
/// a write without an answer made is not known at first, and learned from the first answer that
/// shows it.
struct SingleKeyModel: LinearizableState {
    /// The key's present version; unknown revisions are nil.
    private struct Present {
        var value: Bytes
        var version: Int64
        var create: Revision?
        var mod: Revision?
    }

    private let key: Bytes
    private var present: Present?
    /// The highest revision answered so far: answers on one key never go back.
    private var revision = Revision.zero
    /// Writes without an answer since then; each made a revision of its own.
    private var unnumbered: Int64 = 0

    /// The key does not exist yet.
    init(key: Bytes) {
        self.key = key
    }

    var lowestRevision: Revision { Revision(revision.rawValue + unnumbered) }

    var fingerprint: UInt64 {
        var hasher = StableHasher()
        hasher.combine(revision.rawValue)
        hasher.combine(unnumbered)
        if let present {
            hasher.combine(present.value)
            hasher.combine(present.version)
            hasher.combine(present.create?.rawValue ?? -1)
            hasher.combine(present.mod?.rawValue ?? -1)
        }
        return hasher.value
    }

    func advanced(by operation: Operation) -> SingleKeyModel? {
        var next = self
        switch operation.outcome {
        case .completed(_, let revision, let response):
            let isWrite = response.madeRevision
            guard isWrite ? revision > lowestRevision : revision >= lowestRevision else {
                return nil
            }
            next.revision = revision
            next.unnumbered = 0
            guard next.run(operation.request, response, making: revision) else { return nil }
            return next
        case .unknown:
            next.unnumbered += 1
            return next.runUnanswered(operation.request) ? next : nil
        case .failed: return self
        }
    }

    /// Takes the effect of an answered request; false if the answer is wrong here.
    private mutating func run(
        _ request: HistoryRequest, _ response: HistoryResponse, making revision: Revision
    ) -> Bool {
        switch (request, response) {
        case (.put(let put), .put(let previous)):
            return perform(.put(put), .put(previous), making: revision)
        case (.range(let range, _), .range(let answer)):
            return perform(.range(range), .range(answer), making: revision)
        case (.deleteRange(let deletion), .deleteRange(let answer)):
            return perform(.deleteRange(deletion), .deleteRange(answer), making: revision)
        case (.transaction(let transaction), .transaction(let answer)):
            for compare in transaction.compares where answer.succeeded {
                if holds(compare) == false { return false }
                learn(from: compare)
            }
            if !answer.succeeded && transaction.compares.allSatisfy({ holds($0) == true }) {
                return false
            }
            let operations = answer.succeeded ? transaction.success : transaction.failure
            guard operations.count == answer.parts.count else { return false }
            for (operation, part) in zip(operations, answer.parts) {
                if !perform(operation, part, making: revision) { return false }
            }
            return true
        default: return false
        }
    }

    private mutating func perform(
        _ operation: TransactionOperation, _ part: TransactionResponse.Part,
        making revision: Revision
    ) -> Bool {
        switch (operation, part) {
        case (.put(let put), .put(let previous)):
            if put.wantsPrevious ? !shows(previous) : previous != nil { return false }
            write(put.value, making: revision)
            return true
        case (.range, .range(let answer)):
            return !answer.hasMore && answer.count == answer.keyValues.count
                && answer.count <= 1 && shows(answer.keyValues.first)
        case (.deleteRange(let deletion), .deleteRange(let answer)):
            guard answer.deleted == (present == nil ? 0 : 1) else { return false }
            if deletion.wantsPrevious {
                if answer.previous.count > 1 || !shows(answer.previous.first) { return false }
            } else if !answer.previous.isEmpty {
                return false
            }
            present = nil
            return true
        default: return false
        }
    }

    /// Takes the effect of a request without an answer; false if it would have none.
    private mutating func runUnanswered(_ request: HistoryRequest) -> Bool {
        switch request {
        case .put(let put): write(put.value, making: nil)
        case .deleteRange:
            if present == nil { return false }
            present = nil
        case .transaction(let transaction):
            let succeeded = transaction.compares.allSatisfy { holds($0) == true }
            var hasEffect = false
            for operation in succeeded ? transaction.success : transaction.failure {
                switch operation {
                case .put(let put): if runUnanswered(.put(put)) { hasEffect = true }
                case .deleteRange(let deletion):
                    if runUnanswered(.deleteRange(deletion)) { hasEffect = true }
                case .range, .transaction: continue
                }
            }
            return hasEffect
        default: return false
        }
        return true
    }

    private mutating func write(_ value: Bytes, making revision: Revision?) {
        let create = present == nil ? revision : present?.create
        present = Present(
            value: value, version: (present?.version ?? 0) + 1, create: create, mod: revision)
    }

    /// Whether an answer shows the present version; learns the revisions it tells.
    private mutating func shows(_ shown: KeyValue?) -> Bool {
        guard let shown else { return present == nil }
        guard let present, shown.key == key, shown.value == present.value,
            shown.version == present.version, shown.lease == .zero,
            shown.createRevision == present.create ?? shown.createRevision,
            shown.modRevision == present.mod ?? shown.modRevision
        else { return false }
        self.present?.create = shown.createRevision
        self.present?.mod = shown.modRevision
        return true
    }

    /// Whether a condition holds; nil if it asks for a revision that is not known.
    private func holds(_ compare: Compare) -> Bool? {
        guard let present else { return compare.holdsForMissing }
        switch compare.operand {
        case .create: if present.create == nil { return nil }
        case .mod: if present.mod == nil { return nil }
        case .version, .value, .lease: break
        }
        return compare.holds(
            for: KeyValue(
                key: key, value: present.value, createRevision: present.create ?? .zero,
                modRevision: present.mod ?? .zero, version: present.version, lease: .zero))
    }

    /// A condition of equality held, so the revision is known now.
    private mutating func learn(from compare: Compare) {
        guard compare.relation == .equal, present != nil else { return }
        switch compare.operand {
        case .create(let revision): present?.create = revision
        case .mod(let revision): present?.mod = revision
        case .version, .value, .lease: return
        }
    }
}

extension Operation {
    /// The one key that the operation touches, if the single-key model understands it.
    var onlyKey: Bytes? {
        switch request {
        case .put(let put): return put.onlyKey
        case .range(let range, _): return range.onlyKey
        case .deleteRange(let deletion):
            return deletion.range.isSingleKey ? deletion.range.key : nil
        case .transaction(let transaction): return onlyKey(of: transaction)
        case .compact, .leaseGrant, .leaseRevoke: return nil
        }
    }

    private func onlyKey(of transaction: TransactionRequest) -> Bytes? {
        var keys: [Bytes?] = []
        for compare in transaction.compares {
            keys.append(compare.range.isSingleKey ? compare.range.key : nil)
            // Without an answer nobody says how a comparison with an unknown revision came out.
            if outcome == .unknown && compare.isOnRevision { return nil }
        }
        for operation in transaction.success + transaction.failure {
            switch operation {
            case .put(let put): keys.append(put.onlyKey)
            case .range(let range): keys.append(range.onlyKey)
            case .deleteRange(let deletion):
                keys.append(deletion.range.isSingleKey ? deletion.range.key : nil)
            case .transaction: return nil
            }
        }
        guard let first = keys.first, keys.allSatisfy({ $0 != nil && $0 == first }) else {
            return nil
        }
        return first
    }
}

extension PutRequest {
    fileprivate var onlyKey: Bytes? {
        lease == .zero && !ignoresValue && !ignoresLease ? key : nil
    }
}

extension RangeRequest {
    fileprivate var onlyKey: Bytes? {
        let isPlain =
            range.isSingleKey && revision <= .zero && !isKeysOnly && !isCountOnly
            && !hasRevisionBounds
        return isPlain ? range.key : nil
    }
}

extension Compare {
    fileprivate var isOnRevision: Bool {
        switch operand {
        case .create, .mod: return true
        case .version, .value, .lease: return false
        }
    }
}
