internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel

/// Client requests: admission, proposing, refusals and time-outs.
extension Member {
    /// A client asks for something.
    mutating func receive(_ request: ClientRequest, _ id: RequestID) {
        guard waitingCount < configuration.requestsMax else {
            respond(id, .failure(.tooManyRequests))
            return
        }
        switch request {
        case .command(let command): propose(command, for: id)
        case .range(let range, let isSerializable):
            isSerializable ? serveSerializable(.range(id, range)) : awaitIndex(.range(id, range))
        case .readTransaction(let transaction, let isSerializable):
            isSerializable
                ? serveSerializable(.transaction(id, transaction))
                : awaitIndex(.transaction(id, transaction))
        case .leaseKeepAlive(let lease):
            ask(.keepAlive(lease), .client(id))
        case .leaseTimeToLive(let lease, let wantsKeys):
            receiveTimeToLive(lease, wantsKeys: wantsKeys, id)
        case .leases: awaitIndex(.leases(id))
        case .members: awaitIndex(.members(id))
        case .readBarrier: awaitIndex(.barrier(id))
        case .changeMembership(let steps, let attributes):
            changeMembership(steps, attributes: attributes, id)
        case .moveLeader(let target): transferLeadership(to: target, id)
        case .status: respond(id, .success(.status(status())))
        case .hashKV(let revision): serveSerializable(.hash(id, revision))
        }
    }

    /// How many requests wait for an answer.
    var waitingCount: Int {
        pending.count + reads.count + leaseQuestions.count + transfers.count
    }

    /// Nobody waits for the answer any more.
    mutating func forget(_ id: RequestID) {
        pending.forget(id)
        reads.forget(id)
        leaseQuestions.removeAll { $0.renewal.clientID == id }
        timeToLiveKeys.remove(id)
        transfers.removeAll { $0.requestID == id }
    }

    /// The next request number; unique across this member's restarts (the seed differs).
    mutating func nextRequestNumber() -> UInt64 {
        lastRequestNumber += 1
        return lastRequestNumber
    }

    /// Puts a client's command on its way into the log.
    private mutating func propose(_ command: Command, for id: RequestID) {
        do {
            try store.validate(command)
        } catch {
            respond(id, .failure(.store(error)))
            return
        }
        let number = nextRequestNumber()
        let bytes = Proposal(origin: self.id, requestNumber: number, command: command).encoded()
        guard bytes.count <= configuration.requestBytesMax + 512 else {
            respond(id, .failure(.tooLarge))
            return
        }
        pending.insert(
            PendingRequest(requestID: id, kind: .command, deadlineTick: requestDeadline),
            number: number)
        proposals.append(bytes)
    }

    /// Proposes a command that no client waits for.
    mutating func proposeQuietly(_ command: Command) {
        proposals.append(Proposal(origin: id, requestNumber: 0, command: command).encoded())
    }

    /// The tick at which a request that starts now is given up.
    var requestDeadline: UInt64 { tick + UInt64(configuration.requestTimeoutTicks) }

    /// Hands the turn's commands to Raft as one batch.
    mutating func proposeAll() {
        guard !proposals.isEmpty else { return }
        let batch = proposals
        proposals.removeAll(keepingCapacity: true)
        absorb(raft.step(.propose(batch)))
    }

    /// A leader is there: what waited for one is proposed.
    mutating func reproposeForNewLeader() {
        proposals += proposalsWithoutLeader
        proposalsWithoutLeader = []
    }

    /// Raft did not take a command of this member or of one that forwarded it.
    mutating func refuse(_ bytes: Bytes, _ refusal: ProposalRefusal) {
        // What has no address is no proposal of ours: nobody waits for it.
        guard let address = try? Proposal.address(of: bytes) else { return }
        guard address.origin == id else {
            output.messages.append(
                .refusal(
                    from: id, to: address.origin, number: address.requestNumber, refusal))
            return
        }
        guard address.requestNumber != 0 else { return }
        switch refusal {
        case .noLeader where pending.contains(address.requestNumber),
            .transferring where pending.contains(address.requestNumber):
            proposalsWithoutLeader.append(bytes)
        default: refuse(number: address.requestNumber, refusal)
        }
    }

