internal import EtcdAPI
internal import StoreModel
internal import Transport
internal import Wire

extension KeyValueFailure {
    /// What the end of a call means for a caller that `mayHaveChanged` something.
    init(_ ending: GRPCEnding, mayHaveChanged: Bool) {
        let status = ending.status
        if let error = StoreError(status) {
            self = .store(error)
            return
        }
        switch status.code {
        case .resourceExhausted where status.message == "etcdserver: too many requests":
            self = .unavailable(status.message)
        case .unavailable, .deadlineExceeded, .cancelled, .unknown, .internal, .dataLoss, .aborted,
            .ok:
            self =
                mayHaveChanged && ending.hasRun
                ? .unknownOutcome(status.message) : .unavailable(status.message)
        case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .resourceExhausted,
            .failedPrecondition, .outOfRange, .unimplemented, .unauthenticated:
            self = .refused(status.message)
        }
    }
}
