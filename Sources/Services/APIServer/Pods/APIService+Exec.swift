internal import NIOCore
internal import ResourceModel
internal import Transport

extension APIService {
    /// `pods/NAME/exec`: a process is started, and talks over a WebSocket.
    func exec(_ call: ResourceCall, _ verb: String, _ exchange: Exchange) async throws(APIFailure) {
        let (pod, container) = try await target(of: call, verb)
        let command = PodCommand(
            words: call.request.query.all("command"),
            streams: try PodStreamSet(call.request.query))
        guard !command.words.isEmpty else {
            throw .badRequest("you must specify at least one command for the container")
        }
        let id = try await podStreams.runningContainer(of: pod, named: container)
        try await converse(command.streams, exchange) {
            do {
                return try await podStreams.start(command, inContainer: id)
            } catch {
                throw APIFailure.internalError("error executing command in container: \(error)")
            }
        }
    }

    /// `pods/NAME/attach`: a container itself talks.
    func attach(
        _ call: ResourceCall, _ verb: String, _ exchange: Exchange
    ) async throws(APIFailure) {
        let (pod, container) = try await target(of: call, verb)
        let streams = try PodStreamSet(call.request.query)
        let id = try await podStreams.runningContainer(of: pod, named: container)
        try await converse(streams, exchange) { try await podStreams.attach(toContainer: id) }
    }

    /// The pod and the container that a client wants to reach into, in Kubernetes' words where
    /// it cannot.
    private func target(
        of call: ResourceCall, _ verb: String
    ) async throws(APIFailure) -> (pod: JSON, container: String) {
        let pod = try await hostedPod(call, verb)
        let container = try Self.container(
            of: pod, named: call.request.query["container"] ?? "", call.name)
        return (pod, container)
    }

    /// The pod that a client wants to reach into.
    func hostedPod(_ call: ResourceCall, _ verb: String) async throws(APIFailure) -> JSON {
        // kubectl asks with GET, and with POST where it falls back to what is not spoken here.
        guard ["get", "create"].contains(verb) else { throw .methodNotAllowed(call.kind, verb) }
        guard let object = try await store.object(call.key) else {
            throw .notFound(call.kind, call.name)
        }
        let pod = try parse(object, call.kind)
        guard pod.value(at: "spec.nodeName").stringValue != nil else {
            throw .badRequest("pod \(call.name) does not have a host assigned")
        }
        return pod
    }

    /// Grants the upgrade, and lets the client and a process talk.
    private func converse(
        _ streams: PodStreamSet, _ exchange: Exchange,
        _ start: () async throws -> any PodProcess
    ) async throws(APIFailure) {
        let known = CommandConversation.subprotocols
        guard let socket = try await upgrade(exchange, speaking: known) else { return }
        defer { loop.execute { [inlet = exchange.inlet] in inlet.value.conversationEnded() } }
        do {
            let process = try await start()
            await CommandConversation(socket: socket, process: process, streams: streams).run()
        } catch {
            await CommandConversation.refuse(
                error as? APIFailure ?? .internalError("\(error)"), socket)
        }
    }

    /// A WebSocket in place of the request; nil if the client has gone.
    func upgrade(
        _ exchange: Exchange, speaking known: [String]
    ) async throws(APIFailure) -> WebSocket? {
        do {
            return try await loop.submit { [loop, inlet = exchange.inlet] in
                let handshake = try WebSocketHandshake(
                    inlet.value.stream.head, speaking: known)
                return try inlet.value.converse { stream in
                    WebSocket(granting: handshake, on: stream, loop: loop)
                }
            }.get()
        } catch let refusal as WebSocketRefusal {
            throw .noUpgrade(refusal, known)
        } catch {
            throw error as? APIFailure ?? .stopping
        }
    }
}

extension APIFailure {
    /// A client that wants to reach into a pod asks for it in a way that is not spoken here.
    static func noUpgrade(_ refusal: WebSocketRefusal, _ known: [String]) -> APIFailure {
        let known = known.joined(separator: ", ")
        switch refusal {
        case .notAsked:
            return .badRequest("Upgrade request required: to WebSocket, with \(known)")
        case .unknownVersion: return .badRequest("Sec-WebSocket-Version must be 13")
        case .wrongKey: return .badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
        case .noSubprotocol:
            return .badRequest("Sec-WebSocket-Protocol must offer one of \(known)")
        }
    }
}
