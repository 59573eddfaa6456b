internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Wire

/// One place in a line of waiting clients, as etcd's recipes for locks and elections make it: a
/// key `NAME/LEASE` under the lease of the client; whose key came into being first has its turn.
/// All steps are transactions and watches like those of any client.
final class WaitingLine {
    /// Seconds of the lease that is granted to a client that brings none (etcd's session).
    private static let sessionSeconds: Int64 = 60

    let node: StoreNode
    /// All keys of the line begin with it.
    let prefix: Bytes
    let value: Bytes
    private(set) var lease: LeaseID
    /// The place's key, once the lease is known.
    private(set) var key: Bytes = []
    /// The key's create revision, once it exists.
    private(set) var revision = Revision.zero
    private var watch: KeyWatch?
    private var isOver = false
    private let done: (Result<ResponseHeader, GRPCStatus>) -> Void

    /// Prepares a place; `done` is called once, when it is this client's turn or cannot be.
    init(
        _ node: StoreNode, name: Bytes, lease: LeaseID, value: Bytes,
        _ done: @escaping (Result<ResponseHeader, GRPCStatus>) -> Void
    ) {
        self.node = node
        self.lease = lease
        self.value = value
        self.done = done
        prefix = name + [UInt8(ascii: "/")]
    }

    /// Takes the place and waits.
    func start() {
        guard lease == .zero else {
            take()
            return
        }
        let wish = node.grantCommand(.init(ttlSeconds: Self.sessionSeconds))
        node.ask(.command(wish)) { [self] result in
            guard let answer = checked(result) else { return }
            if case .command(.leaseGrant(let id, _)) = answer.body { lease = id }
            take()
        }
    }

    /// The client waits no more: the place is given up.
    func giveUp() {
        guard !isOver else { return }
        isOver = true
        watch?.close()
        guard !key.isEmpty, !node.hasEnded else { return }
        node.ask(.command(.deleteRange(DeleteRangeRequest(KeyRange(key: key))))) { _ in }
    }

    private func take() {
        guard !isOver else { return }
        key = prefix + Bytes(String(UInt64(bitPattern: lease.rawValue), radix: 16).utf8)
        let range = KeyRange(key: key)
        let request = TransactionRequest(
            compares: [Compare(range, .equal, .create(.zero))],
            success: [.put(PutRequest(key: key, value: value, lease: lease))],
            failure: [.range(RangeRequest(range))])
        node.ask(.command(.transaction(request))) { [self] result in
            guard let answer = checked(result),
                case .command(.transaction(let response)) = answer.body
            else { return }
            if response.succeeded {
                revision = answer.header.revision
                waitForTurn()
            } else if case .range(let found) = response.parts.first,
                let own = found.keyValues.first
            {
                revision = own.createRevision
                own.value == value ? waitForTurn() : replaceValue()
            }
        }
    }

    /// The place is taken already, by the same client, with another value.
    private func replaceValue() {
        let request = TransactionRequest(
            compares: [Compare(KeyRange(key: key), .equal, .create(revision))],
            success: [.put(PutRequest(key: key, value: value, lease: lease))])
        node.ask(.command(.transaction(request))) { [self] result in
            guard let answer = checked(result),
                case .command(.transaction(let response)) = answer.body
            else { return }
            response.succeeded ? waitForTurn() : finish(.failure(EtcdError.electionNotLeader))
        }
    }

    /// Waits for the place before this one to go, until there is none.
    private func waitForTurn() {
        guard !isOver else { return }
        watch?.close()
        watch = nil
        let request = RangeRequest.last(of: prefix, atOrBefore: revision.previous)
        node.ask(.range(request, isSerializable: false)) { [self] result in
            guard let answer = checked(result), case .range(let response) = answer.body else {
                return
            }
            guard let earlier = response.keyValues.first else {
                confirm()
                return
            }
            watch = KeyWatch(
                node, KeyRange(key: earlier.key), from: answer.header.revision
            ) { [weak self] body in
                guard let self else { return }
                switch body {
                case .events(let events, _):
                    if events.contains(where: { $0.kind == .delete }) { self.waitForTurn() }
                case .cancelled: self.waitForTurn()
                case .created, .progress: break
                }
            }
        }
    }

    /// It is this place's turn if its key is still there: its lease may have ended meanwhile.
    private func confirm() {
        let request = RangeRequest(KeyRange(key: key))
        node.ask(.range(request, isSerializable: false)) { [self] result in
            guard let answer = checked(result), case .range(let response) = answer.body else {
                return
            }
            let isThere = response.keyValues.first?.createRevision == revision
            finish(isThere ? .success(answer.header) : .failure(EtcdError.sessionExpired))
        }
    }

    private func checked(_ result: Result<ClientResponse, RequestError>) -> ClientResponse? {
        guard !isOver else { return nil }
        switch result {
        case .success(let answer): return answer
        case .failure(let error):
            finish(.failure(EtcdError.inRecipe(error.status)))
            return nil
        }
    }

    private func finish(_ result: Result<ResponseHeader, GRPCStatus>) {
        guard !isOver else { return }
        isOver = true
        watch?.close()
        done(result)
    }
}
