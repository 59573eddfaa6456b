internal import Primitives
package import StoreModel
package import Wire

/// The store's refusals as etcd's clients know them, who match code and text exactly.
extension StoreError {
    /// What a client is told.
    package var status: GRPCStatus {
        switch self {
        case .emptyKey: GRPCStatus(.invalidArgument, "etcdserver: key is not provided")
        case .keyNotFound: GRPCStatus(.invalidArgument, "etcdserver: key not found")
        case .valueProvided: GRPCStatus(.invalidArgument, "etcdserver: value is provided")
        case .leaseProvided: GRPCStatus(.invalidArgument, "etcdserver: lease is provided")
        case .tooManyOperations:
            GRPCStatus(.invalidArgument, "etcdserver: too many operations in txn request")
        case .duplicateKey:
            GRPCStatus(.invalidArgument, "etcdserver: duplicate key given in txn request")
        case .nestedTooDeep:
            GRPCStatus(.invalidArgument, "etcdserver: transactions nested too deeply")
        case .compacted:
            GRPCStatus(.outOfRange, "etcdserver: mvcc: required revision has been compacted")
        case .futureRevision:
            GRPCStatus(.outOfRange, "etcdserver: mvcc: required revision is a future revision")
        case .leaseNotFound: GRPCStatus(.notFound, "etcdserver: requested lease not found")
        case .leaseExists: GRPCStatus(.failedPrecondition, "etcdserver: lease already exists")
        case .leaseTTLTooLarge: GRPCStatus(.outOfRange, "etcdserver: too large lease TTL")
        case .noSpace:
            GRPCStatus(.resourceExhausted, "etcdserver: mvcc: database space exceeded")
        case .corrupt: GRPCStatus(.dataLoss, "etcdserver: corrupt cluster")
        }
    }

    /// The refusal that a status stands for; nil if it is none of the store's. Revisions that go
    /// with a refusal are not told: they are zero.
    package init?(_ status: GRPCStatus) {
        guard let error = Self.all.first(where: { $0.status == status }) else { return nil }
        self = error
    }

    private static let all: [StoreError] = [
        .emptyKey, .keyNotFound, .valueProvided, .leaseProvided, .tooManyOperations,
        .duplicateKey, .nestedTooDeep, .compacted(floor: .zero), .futureRevision(current: .zero),
        .leaseNotFound, .leaseExists, .leaseTTLTooLarge, .noSpace, .corrupt,
    ]
}
