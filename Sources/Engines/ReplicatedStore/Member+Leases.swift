internal import Leasing
internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel

/// The leader's clock for leases, and renewals from everywhere.
extension Member {
    /// The first entry of this leader's term is applied: the set of leases is complete, and every
    /// one gets its checkpointed or full time from now on.
    mutating func becomePrimary() {
        deadlines.promote(term: raft.term, leases: store.leaseTerms, now: now)
    }

    /// Another member's clock rules, or nobody's.
    mutating func stopBeingPrimary() {
        if configuration.mutation.isActive(.oldLeaderRevokesLeases) { return }
        deadlines.demote()
    }

    /// Lets the deadlines follow an applied command.
    mutating func follow(_ command: Command, _ outcome: ApplyOutcome) {
        guard isPrimary, case .success(let response) = outcome.result else { return }
        switch (command, response) {
        case (_, .leaseGrant(let lease, let seconds)):
            deadlines.granted(lease, ttlSeconds: seconds, now: now)
        case (.leaseRevoke(let lease), _):
            deadlines.revoked(lease)
        case (.leaseExpire(let leases, _, _), _):
            for lease in leases where !store.hasLease(lease) {
                deadlines.revoked(lease)
            }
        default: break
        }
    }

    /// Proposes what the clock makes due. Only a leader's own log takes it, and only an entry of
    /// the same term has an effect: an old leader cannot revoke what a new one renews
    /// (etcd #15247).
    mutating func manageLeases() {
        guard isPrimary else { return }
        let expired = deadlines.expired(now: now, max: 1_000)
        if !expired.isEmpty {
            proposeAsLeader(
                .leaseExpire(expired, term: raft.term, asOf: store.appliedIndex))
        }
        let checkpoints = deadlines.checkpointsDue(now: now, max: 1_000)
        if !checkpoints.isEmpty {
            proposeAsLeader(
                .leaseCheckpoint(checkpoints, term: raft.term, asOf: store.appliedIndex))
        }
    }

    private mutating func proposeAsLeader(_ command: Command) {
        if configuration.mutation.isActive(.oldLeaderRevokesLeases) {
            proposeQuietly(command)
            return
        }
        let bytes = Proposal(origin: id, requestNumber: 0, command: command).encoded()
        absorb(raft.step(.proposeAsLeader(bytes)))
    }

    /// A client of this member asks about a lease: the leader's clock decides.
    mutating func ask(_ question: LeaseQuestion, _ asker: LeaseRenewal.Asker) {
        let renewal = LeaseRenewal(question: question, asker: asker)
        if raft.isLeader {
            awaitIndex(.lease(renewal))
            return
        }
        guard case .client = asker else {
            refuse(renewal, .leaderChanged)
            return
        }
        let number = nextRequestNumber()
        leaseQuestions.append((number, renewal, requestDeadline, sentTo: .zero))
        sendLeaseQuestions()
    }

    /// Sends waiting questions to the leader, once to each leader.
    mutating func sendLeaseQuestions() {
        guard raft.leader != .zero else { return }
        if raft.isLeader {
            let waiting = leaseQuestions
            leaseQuestions = []
            for question in waiting {
                awaitIndex(.lease(question.renewal))
            }
            return
        }
        for position in leaseQuestions.indices
        where leaseQuestions[position].sentTo != raft.leader {
            leaseQuestions[position].sentTo = raft.leader
            output.messages.append(
                .leaseRequest(
                    from: id, to: raft.leader, number: leaseQuestions[position].number,
                    leaseQuestions[position].renewal.question))
        }
    }

    /// Another member asks on behalf of its client.
    mutating func receive(_ question: LeaseQuestion, from peer: PeerID, number: UInt64) {
        ask(question, .member(peer, number: number))
    }

    /// The leader answered.
    mutating func receive(_ answer: LeaseAnswer, number: UInt64) {
        guard let position = leaseQuestions.firstIndex(where: { $0.number == number }) else {
            return
        }
        switch answer {
        case .notLeader:
            leaseQuestions[position].sentTo = .zero
        case .remaining(let lease, let seconds):
            let question = leaseQuestions.remove(at: position)
            reply(question.renewal, lease, seconds)
        }
    }

