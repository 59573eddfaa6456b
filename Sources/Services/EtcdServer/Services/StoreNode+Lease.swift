internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's lease service.
extension StoreNode {
    func registerLease() {
        let service = "etcdserverpb.Lease"
        register(service, "LeaseGrant") { try $0.grant($1, $2) }
        register(service, "LeaseRevoke") { node, call, message in
            let lease = try WireLeaseQuestion(decoding: message).id
            node.relay(call, .command(.leaseRevoke(lease))) { _, _ in }
        }
        register(service, "LeaseTimeToLive") { try $0.timeToLive($1, $2) }
        register(service, "LeaseLeases") { node, call, _ in
            node.relay(call, .leases) { answer, writer in
                if case .leases(let leases) = answer.body {
                    WireLeaseList.encode(leases, into: &writer)
                }
            }
        }
        registerStream(service, "LeaseKeepAlive") { KeepAliveCall($0, $1) }
    }

    /// The command for a lease: chooses an identifier where none is given, and no TTL shorter than
    /// an election can take.
    func grantCommand(_ wish: WireLeaseGrant) -> Command {
        var id = wish.id
        if id == .zero { id = LeaseID(Int64.random(in: 1...Int64.max)) }
        return .leaseGrant(id, ttlSeconds: max(wish.ttlSeconds, leaseSecondsMin))
    }

    private func grant(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let wish = try WireLeaseGrant(request: message)
        relay(call, .command(grantCommand(wish))) { answer, writer in
            if case .command(.leaseGrant(let id, let seconds)) = answer.body {
                WireLeaseGrant(ttlSeconds: seconds, id: id).encodeAnswer(into: &writer)
            }
        }
    }

    private func timeToLive(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let question = try WireLeaseQuestion(decoding: message)
        let request = ClientRequest.leaseTimeToLive(question.id, wantsKeys: question.wantsKeys)
        relay(call, request) { answer, writer in
            if case .leaseTimeToLive(let lease, let seconds) = answer.body {
                lease.encode(remainingSeconds: seconds, into: &writer)
            }
        }
    }
}

/// One stream of lease renewals.
final class KeepAliveCall: StreamHandler {
    /// Renewals that may wait for their answers; a client that sends more is too fast.
    private static let waitingMax = 10_000
    private var waiting: Set<RequestID> = []
    private var hasAllRequests = false

    override func received(_ message: ProtobufReader) {
        guard waiting.count < Self.waitingMax else {
            finish(RequestError.tooManyRequests.status)
            return
        }
        do {
            let lease = try WireLeaseQuestion(decoding: message).id
            var own: RequestID?
            let id = node.member.submit(.leaseKeepAlive(lease)) { [weak self] result in
                guard let self else { return }
                if let own { self.waiting.remove(own) }
                self.answer(result)
            }
            own = id
            waiting.insert(id)
        } catch {
            finish(for: error)
        }
    }

    private func answer(_ result: Result<ClientResponse, RequestError>) {
        switch result {
        case .failure(let error): finish(error.status)
        case .success(let response):
            guard case .leaseKeepAlive(let lease, let seconds) = response.body else { return }
            var writer = GRPCCall.messageWriter()
            WireHeader(response.header).encode(into: &writer)
            WireLeaseGrant(ttlSeconds: seconds, id: lease).encodeAnswer(into: &writer)
            call.send(writer)
            if hasAllRequests, waiting.isEmpty { finish(.ok) }
        }
    }

    override func requestsEnded() {
        hasAllRequests = true
        if waiting.isEmpty { finish(.ok) }
    }

    override func left() {
        guard !node.hasEnded else { return }
        for id in waiting { node.member.forget(id) }
        waiting = []
    }
}
