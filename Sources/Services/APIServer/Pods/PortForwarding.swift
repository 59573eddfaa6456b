internal import Primitives
internal import ResourceModel
internal import Synchronization
internal import Transport

/// Connections to ports of a pod, all of one client, over a WebSocket that carries SPDY as
/// `portforward.k8s.io` has it. For each connection the client opens two streams: one to hear of
/// failures, and one for what the connection carries.
struct PortForwarding: Sendable {
    /// What is spoken.
    static let subprotocols = ["SPDY/3.1+portforward.k8s.io"]
    /// Connections of a client at a time; more are refused.
    static let connectionsMax = 100

    let socket: WebSocket
    /// Says which pod it is, for failures.
    let pod: String
    let connect: @Sendable (_ port: Int) async throws -> any PodConnection

    /// One connection, with its two streams.
    private final class Tunnel: Sendable {
        let connection: any PodConnection
        let stream: UInt32
        let errorStream: UInt32
        private let openEnds = Mutex(2)

        init(_ connection: any PodConnection, _ stream: UInt32, _ errorStream: UInt32) {
            self.connection = connection
            self.stream = stream
            self.errorStream = errorStream
        }

        /// One of the two says no more.
        func oneEnds() { openEnds.withLock { $0 -= 1 } }

        var isOver: Bool { openEnds.withLock { $0 <= 0 } }
    }

    /// Runs until the client has gone; no connection is left behind.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await listen() }
            // While a pod takes nothing nobody listens: who has gone is noticed here.
            group.addTask { await socket.ended() }
            await group.next()
            socket.close(.goingAway)
            group.cancelAll()
        }
    }

    private func listen() async {
        await withDiscardingTaskGroup { group in
            var decoder = SPDYDecoder()
            var desk = Desk()
            do {
                while let piece = try await socket.next() {
                    for event in try decoder.take(piece.bytes[...]) {
                        if let tunnel = try await take(event, &desk) {
                            group.addTask { await tell(tunnel) }
                        }
                    }
                }
            } catch is SPDYFailure {
                socket.close(.protocolError)
            } catch {
                // Cancelled, or the client has gone.
            }
            group.cancelAll()
        }
    }

    /// What is open.
    private struct Desk {
        var encoder = SPDYEncoder()
        /// Streams for failures that wait for their other one, by the number of the request.
        var errorStreams: [String: UInt32] = [:]
        var tunnels: [UInt32: Tunnel] = [:]

        var isFull: Bool { tunnels.count + errorStreams.count >= PortForwarding.connectionsMax }
    }

    /// Does what a client says; answers with the connection that is made, if one is.
    private func take(_ event: SPDYEvent, _ desk: inout Desk) async throws -> Tunnel? {
        switch event {
        case .open(let stream, let headers, _):
            return try await open(stream, headers, &desk)
        case .data(let stream, let bytes, let ends):
            guard let tunnel = desk.tunnels[stream] else { return nil }
            // What the pod does not take any more is dropped; that it has ended is told.
            if !bytes.isEmpty { try? await tunnel.connection.write(bytes) }
            if ends {
                tunnel.connection.endWriting()
                tunnel.oneEnds()
            }
        case .reset(let stream):
            desk.tunnels.removeValue(forKey: stream)?.connection.hangUp()
            desk.errorStreams = desk.errorStreams.filter { $0.value != stream }
        case .ping(let number): try await socket.send(SPDYEncoder.ping(number))
        case .goAway: break
        }
        return nil
    }

    private func open(
        _ stream: UInt32, _ headers: [String: String], _ desk: inout Desk
    ) async throws -> Tunnel? {
        let number = Self.header("requestid", headers)
        desk.tunnels = desk.tunnels.filter { !$0.value.isOver }
        let kind = Self.header("streamtype", headers)
        guard let port = UInt16(Self.header("port", headers)), port > 0,
            kind == "error" ? !desk.isFull : kind == "data" && desk.errorStreams[number] != nil
        else {
            try await socket.send(SPDYEncoder.reset(stream, .refused))
            return nil
        }
        try await socket.send(desk.encoder.reply(stream))
        guard kind == "data", let errorStream = desk.errorStreams.removeValue(forKey: number)
        else {
            desk.errorStreams[number] = stream
            return nil
        }
        do {
            let tunnel = Tunnel(try await connect(Int(port)), stream, errorStream)
            desk.tunnels[stream] = tunnel
            return tunnel
        } catch {
            let text = "error forwarding port \(port) to pod \(pod): \(error)"
            try await socket.send(SPDYEncoder.data(errorStream, Bytes(text.utf8), ends: true))
            try await socket.send(SPDYEncoder.data(stream, [], ends: true))
            return nil
        }
    }

    /// Tells the client what the pod says, until it says no more.
    private func tell(_ tunnel: Tunnel) async {
        do {
            while let bytes = try await tunnel.connection.read() {
                try await socket.send(SPDYEncoder.data(tunnel.stream, bytes))
            }
            try await socket.send(SPDYEncoder.data(tunnel.stream, [], ends: true))
        } catch {
            // Broken off, as the client is told; unless it is what has gone.
            try? await socket.send(SPDYEncoder.reset(tunnel.stream, .cancel))
        }
        // A client that has gone waits for no end.
        try? await socket.send(SPDYEncoder.data(tunnel.errorStream, [], ends: true))
        tunnel.oneEnds()
    }

    private static func header(_ name: String, _ headers: [String: String]) -> String {
        headers.first { $0.key.lowercased() == name }?.value ?? ""
    }
}

/// A connection to a port of a pod.
package protocol PodConnection: Sendable {
    /// What comes next; nil at the end.
    func read() async throws -> [UInt8]?
    /// Sends, when there is room for it.
    func write(_ bytes: [UInt8]) async throws
    /// Says that nothing more will be sent.
    func endWriting()
    /// Ends it in both directions.
    func hangUp()
}