    /// Answers the request whose proposal was refused: it did not and will not take place.
    mutating func refuse(number: UInt64, _ refusal: ProposalRefusal) {
        guard let request = pending.take(number) else { return }
        let error: RequestError
        switch (refusal, request.kind) {
        case (.noLeader, _), (.transferring, _), (.notLeader, _): error = .noLeader
        case (.tooMuchUncommitted, _): error = .tooManyRequests
        case (.notMember, .command): error = .stopped
        default: error = .membership(refusal)
        }
        giveUp(request, error)
    }

    /// Answers a request that comes to nothing.
    mutating func giveUp(_ request: PendingRequest, _ error: RequestError) {
        switch request.kind {
        case .command, .membershipChange: respond(request.requestID, .failure(error))
        case .checkpointClear(let renewal): refuse(renewal, error)
        }
    }

    /// Takes forwarded proposals in that belong to this leader's term and are new; nil if the
    /// message is of another term, since it might be a repetition that nobody can recognise.
    mutating func admitForwarded(_ proposals: [Bytes], _ message: Message) -> [Bytes]? {
        guard raft.isLeader, message.term == raft.term else { return nil }
        return proposals.filter { bytes in
            // What was damaged on the way is dropped: its client gets a time-out.
            guard let address = try? Proposal.address(of: bytes) else { return false }
            guard address.requestNumber != 0 else { return true }
            return forwarded.admit(origin: address.origin, number: address.requestNumber)
        }
    }

    /// Gives up what has waited too long.
    mutating func expireRequests() {
        for (_, request) in pending.takeExpired(at: tick) {
            giveUp(request, .timedOut)
        }
        if !proposalsWithoutLeader.isEmpty {
            proposalsWithoutLeader.removeAll { bytes in
                // Our own encoding always has an address.
                guard let address = try? Proposal.address(of: bytes) else { return true }
                return !pending.contains(address.requestNumber)
            }
            // Raft may know a leader without having said so in this turn (a transfer that failed).
            if raft.leader != .zero { reproposeForNewLeader() }
        }
        for read in reads.takeExpired(at: tick) {
            expire(read)
        }
        let expired = transfers.filter { $0.deadlineTick <= tick }
        transfers.removeAll { $0.deadlineTick <= tick }
        for transfer in expired {
            respond(transfer.requestID, .failure(.timedOut))
        }
    }

    /// Queues an answer.
    mutating func respond(_ id: RequestID, _ result: Result<ClientResponse.Body, RequestError>) {
        output.responses.append(
            (id, result.map { ClientResponse(header: header, body: $0) }))
    }

    /// The header of an answer made now.
    var header: ResponseHeader {
        ResponseHeader(
            clusterID: configuration.clusterID, memberID: id, revision: store.revision,
            term: raft.term)
    }

    /// What this member knows of itself.
    package func status() -> MemberStatus {
        let sizes = backendSizes
        return MemberStatus(
            leader: raft.leader, term: raft.term, lastIndex: raft.lastEntry.index,
            commitIndex: raft.commitIndex, appliedIndex: store.appliedIndex,
            revision: store.revision, compactRevision: store.compactRevision,
            isLearner: raft.membership.learners.contains(id),
            allocatedBytes: sizes.allocatedBytes, inUseBytes: sizes.inUseBytes,
            alarms: store.alarms)
    }

    /// Hashes the history of this member.
    mutating func answerHash(_ revision: Revision, _ id: RequestID) {
        do {
            let answer = try store.hashKV(through: revision)
            respond(
                id,
                .success(
                    .hashKV(
                        answer.hash, revision: answer.revision,
                        compactRevision: answer.compactRevision)))
        } catch {
            respond(id, .failure(.store(error)))
        }
    }
}
