internal import EtcdAPI
package import Raft
package import ReplicatedStore
package import Wire

// Every refusal as etcd's clients know it: they match code and text exactly. One table for each
// of our error types (the store's own is `StoreError+Status.swift`); the compiler sees to it that
// no case is forgotten.

/// etcd's errors that belong to no type of the store: what the services themselves refuse.
package enum EtcdError {
    /// Nobody leads.
    package static let noLeader = GRPCStatus(.unavailable, "etcdserver: no leader")
    /// The server is stopping.
    package static let stopped = GRPCStatus(.unavailable, "etcdserver: server stopped")
    /// Not all members that matter are connected.
    package static let unhealthy = GRPCStatus(.unavailable, "etcdserver: unhealthy cluster")
    /// Peer URLs that cannot be read, or none.
    package static let memberURLsInvalid = GRPCStatus(
        .invalidArgument, "etcdserver: given member URLs are invalid")
    /// Another member has one of the peer URLs.
    package static let peerURLsExist = GRPCStatus(
        .failedPrecondition, "etcdserver: Peer URLs already exists")
    /// The change would lose the quorum.
    package static let notEnoughStartedMembers = GRPCStatus(
        .failedPrecondition,
        "etcdserver: re-configuration failed due to not enough started members")
    /// Only a member without a vote can be promoted.
    package static let notLearner = GRPCStatus(
        .failedPrecondition, "etcdserver: can only promote a learner member")
    /// `--max-learners` members have no vote.
    package static let tooManyLearners = GRPCStatus(
        .failedPrecondition, "etcdserver: too many learner members in cluster")
    /// A member without a vote does not serve this.
    package static let notSupportedForLearner = GRPCStatus(
        .failedPrecondition, "etcdserver: rpc not supported for learner")
    /// Only the leader serves this.
    package static let notLeader = GRPCStatus(.failedPrecondition, "etcdserver: not leader")
    /// Authentication is never on.
    package static let authenticationDisabled = GRPCStatus(
        .failedPrecondition, "etcdserver: authentication is not enabled")
    /// The concurrency recipes' own texts, which etcd gives the code Unknown.
    package static let sessionExpired = GRPCStatus(.unknown, "mutex: session is expired")
    /// The key is no longer that of the leader.
    package static let electionNotLeader = GRPCStatus(.unknown, "election: not leader")
    /// Nobody has campaigned.
    package static let electionNoLeader = GRPCStatus(.unknown, "election: no leader")
    /// A request that must name the leader does not.
    package static let leaderKeyMissing = GRPCStatus(
        .invalidArgument, "\"leader\" field must be provided")
    /// Not etcd's: we keep no older formats to go back to.
    package static let noDowngrade = GRPCStatus(
        .unimplemented, "keelson: downgrades are not supported")

    /// Bytes that are no message of the method.
    package static func malformed(_ error: ProtobufError) -> GRPCStatus {
        GRPCStatus(.internal, "grpc: error unmarshalling request: \(error)")
    }
}

extension RequestError {
    /// What a client is told.
    package var status: GRPCStatus {
        switch self {
        case .store(let error): error.status
        case .noLeader: EtcdError.noLeader
        case .timedOut: GRPCStatus(.unavailable, "etcdserver: request timed out")
        case .leaderChanged: GRPCStatus(.unavailable, "etcdserver: leader changed")
        case .tooManyRequests: GRPCStatus(.resourceExhausted, "etcdserver: too many requests")
        case .tooLarge: GRPCStatus(.invalidArgument, "etcdserver: request is too large")
        case .stopped: EtcdError.stopped
        case .learner: EtcdError.notSupportedForLearner
        case .membership(let refusal): refusal.status
        case .memberExists:
            GRPCStatus(.failedPrecondition, "etcdserver: member ID already exist")
        case .memberNotFound: GRPCStatus(.notFound, "etcdserver: member not found")
        case .badTransferee:
            GRPCStatus(.failedPrecondition, "etcdserver: bad leader transferee")
        }
    }
}

extension ProposalRefusal {
    /// What a client is told.
    package var status: GRPCStatus {
        switch self {
        case .noLeader, .transferring: EtcdError.noLeader
        case .tooMuchUncommitted:
            GRPCStatus(.resourceExhausted, "etcdserver: too many requests")
        case .notMember: EtcdError.stopped
        // etcd queues one change behind another and has no text for it; its clients take this
        // one as a reason to try again.
        case .membershipChangePending: EtcdError.unhealthy
        case .learnerNotReady:
            GRPCStatus(
                .failedPrecondition,
                "etcdserver: can only promote a learner member which is in sync with leader")
        case .invalidMembership: EtcdError.notEnoughStartedMembers
        case .notLeader: EtcdError.notLeader
        }
    }
}
