import Primitives
import StoreModel

@testable import Verification

/// What is wrong with a toy store.
enum ToyBug: CaseIterable, Sendable {
    case none
    /// Reads answer from an older state now and then.
    case staleReads
    /// Puts are acknowledged and forgotten now and then.
    case lostUpdates
    /// Requests take effect before they were sent or after they were answered now and then.
    case reordered
}

/// A toy store with concurrent clients: writes its own history, correct or with a bug. It shares
/// no code with the model.
struct ToyStore {
    private var random: SplitMix64
    private let bug: ToyBug
    private let readsWholeStore: Bool
    private var revision: Int64 = 1
    private var present: [String: KeyValue] = [:]
    private var past: [(revision: Int64, present: [String: KeyValue])] = []
    private var log: [[Event]] = []
    private var operations: [Operation] = []
    private var now: Int64 = 1_000
    private let names = ["a", "b"]

    private init(seed: UInt64, bug: ToyBug, readsWholeStore: Bool) {
        random = SplitMix64(seed: seed)
        self.bug = bug
        self.readsWholeStore = readsWholeStore
    }

    /// The history of `count` requests that overlap a few at a time, and of final reads.
    static func history(
        seed: UInt64, bug: ToyBug, count: Int, readsWholeStore: Bool = true
    ) -> History {
        var store = ToyStore(seed: seed, bug: bug, readsWholeStore: readsWholeStore)
        for number in 0..<count { store.step(number) }
        store.now += 1_000
        for name in store.names {
            store.operations.append(
                done(
                    store.now...store.now, .get(name), store.revision,
                    store.read(name, in: store.present)))
        }
        return History(store.operations, log: store.log)
    }

    private mutating func step(_ number: Int) {
        now += 10
        past.append((revision, present))
        let name = names[random.below(names.count)]
        let request = makeRequest(name, number)
        // With writes that nobody saw answered, a lost update may be visible in the log alone.
        let isAnswered = bug == .lostUpdates || !random.chance(0.1)
        if !isAnswered && random.chance(0.5) {
            record(request, nil)
            return
        }
        let answer = perform(request, name)
        record(request, isAnswered ? answer : nil)
    }

    private mutating func makeRequest(_ name: String, _ number: Int) -> HistoryRequest {
        switch random.below(readsWholeStore ? 6 : 5) {
        case 0, 1: return .put(name, "\(number)")
        case 2: return .get(name)
        case 3: return .delete(name)
        case 4:
            let guess = random.chance(0.7) ? present[name]?.modRevision.rawValue ?? 0 : 1
            return .swap(name, mod: guess, "\(number)")
        default: return .range(RangeRequest(allKeys), isSerializable: false)
        }
    }

    private mutating func perform(
        _ request: HistoryRequest, _ name: String
    ) -> (revision: Int64, response: HistoryResponse) {
        var source = (revision: revision, present: present)
        if bug == .staleReads && random.chance(0.6) { source = past[random.below(past.count)] }
        switch request {
        case .put(let put):
            if bug == .lostUpdates && random.chance(0.3) { return (revision + 1, .put) }
            write(name, put.value)
            return (revision, .put)
        case .deleteRange:
            guard present[name] != nil else { return (revision, .deleted(0)) }
            revision += 1
            present[name] = nil
            log.append([deleteEvent(name, revision)])
            return (revision, .deleted(1))
        case .transaction(let swap):
            guard case .mod(let wanted)? = swap.compares.first?.operand,
                case .put(let put)? = swap.success.first,
                (present[name]?.modRevision ?? .zero) == wanted
            else {
                let found = present[name].map { [$0] } ?? []
                let part = RangeResponse(keyValues: found, count: Int64(found.count))
                return (
                    revision,
                    .transaction(TransactionResponse(succeeded: false, parts: [.range(part)]))
                )
            }
            write(name, put.value)
            return (revision, .swapped)
        case .range(let range, _):
            if range.range.isSingleKey {
                return (source.revision, read(name, in: source.present))
            }
            let found = names.compactMap { source.present[$0] }
            return (
                source.revision,
                .range(RangeResponse(keyValues: found, count: Int64(found.count)))
            )
        case .compact, .leaseGrant, .leaseRevoke: return (revision, .compact)
        }
    }

    private func read(_ name: String, in state: [String: KeyValue]) -> HistoryResponse {
        state[name].map { .found($0) } ?? .found()
    }

    private mutating func write(_ name: String, _ value: Bytes) {
        revision += 1
        let before = present[name]
        let version = KeyValue(
            key: bytes(name), value: value,
            createRevision: before?.createRevision ?? Revision(revision),
            modRevision: Revision(revision), version: (before?.version ?? 0) + 1, lease: .zero)
        present[name] = version
        log.append([putEvent(version)])
    }

    private mutating func record(
        _ request: HistoryRequest, _ answer: (revision: Int64, response: HistoryResponse)?
    ) {
        let (before, after) = (Int64(random.below(25)) + 1, Int64(random.below(25)) + 1)
        var span = now - before...now + after
        if bug == .reordered && random.chance(0.3) {
            let shift = random.chance(0.5) ? -2 * after - before : 2 * before + after
            span = span.lowerBound + shift...span.upperBound + shift
        }
        guard let answer else {
            operations.append(lost(span.lowerBound, request))
            return
        }
        operations.append(done(span, request, answer.revision, answer.response))
    }
}
