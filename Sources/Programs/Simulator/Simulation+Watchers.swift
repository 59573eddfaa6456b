internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// Clients that watch.
extension Simulation {
    /// Lets the watchers begin.
    mutating func addWatchers() {
        for number in 0..<knobs.watchers {
            watchers.all.append(Watcher(number: number))
            heap.push(.watcher(number), at: second / 3 + Int64(number) * 7 * millisecond)
        }
    }

    /// A watcher's time has come.
    mutating func act(watcher number: Int) throws(RunFailure) {
        let ordinal = watchers.all[number].ordinal
        watchers.all[number].ordinal += 1
        var random = dice.generator(.watcher, UInt64(number), ordinal)
        if liveness == nil {
            heap.push(.watcher(number), at: now + random.around(second))
        } else if !isOver {
            heap.push(.watcher(number), at: now + second / 4)
        }
        guard let stream = watchers.all[number].stream else {
            try connect(number, using: &random)
            return
        }
        guard liveness == nil else {
            try makeRoom(number, true)
            try followAll(number, using: &random)
            return
        }
        let canBeSlow = plan.ingredients.contains(.slowWatchers)
        switch random.weighted([6, canBeSlow ? 5 : 0, canBeSlow ? 8 : 0, 2, 2, 2, 1]) {
        case 1: try makeRoom(number, false)
        case 2: try makeRoom(number, true)
        case 3: try give(watchers.all[number].slot, .requestProgress(stream))
        case 4: try cancelOne(number, using: &random)
        case 5: try disconnect(number)
        case 6: watchers.all[number].watches.removeAll { $0.observed == nil }
        default: try followAll(number, using: &random)
        }
    }

    /// Tells the member whether the outlet has room.
    private mutating func makeRoom(_ number: Int, _ isWritable: Bool) throws(RunFailure) {
        guard watchers.all[number].isWritable != isWritable,
            let stream = watchers.all[number].stream
        else { return }
        watchers.all[number].isWritable = isWritable
        let slot = watchers.all[number].slot
        note(slot) { "outlet of watcher \(number) is \(isWritable ? "writable" : "full")" }
        if isWritable, machines[slot].process?.member.hub.unsyncedCount ?? 0 > 0 {
            coverage.reach(.slowWatcherCaughtUp)
        }
        try give(slot, .watchOutlet(stream, isWritable: isWritable))
    }

    private mutating func connect(
        _ number: Int, using random: inout SplitMix64
    ) throws(RunFailure) {
        let candidates = liveness.map(\.core) ?? runningSlots
        let running = candidates.filter { machines[$0].isRunning }
        guard !running.isEmpty else { return }
        watchers.all[number].slot = random.pick(running)
        watchers.all[number].stream = watchers.newStream(for: number)
        watchers.all[number].isWritable = true
        try followAll(number, using: &random)
    }

    /// Leaves the machine.
    mutating func disconnect(_ number: Int) throws(RunFailure) {
        guard let stream = watchers.all[number].stream else { return }
        let slot = watchers.all[number].slot
        loseStream(of: number)
        try give(slot, .closeWatchStream(stream))
    }

    private mutating func loseStream(of number: Int) {
        watchers.all[number].stream = nil
        for position in watchers.all[number].watches.indices {
            end(number, position)
        }
    }

    /// A process ended with all its streams.
    mutating func loseWatches(_ slot: Int) {
        for number in watchers.all.indices
        where watchers.all[number].slot == slot && watchers.all[number].stream != nil {
            loseStream(of: number)
        }
    }

    /// A watch is over; what follows begins behind what was seen of it.
    private mutating func end(_ number: Int, _ position: Int) {
        guard watchers.all[number].watches[position].observed != nil else { return }
        let seen = watchers.all[number].watches[position].seen
        if seen > .zero { watchers.all[number].watches[position].nextStart = seen.next }
        watchers.all[number].watches[position].observed = nil
        watchers.all[number].watches[position].watchID = nil
    }

    private mutating func cancelOne(
        _ number: Int, using random: inout SplitMix64
    ) throws(RunFailure) {
        let active = watchers.all[number].watches.filter { $0.watchID != nil }
        guard let stream = watchers.all[number].stream, !active.isEmpty else { return }
        let id = random.pick(active).watchID ?? 0
        try give(watchers.all[number].slot, .cancelWatch(stream, watchID: id))
    }

    /// Makes a watch for everything that the watcher follows and has none for, and begins to
    /// follow more.
    private mutating func followAll(
        _ number: Int, using random: inout SplitMix64
    ) throws(RunFailure) {
        let count = watchers.all[number].watches.count
        if liveness == nil, count == 0 || (count < 3 && random.chance(0.2)) {
            watchers.all[number].watches.append(newWish(using: &random))
        }
        for position in watchers.all[number].watches.indices
        where watchers.all[number].watches[position].observed == nil {
            try follow(number, position)
        }
    }

    private func newWish(using random: inout SplitMix64) -> FollowedRange {
        let range: KeyRange
        switch random.below(4) {
        case 0: range = KeyRange(key: Bytes("k\(random.below(knobs.keys))".utf8))
        case 1: range = KeyRange(key: Bytes("k0".utf8), end: Bytes("k3".utf8))
        default: range = KeyRange(key: [0], end: [0])
        }
        var request = WatchRequest(range)
        request.wantsPrevious = random.chance(0.4)
        request.wantsProgress = random.chance(0.4)
        request.filtersPuts = random.chance(0.1)
        request.filtersDeletes = random.chance(0.1)
        request.allowsFragments = random.chance(0.4)
        var wish = FollowedRange(request: request)
        let last = truth.events.last.rawValue
        switch random.below(5) {
        case 0: wish.nextStart = Revision(max(1, last - Int64(random.below(40))))
        case 1: wish.nextStart = Revision(2)
        case 2: wish.nextStart = Revision(last + Int64(random.between(1, 10)))
        default: break
        }
        return wish
    }

    private mutating func follow(_ number: Int, _ position: Int) throws(RunFailure) {
        guard let stream = watchers.all[number].stream else { return }
        var wish = watchers.all[number].watches[position]
        var request = wish.request
        request.startRevision = wish.nextStart
        if wish.seen > .zero { coverage.reach(.watchResumed) }
        if request.startRevision > truth.events.last.next { coverage.reach(.watchOfFutureRevision) }
        wish.observed = watchers.observed.count
        wish.watchID = nil
        wish.hasEvents = false
        wish.isInsideRevision = false
        wish.compactedAtStart = watchers.compactions.count
        watchers.observed.append(
            ObservedWatch(client: number, request: request, alreadySeen: wish.seen))
        watchers.all[number].watches[position] = wish
        let slot = watchers.all[number].slot
        note(slot) { "watcher \(number) watches from \(request.startRevision)" }
        try give(slot, .watch(stream, request))
    }
}
