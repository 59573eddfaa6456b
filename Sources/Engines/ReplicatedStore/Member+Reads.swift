internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel

/// Linearizable reads through read indexes (thesis §6.4), and serializable ones.
extension Member {
    /// Ticks after which an unanswered read request is repeated.
    static let readRetryTicks: UInt64 = 5

    /// Lets a read wait for the next read index.
    mutating func awaitIndex(_ kind: PendingRead.Kind) {
        reads.waiting.append(PendingRead(kind: kind, deadlineTick: requestDeadline))
    }

    /// Asks for an index for all reads that wait, unless a request is in flight.
    mutating func startReads() {
        guard reads.request == nil, !reads.waiting.isEmpty else { return }
        reads.inFlight = reads.waiting
        reads.waiting = []
        sendReadRequest(ReadRequestID(peer: id, number: nextRequestNumber()))
    }

    private mutating func sendReadRequest(_ request: ReadRequestID) {
        reads.request = request
        reads.retryTick = tick + Self.readRetryTicks
        absorb(raft.step(.readIndex(request)))
    }

    /// Repeats an unanswered request under a new name: a late answer to the old one carries an
    /// index from before reads that have joined since (etcd #20418).
    mutating func retryReads() {
        guard let request = reads.request, tick >= reads.retryTick else { return }
        if configuration.mutation.isActive(.reusesReadContext) {
            reads.inFlight += reads.waiting
            reads.waiting = []
            sendReadRequest(request)
            return
        }
        reads.request = nil
        reads.waiting = reads.inFlight + reads.waiting
        reads.inFlight = []
    }

    /// Read indexes came, or were refused.
    mutating func confirm(_ permits: [ReadPermit], refused: [ReadRequestID]) {
        for permit in permits where permit.id == reads.request {
            reads.confirmed.append((permit.index, reads.inFlight))
            reads.inFlight = []
            reads.request = nil
        }
        if let request = reads.request, refused.contains(request) {
            // The next try comes with the next tick: at once would spin without a leader.
            reads.retryTick = tick + 1
        }
    }

    /// Answers the reads whose index is applied.
    mutating func serveConfirmedReads() {
        guard !snapshots.isInstalling else { return }
        let ignoresApplied = configuration.mutation.isActive(.readsBeforeApplied)
        while let first = reads.confirmed.first,
            first.index <= store.appliedIndex || ignoresApplied
        {
            reads.confirmed.removeFirst()
            for read in first.reads {
                serve(read)
            }
        }
    }

    private mutating func serve(_ read: PendingRead) {
        switch read.kind {
        case .range(let id, let range): answer(id, range)
        case .transaction(let id, let transaction): answer(id, transaction)
        case .leases(let id): respond(id, .success(.leases(store.leaseIDs)))
        case .members(let id): respond(id, .success(.members(memberList())))
        case .barrier(let id): respond(id, .success(.readBarrier))
        case .hash(let id, let revision): answerHash(revision, id)
        case .lease(let renewal): carryOut(renewal)
        }
    }

    /// Gives a read up.
    mutating func expire(_ read: PendingRead) {
        let error: RequestError = raft.leader == .zero ? .noLeader : .timedOut
        switch read.kind {
        case .lease(let renewal): refuse(renewal, error)
        default:
            if let id = read.requestID { respond(id, .failure(error)) }
        }
    }

    /// Lets a serializable read wait for nothing but an installation under way.
    mutating func serveSerializable(_ kind: PendingRead.Kind) {
        let read = PendingRead(kind: kind, deadlineTick: requestDeadline)
        if snapshots.isInstalling {
            reads.confirmed.append((.zero, [read]))
        } else {
            serve(read)
        }
    }

    /// Answers a range from the present state.
    mutating func answer(_ id: RequestID, _ range: RangeRequest) {
        do {
            respond(id, .success(.range(try store.range(range))))
        } catch {
            respond(id, .failure(.store(error)))
        }
    }

    /// Answers a transaction without effects from the present state.
    mutating func answer(_ id: RequestID, _ transaction: TransactionRequest) {
        do {
            respond(id, .success(.transaction(try store.read(transaction))))
        } catch {
            respond(id, .failure(.store(error)))
        }
    }
}
