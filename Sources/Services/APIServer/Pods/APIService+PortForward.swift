internal import NIOCore
internal import ResourceModel
internal import Transport

extension APIService {
    /// `pods/NAME/portforward`: connections to ports of a pod.
    func forwardPorts(
        _ call: ResourceCall, _ verb: String, _ exchange: Exchange
    ) async throws(APIFailure) {
        let pod = try await hostedPod(call, verb)
        try await podStreams.checkReach(of: pod)
        guard let socket = try await upgrade(exchange, speaking: PortForwarding.subprotocols)
        else { return }
        defer { loop.execute { [inlet = exchange.inlet] in inlet.value.conversationEnded() } }
        let uid = pod.value(at: "metadata.uid").stringValue ?? ""
        let forwarding = PortForwarding(socket: socket, pod: "\(call.name), uid \(uid)") {
            [podStreams] port in
            try await podStreams.connect(to: pod, port: port)
        }
        await forwarding.run()
    }
}
