package import Primitives

/// Who led which term, for R1.
package struct LeaderRegistry: Sendable {
    private var leaders: [Term: PeerID] = [:]

    /// No term has had a leader yet.
    package init() {}

    /// The leader of `term` so far.
    package func leader(of term: Term) -> PeerID? { leaders[term] }

    /// A member became leader.
    /// - Throws: `.twoLeaders` if the term has another one (Raft §5.2, Election Safety).
    package mutating func record(_ leader: PeerID, term: Term) throws(Violation) {
        let known = leaders[term] ?? leader
        leaders[term] = known
        if known == leader { return }
        throw Violation(.twoLeaders, "term \(term) has two leaders, \(known) and \(leader)")
    }
}
