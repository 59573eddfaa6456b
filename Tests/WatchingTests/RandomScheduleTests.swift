import Primitives
import StoreModel
import Testing
import Watching

/// A random run of everything that a member does with its hub, judged by the naive model.
struct RandomSchedule {
    private var random: SplitMix64
    private var store: WatchedStore
    private var judge = WatchJudge()
    private let eventsMax: Int

    private init(seed: UInt64, mutation: Mutation?) {
        var random = SplitMix64(seed: seed)
        eventsMax = 1 + random.below(6)
        store = WatchedStore(mutation: mutation) { configuration in
            configuration.progressTicks = 1 + random.below(5)
            configuration.deliveryBytesMax = 100 + random.below(400)
            configuration.catchUpBytesMax = 1 + random.below(40)
            configuration.catchUpWatchesMax = 1 + random.below(8)
        }
        self.random = random
    }

    /// Runs a schedule to its quiet end.
    static func run(seed: UInt64, steps: Int = 300, mutation: Mutation? = nil) -> WatchJudge {
        var schedule = RandomSchedule(seed: seed, mutation: mutation)
        for _ in 0..<steps where schedule.judge.violations.isEmpty { schedule.step() }
        schedule.finish()
        return schedule.judge
    }

    private mutating func step() {
        switch random.below(100) {
        case 0..<40: judge.take(store.apply(changes()), store.history)
        case 40..<52: create()
        case 52..<55: judge.take(store.cancel(stream: stream(), id: anyID()), store.history)
        case 55..<67: store.setWritable(random.chance(0.5), stream: stream())
        case 67..<82: judge.take(store.catchUp(eventsMax: eventsMax), store.history)
        case 82..<85:
            store.history.compact(revision(upTo: store.history.revision.rawValue))
        case 85..<87: install()
        case 87..<92: judge.take(store.requestProgress(stream: stream()), store.history)
        case 92..<99: judge.take(store.tick(), store.history)
        default:
            let stream = WatchStreamID(stream())
            store.call { hub, _, _ in hub.close(stream) }
            judge.closed(stream)
        }
    }

    private mutating func finish() {
        guard judge.violations.isEmpty else { return }
        for stream in UInt64(1)..<4 { store.setWritable(true, stream: stream) }
        judge.take(store.drain(eventsMax: eventsMax), store.history)
        judge.finish(store.history)
    }

    private mutating func create() {
        var request = WatchRequest(range())
        switch random.below(4) {
        case 0: request.startRevision = .zero
        case 1: request.startRevision = revision(upTo: store.history.revision.rawValue + 5)
        default: request.startRevision = max(Revision(1), store.history.compactRevision)
        }
        request.watchID = Int64(random.below(4))
        request.wantsPrevious = random.chance(0.3)
        request.wantsProgress = random.chance(0.5)
        request.filtersPuts = random.chance(0.1)
        request.filtersDeletes = random.chance(0.1)
        request.allowsFragments = random.chance(0.3)
        let stream = stream()
        let answers = store.create(
            request.range, stream: stream, from: request.startRevision.rawValue,
            id: request.watchID
        ) { $0 = request }
        judge.created(request, answers, store.history)
    }

    private mutating func install() {
        let compact = random.chance(0.3) ? revision(upTo: store.history.revision.rawValue) : .zero
        // Puts only: what a deletion needs may be gone a revision later.
        let revisions = (0..<random.below(6)).map { _ in changes().filter { $0.value != nil } }
            .filter { !$0.isEmpty }
        judge.take(store.install(revisions, compact: compact.rawValue), store.history)
    }

    private mutating func changes() -> [Change] {
        var names = ["a", "ab", "b", "c", "d", "e"]
        return (0..<1 + random.below(random.chance(0.3) ? 6 : 1)).map { _ in
            let name = names.remove(at: random.below(names.count))
            if store.history.exists(name), random.chance(0.3) { return delete(name) }
            return put(name, String(repeating: "v", count: random.below(60)))
        }
    }

    private mutating func range() -> KeyRange {
        let names = ["a", "ab", "b", "c", "d", "e"]
        let start = names[random.below(names.count)]
        switch random.below(5) {
        case 0: return allKeys
        case 1: return KeyRange(key: bytes(start), end: [0])
        case 2: return keys(start, "f")
        default: return key(start)
        }
    }

    private mutating func revision(upTo last: Int64) -> Revision {
        Revision(Int64(1 + random.below(Int(last))))
    }

    private mutating func stream() -> UInt64 { UInt64(1 + random.below(3)) }
    private mutating func anyID() -> Int64 { Int64(random.below(6)) }
}

@Suite struct `Random schedules` {
    // RELIABILITY B44–B49: progress that runs ahead, watches that go back after an image, events
    // lost for slow watches, compaction between, future starts, split and repeated revisions: no
    // interleaving of these may break a guarantee.
    @Test func `no schedule breaks a guarantee`() {
        var counts: [String: Int] = [:]
        for seed in UInt64(0)..<150 {
            let judge = RandomSchedule.run(seed: seed)
            #expect(judge.violations.isEmpty, "seed \(seed): \(judge.violations)")
            counts.merge(judge.counts, uniquingKeysWith: +)
        }
        for what in ["events", "progress", "stream progress", "compacted", "fragments"] {
            #expect(counts[what, default: 0] > 50, "hardly any \(what)")
        }
    }

    @Test func `equal schedules give equal deliveries`() {
        for seed in UInt64(0)..<20 {
            #expect(
                RandomSchedule.run(seed: seed).counts == RandomSchedule.run(seed: seed).counts)
        }
    }
}

#if SIMULATION
@Suite struct `Deliberate bugs` {
    // RELIABILITY B44, B45, B46, B49: the judge would notice.
    @Test(arguments: [
        (Mutation.progressWhileUnsynced, "W5"), (.resetsWatchersOnSnapshot, "W"),
        (.dropsSlowWatcherBatch, "W"), (.splitsRevisionAcrossBatches, "W4"),
    ])
    func `each is noticed`(_ mutation: Mutation, _ guarantee: String) {
        var noticed = 0
        for seed in UInt64(0)..<60 {
            let judge = RandomSchedule.run(seed: seed, mutation: mutation)
            if judge.violations.first?.hasPrefix(guarantee) == true { noticed += 1 }
        }
        #expect(noticed >= 10, "only \(noticed) of 60 schedules show \(mutation)")
    }
}
#endif
