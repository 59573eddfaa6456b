internal import Environment
internal import Primitives

/// Decides when history is forgotten by itself, as etcd's two modes do. Told the time; the leader
/// carries its answers out.
struct AutoCompactor {
    private static let minute: Int64 = 60_000_000_000
    private static let hour = 60 * minute

    private let mode: StoreSettings.AutoCompaction
    /// Revisions seen, one for each interval, oldest first.
    private var seen: [(at: Int64, revision: Revision)] = []
    private var nextLook: Int64?
    private var lastTarget = Revision.zero

    init(_ mode: StoreSettings.AutoCompaction) {
        self.mode = mode
    }

    /// How often the revision is looked at: ten times in the period and at least every six
    /// minutes (periodic, etcd), or every five minutes (by revisions, etcd).
    private var interval: Int64 {
        switch mode {
        case .off: Self.hour
        case .periodic(let period): max(1_000_000, min(period, Self.hour) / 10)
        case .revisions: 5 * Self.minute
        }
    }

    /// The revision to compact to now; nil for not now. To be called at every tick, on each
    /// member, so that a new leader knows the past.
    mutating func tick(_ now: MonotonicInstant, revision: Revision) -> Revision? {
        guard mode != .off else { return nil }
        let instant = now.nanoseconds
        guard instant >= nextLook ?? instant else { return nil }
        nextLook = instant + interval
        let target: Revision
        switch mode {
        case .off: return nil
        case .revisions(let kept): target = Revision(revision.rawValue - kept)
        case .periodic(let period):
            seen.append((instant, revision))
            guard let place = seen.lastIndex(where: { $0.at <= instant - period }) else {
                return nil
            }
            target = seen[place].revision
            seen.removeFirst(place)
        }
        guard target > lastTarget, target.rawValue > 1 else { return nil }
        lastTarget = target
        return target
    }
}
