internal import EtcdAPI
internal import Primitives
internal import StoreModel
internal import Transport
internal import Wire

/// The gRPC health checking protocol, for the server as a whole.
extension StoreNode {
    func registerHealth() {
        let service = "grpc.health.v1.Health"
        register(service, "Check", servesLearner: true) { node, call, message in
            guard try WireHealth.service(message).isEmpty else {
                throw GRPCStatus(.notFound, "unknown service")
            }
            var writer = GRPCCall.messageWriter()
            WireHealth.encode(node.serving, into: &writer)
            call.answer(writer)
        }
        registerStream(service, "Watch", servesLearner: true) { HealthCall($0, $1) }
    }

    /// Whether requests can be served.
    var serving: WireHealth.Status {
        let isCorrupt = member.alarms.contains { $0.kind == .corrupt }
        return member.leader == .zero || isCorrupt || isStopping ? .notServing : .serving
    }
}

/// One stream of health changes.
final class HealthCall: StreamHandler {
    private var said: WireHealth.Status?

    override func received(_ message: ProtobufReader) {
        do {
            guard try WireHealth.service(message).isEmpty else {
                say(.serviceUnknown)
                return
            }
            node.wait { [weak self] in
                guard let self, !self.call.isOver else { return true }
                self.say(self.node.serving)
                return false
            }
        } catch {
            finish(for: error)
        }
    }

    private func say(_ status: WireHealth.Status) {
        guard status != said else { return }
        said = status
        var writer = GRPCCall.messageWriter()
        WireHealth.encode(status, into: &writer)
        call.send(writer)
    }
}
