internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's election service.
extension StoreNode {
    func registerElection() {
        let service = "v3electionpb.Election"
        register(service, "Campaign") { try $0.campaign($1, $2) }
        register(service, "Proclaim") { try $0.proclaim($1, $2) }
        register(service, "Leader") { try $0.electionLeader($1, $2) }
        register(service, "Resign") { try $0.resign($1, $2) }
        registerStream(service, "Observe") { ObserveCall($0, $1) }
    }

    private func campaign(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireLockRequest(decoding: message)
        stand(
            in: call, name: request.name, lease: request.lease, value: request.value
        ) { line, writer in
            WireLeaderKey(
                name: request.name, key: line.key, revision: line.revision, lease: line.lease
            ).encode(2, into: &writer)
        }
    }

    /// The leader changes its value, if it still leads.
    private func proclaim(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireProclaimRequest(decoding: message)
        guard let leader = request.leader else { throw EtcdError.leaderKeyMissing }
        let put = PutRequest(key: leader.key, value: request.value, lease: leader.lease)
        ask(.command(.transaction(.ifLeading(leader, .put(put))))) { [unowned self] result in
            switch result {
            case .failure(let error): call.finish(error.status)
            case .success(let answer):
                guard case .command(.transaction(let response)) = answer.body,
                    response.succeeded
                else {
                    call.finish(EtcdError.electionNotLeader)
                    return
                }
                self.answer(call, answer) { _, _ in }
            }
        }
    }

    /// The leader's place is given up; somebody else's is left alone.
    private func resign(_ call: GRPCCall, _ message: ProtobufReader) throws {
        guard let leader = try WireProclaimRequest(decoding: message).leader else {
            throw EtcdError.leaderKeyMissing
        }
        let delete = DeleteRangeRequest(KeyRange(key: leader.key))
        relay(call, .command(.transaction(.ifLeading(leader, .deleteRange(delete))))) { _, _ in }
    }

    private func electionLeader(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let prefix = try WireSingleBytes.decode(message) + [UInt8(ascii: "/")]
        ask(.range(.first(of: prefix), isSerializable: false)) { [unowned self] result in
            switch result {
            case .failure(let error): call.finish(error.status)
            case .success(let answer):
                guard case .range(let response) = answer.body,
                    let leader = response.keyValues.first
                else {
                    call.finish(EtcdError.electionNoLeader)
                    return
                }
                self.answer(call, answer) { _, writer in leader.encode(2, into: &writer) }
            }
        }
    }
}

extension TransactionRequest {
    /// Does something only while the leader's key is the one it won with.
    fileprivate static func ifLeading(
        _ leader: WireLeaderKey, _ operation: TransactionOperation
    ) -> TransactionRequest {
        TransactionRequest(
            compares: [Compare(KeyRange(key: leader.key), .equal, .create(leader.revision))],
            success: [operation])
    }
}

/// One stream of an election's leaders and what they proclaim.
final class ObserveCall: StreamHandler {
    private var prefix: Bytes = []
    private var watch: KeyWatch?

    override func received(_ message: ProtobufReader) {
        guard prefix.isEmpty else { return }
        do {
            prefix = try WireSingleBytes.decode(message) + [UInt8(ascii: "/")]
            look()
        } catch {
            finish(for: error)
        }
    }

    override func left() {
        watch?.close()
        watch = nil
    }

    /// Finds out who leads now; waits for somebody to come where nobody does.
    private func look() {
        watch?.close()
        watch = nil
        node.ask(.range(.first(of: prefix), isSerializable: false)) { [weak self] result in
            guard let self, !self.call.isOver else { return }
            switch result {
            case .failure(let error): self.finish(error.status)
            case .success(let answer):
                guard case .range(let response) = answer.body else { return }
                let next = answer.header.revision.next
                if let leader = response.keyValues.first {
                    self.say(leader)
                    self.follow(leader.key, from: next)
                } else {
                    self.awaitFirst(from: next)
                }
            }
        }
    }

    private func awaitFirst(from revision: Revision) {
        watch = KeyWatch(node, .prefixed(prefix), from: revision) { [weak self] body in
            switch body {
            case .events(let events, _) where events.contains { $0.kind == .put }: self?.look()
            case .cancelled: self?.look()
            default: break
            }
        }
    }

    /// Tells of each new value until the leader is gone.
    private func follow(_ key: Bytes, from revision: Revision) {
        watch = KeyWatch(node, KeyRange(key: key), from: revision) { [weak self] body in
            guard let self else { return }
            switch body {
            case .events(let events, _):
                for event in events {
                    guard event.kind == .put else {
                        self.look()
                        return
                    }
                    self.say(event.keyValue)
                }
            case .cancelled: self.look()
            case .created, .progress: break
            }
        }
    }

    private func say(_ leader: KeyValue) {
        var writer = GRPCCall.messageWriter(capacity: leader.value.count + 128)
        node.header.encode(into: &writer)
        leader.encode(2, into: &writer)
        call.send(writer)
    }
}
