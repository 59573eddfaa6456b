internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// Requests to members and their answers.
extension Simulation {
    /// Asks a member; the answer may come at once.
    @discardableResult
    mutating func ask(
        _ slot: Int, _ request: ClientRequest, _ purpose: Call.Purpose, by caller: Call.Caller,
        isLost: Bool = false
    ) throws(RunFailure) -> RequestID {
        var call = Call(caller: caller, purpose: purpose, slot: slot, invokedAt: now)
        call.isLost = isLost
        let id = calls.add(call)
        machines[slot].outstanding.append(id.rawValue)
        note(slot) { "is asked (\(id.rawValue)): \(describe(request))" }
        try give(slot, .request(id, request))
        return id
    }

    /// A client does not wait any longer.
    mutating func giveUp(_ id: RequestID) throws(RunFailure) {
        guard calls[id].state == .waiting else { return }
        calls[id].state = .forgotten
        let slot = calls[id].slot
        machines[slot].outstanding.removeAll { $0 == id.rawValue }
        recordUnknown(id)
        try give(slot, .forget(id))
    }

    /// A process ended: what it had not answered stays open for ever.
    mutating func loseRequests(_ slot: Int) {
        let lost = machines[slot].outstanding
        machines[slot].outstanding = []
        for number in lost {
            let id = RequestID(number)
            guard calls[id].state == .waiting else { continue }
            calls[id].state = .forgotten
            recordUnknown(id)
        }
    }

    private mutating func recordUnknown(_ id: RequestID) {
        let call = calls[id]
        guard case .operation(let request) = call.purpose else { return }
        if case .range = request { return }
        if case .transaction(let transaction) = request, transaction.isReadOnly { return }
        coverage.reach(.writeWithUnknownResult)
        calls.record(call, request, .unknown)
    }

    /// A member answers.
    mutating func answer(
        _ id: RequestID, _ result: Result<ClientResponse, RequestError>, from slot: Int
    ) throws(RunFailure) {
        let call = calls[id]
        note(slot) { "answers (\(id.rawValue)): \(describe(result))" }
        switch call.state {
        case .forgotten: return
        case .answered:
            throw RunFailure("Member", "member \(slot + 1) answered request \(id.rawValue) twice")
        case .waiting: break
        }
        calls[id].state = .answered
        machines[slot].outstanding.removeAll { $0 == id.rawValue }
        if call.isLost {
            recordUnknown(id)
            return
        }
        switch result {
        case .success(let response): try succeed(id, call, response)
        case .failure(let error): fail(id, call, error)
        }
    }

    private mutating func succeed(
        _ id: RequestID, _ call: Call, _ response: ClientResponse
    ) throws(RunFailure) {
        see(response.header.revision, call.caller)
        switch call.purpose {
        case .operation(let request):
            try record(request, call, response)
        case .keepAlive(let lease): noteRenewal(of: lease, call, response)
        case .timeToLive(let lease): try noteTime(of: lease, response)
        case .other: break
        }
        goOn(call.caller, id, succeeded: true, isCertain: true)
    }

    private mutating func record(
        _ request: HistoryRequest, _ call: Call, _ response: ClientResponse
    ) throws(RunFailure) {
        let answer: HistoryResponse?
        switch response.body {
        case .command(let command): answer = HistoryResponse(command)
        case .range(let range): answer = .range(range)
        case .transaction(let transaction): answer = .transaction(transaction)
        default: answer = nil
        }
        guard let answer else {
            throw RunFailure("C1", "\(describe(request)) was answered \(response.body)")
        }
        calls.record(
            call, request, .completed(at: now, revision: response.header.revision, answer))
        switch (request, answer) {
        case (.compact, _): coverage.reach(.compactionDone)
        case (.transaction, .transaction(let answer)):
            if !answer.succeeded { coverage.reach(.transactionFailedItsConditions) }
        case (.leaseGrant, .leaseGrant(let lease, let ttl)):
            noteGrant(of: lease, ttlSeconds: ttl, call)
        default: break
        }
    }

    private mutating func fail(
        _ id: RequestID, _ call: Call, _ error: RequestError
    ) {
        var isCertain = true
        switch error {
        case .store(let error):
            noteRefusal(error)
            if case .operation(let request) = call.purpose {
                calls.record(call, request, .failed(at: now, error))
            }
        case .timedOut, .leaderChanged, .stopped:
            isCertain = false
            coverage.reach(.requestTimedOut)
            recordUnknown(id)
        case .tooManyRequests: coverage.reach(.requestRefusedAsOverload)
        case .noLeader, .tooLarge, .learner, .membership, .memberExists, .memberNotFound,
            .badTransferee:
            // Certainly without effect: were it otherwise, the log would hold a change that no
            // operation explains.
            break
        }
        goOn(call.caller, id, succeeded: false, isCertain: isCertain)
    }

    private mutating func noteRefusal(_ error: StoreError) {
        switch error {
        case .compacted: coverage.reach(.compactedReadRefused)
        case .futureRevision: coverage.reach(.futureRevisionRefused)
        default: break
        }
    }
}
