import EtcdServer
import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing
import Wire

/// Clients match code and text: both are etcd's, to the letter.
@Suite struct `Status table` {
    private static let ofStore: [(StoreError, GRPCStatus.Code, String)] = [
        (.emptyKey, .invalidArgument, "etcdserver: key is not provided"),
        (.keyNotFound, .invalidArgument, "etcdserver: key not found"),
        (.valueProvided, .invalidArgument, "etcdserver: value is provided"),
        (.leaseProvided, .invalidArgument, "etcdserver: lease is provided"),
        (.tooManyOperations, .invalidArgument, "etcdserver: too many operations in txn request"),
        (.duplicateKey, .invalidArgument, "etcdserver: duplicate key given in txn request"),
        (.nestedTooDeep, .invalidArgument, "etcdserver: transactions nested too deeply"),
        (
            .compacted(floor: Revision(3)), .outOfRange,
            "etcdserver: mvcc: required revision has been compacted"
        ),
        (
            .futureRevision(current: Revision(3)), .outOfRange,
            "etcdserver: mvcc: required revision is a future revision"
        ),
        (.leaseNotFound, .notFound, "etcdserver: requested lease not found"),
        (.leaseExists, .failedPrecondition, "etcdserver: lease already exists"),
        (.leaseTTLTooLarge, .outOfRange, "etcdserver: too large lease TTL"),
        (.noSpace, .resourceExhausted, "etcdserver: mvcc: database space exceeded"),
        (.corrupt, .dataLoss, "etcdserver: corrupt cluster"),
    ]

    @Test(arguments: ofStore)
    func `what the store refuses`(error: StoreError, code: GRPCStatus.Code, text: String) {
        #expect(error.status == GRPCStatus(code, text))
        #expect(RequestError.store(error).status == GRPCStatus(code, text))
    }

    private static let ofRequests: [(RequestError, GRPCStatus.Code, String)] = [
        (.noLeader, .unavailable, "etcdserver: no leader"),
        (.timedOut, .unavailable, "etcdserver: request timed out"),
        (.leaderChanged, .unavailable, "etcdserver: leader changed"),
        (.tooManyRequests, .resourceExhausted, "etcdserver: too many requests"),
        (.tooLarge, .invalidArgument, "etcdserver: request is too large"),
        (.stopped, .unavailable, "etcdserver: server stopped"),
        (.learner, .failedPrecondition, "etcdserver: rpc not supported for learner"),
        (.memberExists, .failedPrecondition, "etcdserver: member ID already exist"),
        (.memberNotFound, .notFound, "etcdserver: member not found"),
        (.badTransferee, .failedPrecondition, "etcdserver: bad leader transferee"),
        (
            .membership(.learnerNotReady(PeerID(1))), .failedPrecondition,
            "etcdserver: can only promote a learner member which is in sync with leader"
        ),
        (.membership(.notLeader), .failedPrecondition, "etcdserver: not leader"),
        (.membership(.membershipChangePending), .unavailable, "etcdserver: unhealthy cluster"),
    ]

    @Test(arguments: ofRequests)
    func `what a member refuses`(error: RequestError, code: GRPCStatus.Code, text: String) {
        #expect(error.status == GRPCStatus(code, text))
    }
}
