public import Primitives

/// Who takes part (Raft §6). All lists are sorted and without repetition.
public struct Membership: Sendable, Equatable, Hashable {
    /// The voters; while joint, the incoming ones.
    public var voters: [PeerID]
    /// While joint the outgoing voters, else empty.
    public var outgoingVoters: [PeerID]
    /// Members that receive the log but do not vote.
    public var learners: [PeerID]
    /// While joint, outgoing voters that become learners when the joint phase ends.
    public var nextLearners: [PeerID]

    /// Makes a membership; sorts its lists.
    public init(
        voters: [PeerID], outgoingVoters: [PeerID] = [], learners: [PeerID] = [],
        nextLearners: [PeerID] = []
    ) {
        self.voters = voters.sorted()
        self.outgoingVoters = outgoingVoters.sorted()
        self.learners = learners.sorted()
        self.nextLearners = nextLearners.sorted()
    }

    /// Whether decisions need a majority of both voter lists.
    public var isJoint: Bool { !outgoingVoters.isEmpty }

    /// Voters of either list and learners, sorted.
    public var everyone: [PeerID] {
        Set(voters + outgoingVoters + learners + nextLearners).sorted()
    }

    /// Whether `peer` has a vote in either list.
    public func isVoter(_ peer: PeerID) -> Bool {
        voters.contains(peer) || outgoingVoters.contains(peer)
    }
}

/// One step of a membership change.
public enum MembershipStep: Sendable, Equatable, Hashable {
    /// Adds a member without a vote.
    case addLearner(PeerID)
    /// Adds a voter, or gives a learner its vote; a learner must have caught up.
    case addVoter(PeerID)
    /// Takes a voter's vote away but keeps sending it the log.
    case demote(PeerID)
    /// Removes a voter or learner.
    case remove(PeerID)
}

/// A change of membership: a single step that keeps old and new majorities overlapping goes
/// straight to the new membership (thesis §4.1), several steps go through a joint one (Raft §6),
/// which the leader leaves by itself once it is committed.
public struct MembershipChange: Sendable, Equatable {
    /// Applied together.
    public var steps: [MembershipStep]
    /// An opaque command applied by the state machine with the entry.
    public var context: Bytes
    /// Goes through a joint membership even for a single step.
    public var alwaysJoint: Bool

    /// Makes a change.
    public init(steps: [MembershipStep], context: Bytes = [], alwaysJoint: Bool = false) {
        self.steps = steps
        self.context = context
        self.alwaysJoint = alwaysJoint
    }
}
