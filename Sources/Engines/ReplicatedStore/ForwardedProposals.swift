internal import Primitives

/// The forwarded proposals that a leader has taken in its present term.
///
/// A network may deliver a message twice. A forwarded message counts only in the term that it
/// names, so it is enough to remember numbers for one term; they are forgotten oldest first, and
/// a number older than all that are remembered is refused, since nobody can tell whether it was
/// seen (its client gets a time-out, never a double effect). Numbers of one run of a member
/// ascend; those of its next run may be lower, and what comes late of the run before is refused.
struct ForwardedProposals {
    /// Numbers remembered for each origin.
    static let rememberedMax = 4_096
    /// The lower bits of a number count; those above them name the run of the member.
    static let countBits: UInt64 = 40

    private struct Origin {
        let peer: PeerID
        var run: UInt64
        var seen: Set<UInt64> = []
        var order: [UInt64] = []
        var floor: UInt64 = 0
        var endedRuns: [UInt64] = []

        init(peer: PeerID, run: UInt64) {
            self.peer = peer
            self.run = run
        }

        /// The process of the member has started again.
        mutating func begin(_ run: UInt64) {
            let ended = endedRuns + [self.run]
            self = Origin(peer: peer, run: run)
            endedRuns = ended
        }
    }
    private var origins: [Origin] = []

    /// Whether the proposal is seen for the first time; remembers it.
    mutating func admit(origin peer: PeerID, number: UInt64) -> Bool {
        let run = number >> Self.countBits
        let position: Int
        if let known = origins.firstIndex(where: { $0.peer == peer }) {
            position = known
        } else {
            position = origins.count
            origins.append(Origin(peer: peer, run: run))
        }
        guard !origins[position].endedRuns.contains(run) else { return false }
        if run != origins[position].run { origins[position].begin(run) }
        guard number > origins[position].floor,
            origins[position].seen.insert(number).inserted
        else { return false }
        origins[position].order.append(number)
        if origins[position].order.count > Self.rememberedMax * 2 {
            let forgotten = origins[position].order.prefix(Self.rememberedMax)
            for old in forgotten {
                origins[position].seen.remove(old)
                origins[position].floor = max(origins[position].floor, old)
            }
            origins[position].order.removeFirst(Self.rememberedMax)
        }
        return true
    }
}
