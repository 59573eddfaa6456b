internal import Primitives
internal import StoreModel

/// A client request that waits for an entry of the log to be applied, or for a leader.
struct PendingRequest {
    /// Which of this member's requests; zero for a renewal that another member asks for.
    var requestID: RequestID
    /// What the entry's result becomes.
    var kind: Kind
    /// The member's tick at which it is given up.
    var deadlineTick: UInt64

    /// What a waiting request is about.
    enum Kind {
        /// Answered with the command's own response.
        case command
        /// Answered with the member list.
        case membershipChange
        /// Answered with the renewal of this lease, once its checkpoint is cleared.
        case checkpointClear(LeaseRenewal)
    }
}

/// The requests of this member's clients that wait for the log, by request number.
///
/// All have the same timeout, so that deadlines come in the order of the numbers and one queue
/// serves them.
struct PendingRequests {
    private var byNumber: [UInt64: PendingRequest] = [:]
    private var deadlines: [(tick: UInt64, number: UInt64)] = []
    private var firstDeadline = 0

    /// How many wait.
    var count: Int { byNumber.count }

    /// Remembers a request until it is taken or its time is over.
    mutating func insert(_ request: PendingRequest, number: UInt64) {
        invariant(byNumber[number] == nil, "request number \(number) is used twice")
        byNumber[number] = request
        deadlines.append((request.deadlineTick, number))
    }

    /// Removes and returns the request with this number, if it still waits.
    mutating func take(_ number: UInt64) -> PendingRequest? {
        byNumber.removeValue(forKey: number)
    }

    /// Whether a request with this number waits.
    func contains(_ number: UInt64) -> Bool {
        byNumber[number] != nil
    }

    /// Removes the requests whose time is over, oldest first.
    mutating func takeExpired(at tick: UInt64) -> [(number: UInt64, request: PendingRequest)] {
        var expired: [(number: UInt64, request: PendingRequest)] = []
        while firstDeadline < deadlines.count, deadlines[firstDeadline].tick <= tick {
            let number = deadlines[firstDeadline].number
            if let request = byNumber.removeValue(forKey: number) {
                expired.append((number, request))
            }
            firstDeadline += 1
        }
        if firstDeadline > 1_024, firstDeadline * 2 > deadlines.count {
            deadlines.removeFirst(firstDeadline)
            firstDeadline = 0
        }
        return expired
    }

    /// Forgets the request of a client that went away.
    mutating func forget(_ requestID: RequestID) {
        for (number, request) in byNumber where request.requestID == requestID {
            byNumber.removeValue(forKey: number)
            return
        }
    }

    /// Removes all, in the order in which they came.
    mutating func takeAll() -> [PendingRequest] {
        let numbers = byNumber.keys.sorted()
        let all = numbers.compactMap { byNumber[$0] }
        self = PendingRequests()
        return all
    }
}
