import Primitives
import Raft

/// What an all-knowing observer has seen, to hold the Raft paper's figure 3 against.
struct SafetyLedger {
    /// Election Safety: at most one leader for each term.
    private(set) var leaders: [Term: PeerID] = [:]
    /// What some member took as committed, by index.
    private(set) var committed: [LogIndex: Entry] = [:]
    /// The highest index in `committed`.
    private(set) var commitIndex = LogIndex.zero
    /// What was committed when a read was asked for.
    var readFloors: [ReadRequestID: LogIndex] = [:]
    /// By leader, its term and follower: the highest match that reached the leader.
    var acknowledged: [Link: (term: Term, match: LogIndex)] = [:]

    /// A member leads. Returns what is wrong with that.
    mutating func lead(_ id: PeerID, _ term: Term, log: TestDisk) -> [String] {
        var faults: [String] = []
        if let other = leaders[term] {
            faults.append("\(other) and \(id) both became leader of term \(term)")
        }
        leaders[term] = id
        // Leader Completeness, Raft §5.4.
        for (index, entry) in committed.sorted(by: { $0.key < $1.key })
        where !log.holds(entry) {
            faults.append("leader \(id) of term \(term) lacks committed entry \(index)")
        }
        return faults
    }

    /// A member takes `entry` as committed. State Machine Safety, Raft §5.4.3.
    mutating func commit(_ entry: Entry, by id: PeerID) -> String? {
        if let known = committed[entry.index], known != entry {
            return "\(id) committed \(entry.line) where \(known.line) was committed"
        }
        committed[entry.index] = entry
        commitIndex = max(commitIndex, entry.index)
        return nil
    }

    /// Log Matching, Raft §5.3: where terms agree, everything before agrees.
    static func mismatch(_ one: TestDisk, _ other: TestDisk) -> LogIndex? {
        var index = min(one.lastIndex, other.lastIndex)
        var mustAgree = false
        while let left = one.entry(at: index), let right = other.entry(at: index) {
            if left == right {
                mustAgree = true
            } else if mustAgree || left.term == right.term {
                return index
            }
            index = index.previous
        }
        return nil
    }
}

/// The majority rule by brute force, from the paper's words and not from the module.
enum BruteForce {
    static func isMajority(of voters: [PeerID], _ chosen: (PeerID) -> Bool) -> Bool {
        2 * voters.count { chosen($0) } > voters.count
    }

    /// Raft §6: a joint membership needs separate majorities of both lists.
    static func isQuorum(of membership: Membership, _ chosen: (PeerID) -> Bool) -> Bool {
        isMajority(of: membership.voters, chosen)
            && (!membership.isJoint || isMajority(of: membership.outgoingVoters, chosen))
    }

    /// Whether every quorum of one shares a member with every quorum of the other.
    static func quorumsIntersect(_ one: Membership, _ other: Membership) -> Bool {
        let everyone = Set(one.everyone + other.everyone).sorted()
        return !(0..<(1 << everyone.count)).contains { subset in
            func isIn(_ peer: PeerID) -> Bool {
                subset >> everyone.firstIndex(of: peer)! & 1 == 1
            }
            return isQuorum(of: one, isIn) && isQuorum(of: other) { !isIn($0) }
        }
    }
}
