internal import Primitives

/// A rolling hash over everything that happens, so that two runs of a seed can be compared.
struct HashLog {
    private var hasher = StableHasher()
    private let recordsAll: Bool
    /// The hash before each event, where they are kept.
    private(set) var all: [UInt64] = []

    init(recordsAll: Bool) { self.recordsAll = recordsAll }

    /// The hash of all so far.
    var value: UInt64 { hasher.value }

    /// An event begins.
    mutating func add(event: SimulatedEvent, at time: Int64) {
        if recordsAll { all.append(hasher.value) }
        hasher.combine(time)
        hasher.combine(event.digest)
    }

    /// Something came of it.
    mutating func add(_ value: UInt64) { hasher.combine(value) }
}

extension SimulatedEvent {
    /// A number that differs where the events differ in kind or in whom they concern.
    fileprivate var digest: UInt64 {
        switch self {
        case .tick(let slot, let epoch): return 1 << 56 | UInt64(slot) << 40 | epoch
        case .turn(let slot, let epoch): return 2 << 56 | UInt64(slot) << 40 | epoch
        case .message(let link, let epoch, _, _, _): return 3 << 56 | UInt64(link) << 40 | epoch
        case .unreachable(let slot, _, let peer):
                return 4 << 56 | UInt64(slot) << 40 | peer.rawValue
        case .job(let slot, _, let number): return 5 << 56 | UInt64(slot) << 40 | number
        case .start(let slot, let epoch): return 6 << 56 | UInt64(slot) << 40 | epoch
        case .client(let client): return 7 << 56 | UInt64(client)
        case .watcher(let watcher): return 8 << 56 | UInt64(watcher)
        case .fault(let position): return 9 << 56 | UInt64(position)
        case .faultEnds(let fault): return 10 << 56 | UInt64(fault)
        case .diskRecovers(let slot, let fault):
                return 11 << 56 | UInt64(slot) << 40 | UInt64(fault)
        case .admin(let step): return 12 << 56 | UInt64(step)
        case .heal: return 13 << 56
        case .inspect: return 14 << 56
        case .rejoin: return 15 << 56
        }
    }
}
