internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// A request on its way to its answer.
struct Call {
    /// Who asked.
    enum Caller: Equatable {
        case client(Int)
        /// The operator, with a change of membership.
        case admin
        /// The operator, with anything else.
        case nobody
        case probe
    }

    /// What the answer is good for.
    enum Purpose {
        /// An operation of the history.
        case operation(HistoryRequest)
        case keepAlive(LeaseID)
        case timeToLive(LeaseID)
        /// Anything else; only that it is answered counts.
        case other
    }

    /// How far it is.
    enum State {
        case waiting
        case answered
        /// Nobody waits any more.
        case forgotten
    }

    var caller: Caller
    var purpose: Purpose
    var slot: Int
    var invokedAt: Int64
    var state = State.waiting
    /// The client will never see the answer.
    var isLost = false
}

/// All requests of a run, and the history that they make.
struct Calls {
    /// By request number, from 1 on.
    private var calls: [Call] = []
    /// What clients saw, in the order in which they saw it.
    private(set) var history: [Operation] = []
    /// What clients know of leases, and when.
    var leaseRecords: [LeaseRecord] = []
    /// Operations that clients sent.
    private(set) var operationCount = 0
    /// How many of them clients saw done.
    var completedCount = 0

    /// The number of the next request.
    var nextNumber: Int { calls.count + 1 }

    /// Notes a new request.
    mutating func add(_ call: Call) -> RequestID {
        calls.append(call)
        if case .client = call.caller { operationCount += 1 }
        return RequestID(UInt64(calls.count))
    }

    subscript(id: RequestID) -> Call {
        get { calls[Int(id.rawValue) - 1] }
        _modify { yield &calls[Int(id.rawValue) - 1] }
    }

    /// Adds an operation to the history.
    mutating func record(_ call: Call, _ request: HistoryRequest, _ outcome: Operation.Outcome) {
        var client = 0
        if case .client(let number) = call.caller { client = number + 1 }
        history.append(
            Operation(
                client: client, request: request, invokedAt: call.invokedAt, outcome: outcome))
    }
}