    /// Gives up questions that the leader did not answer in time.
    mutating func expireLeaseQuestions() {
        let expired = leaseQuestions.filter { $0.deadlineTick <= tick }
        guard !expired.isEmpty else { return }
        leaseQuestions.removeAll { $0.deadlineTick <= tick }
        for question in expired {
            refuse(question.renewal, raft.leader == .zero ? .noLeader : .timedOut)
        }
    }

    /// Leadership is confirmed after the question came: answer from the deadlines.
    mutating func carryOut(_ renewal: LeaseRenewal) {
        guard isPrimary, raft.isLeader else {
            refuse(renewal, .leaderChanged)
            return
        }
        switch renewal.question {
        case .timeToLive(let lease):
            let isThere = store.hasLease(lease)
            reply(renewal, lease, isThere ? deadlines.remaining(lease, now: now) : nil)
        case .keepAlive(let lease):
            guard store.hasLease(lease), deadlines.needsCheckpointClear(lease) else {
                renew(renewal)
                return
            }
            clearCheckpoint(lease, renewal)
        }
    }

    /// A new leader would start from the checkpoint: take it back before promising more.
    private mutating func clearCheckpoint(_ lease: LeaseID, _ renewal: LeaseRenewal) {
        let number = nextRequestNumber()
        pending.insert(
            PendingRequest(
                requestID: renewal.clientID ?? RequestID(0), kind: .checkpointClear(renewal),
                deadlineTick: requestDeadline),
            number: number)
        let command = Command.leaseCheckpoint(
            [LeaseCheckpoint(id: lease, remainingSeconds: 0)], term: raft.term,
            asOf: store.appliedIndex)
        let bytes = Proposal(origin: id, requestNumber: number, command: command).encoded()
        absorb(raft.step(.proposeAsLeader(bytes)))
    }

    /// Renews a lease and answers.
    mutating func renew(_ renewal: LeaseRenewal) {
        guard case .keepAlive(let lease) = renewal.question else { return }
        guard isPrimary, raft.isLeader else {
            refuse(renewal, .leaderChanged)
            return
        }
        let seconds = store.hasLease(lease) ? deadlines.renew(lease, now: now) : nil
        reply(renewal, lease, seconds)
    }

    private mutating func reply(_ renewal: LeaseRenewal, _ lease: LeaseID, _ seconds: Int64?) {
        switch (renewal.asker, renewal.question) {
        case (.member(let peer, let number), _):
            output.messages.append(
                .leaseAnswer(
                    from: id, to: peer, number: number, .remaining(lease, seconds: seconds)))
        case (.client(let requestID), .keepAlive):
            respond(requestID, .success(.leaseKeepAlive(lease, ttlSeconds: seconds ?? 0)))
        case (.client(let requestID), .timeToLive):
            let wantsKeys = timeToLiveKeys.remove(requestID) != nil
            let description = store.lease(lease, wantsKeys: wantsKeys)
            guard let seconds, let description else {
                respond(
                    requestID,
                    .success(
                        .leaseTimeToLive(
                            LeaseDescription(id: lease, grantedTTLSeconds: 0),
                            remainingSeconds: -1)))
                return
            }
            respond(
                requestID, .success(.leaseTimeToLive(description, remainingSeconds: seconds)))
        }
    }

    /// Says that a question could not be answered.
    mutating func refuse(_ renewal: LeaseRenewal, _ error: RequestError) {
        switch renewal.asker {
        case .member(let peer, let number):
            output.messages.append(
                .leaseAnswer(from: id, to: peer, number: number, .notLeader))
        case .client(let requestID):
            if error == .leaderChanged {
                // The question has no effect, so it is put to the new leader.
                ask(renewal.question, renewal.asker)
            } else {
                timeToLiveKeys.remove(requestID)
                respond(requestID, .failure(error))
            }
        }
    }

    /// A client asks how long a lease has, and perhaps for its keys.
    mutating func receiveTimeToLive(_ lease: LeaseID, wantsKeys: Bool, _ requestID: RequestID) {
        if wantsKeys { timeToLiveKeys.insert(requestID) }
        ask(.timeToLive(lease), .client(requestID))
    }
}

extension LeaseRenewal {
    /// The local client that waits, if any.
    var clientID: RequestID? {
        if case .client(let id) = asker { return id }
        return nil
    }
}
