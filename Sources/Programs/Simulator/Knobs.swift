internal import Primitives

/// The numbers of a run, drawn once from its seed. Times are nanoseconds.
package struct Knobs: Sendable {
    /// Voters that the cluster begins with.
    package var members: Int
    /// How long faults and clients go on before the cluster is healed.
    package var safetyNanoseconds: Int64

    // The network.
    var delayMin: Int64
    var delayJitter: Int64
    var lossPermille: Int
    var duplicationPermille: Int
    var isReordering: Bool

    // Disks: how long each kind of job takes on average.
    var syncNanoseconds: Int64
    var commitNanoseconds: Int64
    var snapshotNanoseconds: Int64

    // Clients.
    var clients: Int
    /// Operations a second of all clients together.
    package var operationsPerSecond: Int
    /// Whether clients catch up on what trouble kept them from, so that the rate is held over the
    /// whole run; otherwise they send on time and no more than that.
    var keepsUp = false
    var keys: Int
    var valueBytesMax: Int
    var clientTimeout: Int64
    var lostAnswersPermille: Int
    var watchers: Int
    /// How many operations clients may send in all.
    var operationsMax: Int

    // Members.
    var tickNanoseconds: Int64
    var electionTicks: Int
    var requestTimeoutTicks: Int
    var appendBytesMax: Int
    var inflightAppendsMax: Int
    var snapshotChunkBytes: Int
    var inflightSnapshotChunksMax: Int
    var uncommittedBytesMax: Int
    var promotionLagMax: UInt64
    var entriesKept: UInt64
    var commitTicks: Int
    var commitRecordsMax: Int
    var commitBytesMax: Int
    var segmentBytes: Int
    var compactionSliceMax: Int
    var watchCatchUpEventsMax: Int
    var watchDeliveryBytesMax: Int
    var watchProgressTicks: Int
    var leaseCheckpointSeconds: Int64
    var requestsMax: Int
    var quotaBytes: Int
    /// How long a member collects inputs before a turn; 0 for a turn after each input.
    var turnNanoseconds: Int64

    // Faults: how far apart the faults of one kind are on average.
    var faultInterval: Int64
    var adminInterval: Int64
    var clockRateMax: Double

    /// How long a request may stay unanswered, in true time on a clock of rate 1.
    var requestNanoseconds: Int64 { Int64(requestTimeoutTicks) * tickNanoseconds }

    /// How long an election timeout is at most, in true time on a clock of rate 1.
    var electionNanoseconds: Int64 { Int64(electionTicks) * tickNanoseconds }
}

extension Knobs {
    /// Draws the numbers of a run. What an ingredient does not want is drawn all the same, so that
    /// the other numbers stay what they are when it is left out.
    init(_ profile: Profile, _ ingredients: IngredientSet, using random: inout SplitMix64) {
        let has = ingredients.contains
        members = random.pick(profile.memberCounts)
        safetyNanoseconds = random.between(20, 40) * second
        delayMin = random.pick([50, 200, 500, 2_000]) * microsecond
        delayJitter = random.pick([1, 5, 20, 100, 300], if: has(.delay), else: 0) * millisecond
        delayJitter = max(delayJitter, delayMin / 2)
        lossPermille = random.pick([5, 20, 100, 300], if: has(.loss), else: 0)
        duplicationPermille = random.pick([10, 100, 500], if: has(.duplication), else: 0)
        isReordering = has(.reorder)
        syncNanoseconds = random.pick([200, 1_000, 4_000]) * microsecond
        commitNanoseconds = random.pick([2, 7, 30, 400]) * millisecond
        snapshotNanoseconds = random.pick([5, 50, 500]) * millisecond
        clients = random.between(2, 8)
        operationsPerSecond = random.pick([10, 20, 40, 100])
        keys = random.between(2, 10)
        valueBytesMax = random.pick([8, 40, 400])
        clientTimeout = random.pick([200, 1_000, 5_000]) * millisecond
        lostAnswersPermille = random.pick([10, 50, 200], if: has(.lostAnswers), else: 0)
        watchers = random.between(2, profile == .watches ? 8 : 4)
        if !has(.watches) { watchers = 0 }
        operationsMax = 6_000
        tickNanoseconds = 100 * millisecond
        electionTicks = random.pick([10, 10, 10, 5])
        requestTimeoutTicks = random.pick([20, 70])
        appendBytesMax = random.pick([1, 300, 1_000], if: has(.tinyBatches), else: 1 << 20)
        inflightAppendsMax = random.pick([1, 2, 3], if: has(.tinyBatches), else: 64)
        // One entry at a time must still catch up within the time allowed after the healing.
        if appendBytesMax < 300 { operationsPerSecond = min(operationsPerSecond, 20) }
        snapshotChunkBytes = random.pick([500, 2_000], if: has(.tinyBatches), else: 4_000)
        inflightSnapshotChunksMax = random.between(1, 4)
        uncommittedBytesMax = has(.tinyBatches) ? 4_000 : 1 << 20
        promotionLagMax = random.pick([2, 10, 100])
        entriesKept = random.pick([5, 10, 20], if: has(.shortLog), else: 5_000)
        commitTicks = random.pick([1, 1, 2, 5, 50])
        commitRecordsMax = random.pick([1, 20, 10_000])
        commitBytesMax = random.pick([100, 16 << 20])
        segmentBytes = random.pick([4 << 10, 8 << 10], if: has(.tinySegments), else: 64 << 10)
        compactionSliceMax = random.pick([1, 2, 4], if: has(.tinyCatchUp), else: 10_000)
        watchCatchUpEventsMax = random.pick([1, 2, 4], if: has(.tinyCatchUp), else: 10_000)
        watchDeliveryBytesMax = random.pick([40, 200, 1_000], if: has(.tinyCatchUp), else: 1 << 20)
        watchProgressTicks = random.pick([10, 10, 100])
        leaseCheckpointSeconds = random.pick([1, 2, 300])
        requestsMax = random.pick([20, 10_000, 10_000])
        turnNanoseconds =
            random.pick([20, 300, 5_000], if: has(.batchedTurns), else: 0) * microsecond
        faultInterval = random.pick([2, 4, 8]) * second
        adminInterval = random.pick([1, 2, 4]) * second
        clockRateMax = has(.clockRate) ? 2 : 1
        quotaBytes = random.pick([48 << 10, 96 << 10, 1 << 20, 1 << 20], if: has(.quota), else: 0)
    }
}

extension SplitMix64 {
    /// One of the elements, or `other`; draws the same in both cases.
    fileprivate mutating func pick<Element>(
        _ elements: [Element], if isOn: Bool, else other: Element
    ) -> Element {
        let drawn = pick(elements)
        return isOn ? drawn : other
    }
}

extension Knobs {
    /// Makes clients complete so many operations a second over the whole run.
    mutating func keepUp(_ rate: Int, using random: inout SplitMix64) {
        keepsUp = true
        // They are silent in the time that all is given to come right, about a quarter of the
        // run.
        operationsPerSecond = rate + rate * 2 / 5
        clients = random.between(12, 32)
        clientTimeout = min(clientTimeout, second)
        operationsMax = operationsPerSecond * 200
        // What a member missed must get to it within that time.
        appendBytesMax = max(appendBytesMax, 1_000)
        // A member under load takes in what has come before it ends its turn, as its thread does,
        // and commits more than one record at a time.
        turnNanoseconds = random.pick([0, 300, 1_000, 2_000, 5_000]) * microsecond
        commitRecordsMax = max(commitRecordsMax, 20)
        duplicationPermille = min(duplicationPermille, 100)
        // As short in time as in a run without load.
        if entriesKept < 1_000 { entriesKept *= 10 }
        snapshotChunkBytes = max(snapshotChunkBytes, 2_000)
    }
}

/// A microsecond in nanoseconds.
let microsecond: Int64 = 1_000
/// A millisecond in nanoseconds.
let millisecond: Int64 = 1_000_000
/// A second in nanoseconds.
let second: Int64 = 1_000_000_000
