import CNGHTTP2
import Glibc
import Wire

/// How a call ended other than well.
enum CallFailure: Error {
    /// The server said so.
    case refused(status: Int, message: String)
    /// Nobody knows whether the server took the request.
    case broken(String)
}

/// A gRPC client on one connection to 127.0.0.1 that blocks: one call at a time.
///
/// SAFETY: used by one thread at a time; the session calls back only inside of `advance`, while
/// this object, its user data, is alive, and what it passes is used during the callback only.
final class GRPCConnection {
    private let descriptor: Int32
    private var session: OpaquePointer?
    private var outgoing: [UInt8] = []
    private var isOutgoingComplete = false
    private var incoming: [UInt8] = []
    private var ending: (code: Int, message: String)?
    private var isOver = true
    private var stream: Int32 = 0

    /// Connects.
    init(port: Int) throws(CallFailure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let descriptor = descriptor
        guard withLoopback(port: port, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw .broken("connect: \(errno)")
        }
        var isOn: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn,
            socklen_t(MemoryLayout<Int32>.size))
        session = makeSession()
    }

    deinit {
        nghttp2_session_del(session)
        close(descriptor)
    }

    /// Calls a method with one request and one answer.
    func call(
        _ method: String, within duration: Duration = .seconds(5),
        _ encode: (inout ProtobufWriter) -> Void
    ) throws(CallFailure) -> ProtobufReader {
        try begin(method)
        send(encode)
        isOutgoingComplete = true
        let deadline = Deadline(duration)
        guard let answer = try next(deadline) else { throw ended() }
        while !isOver { try advance(deadline) }
        guard ending?.code == 0 else { throw ended() }
        return answer
    }

    /// Opens a call that sends and receives any number of messages.
    func begin(_ method: String) throws(CallFailure) {
        outgoing = []
        incoming = []
        ending = nil
        isOver = false
        isOutgoingComplete = false
        stream = submit("/" + method)
        guard stream > 0 else { throw .broken("no stream") }
    }

    /// Sends a message.
    func send(_ encode: (inout ProtobufWriter) -> Void) {
        var writer = ProtobufWriter(capacity: 256)
        encode(&writer)
        let bytes = writer.takeBytes()
        outgoing += [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
        outgoing += bytes
        nghttp2_session_resume_data(session, stream)
    }

    /// The next message; nil if the server sends no more.
    func next(_ deadline: Deadline) throws(CallFailure) -> ProtobufReader? {
        while true {
            if incoming.count >= 5 {
                let count = incoming[1..<5].reduce(0) { $0 << 8 | Int($1) }
                if incoming.count >= 5 + count {
                    let message = Array(incoming[5..<5 + count])
                    incoming.removeFirst(5 + count)
                    return ProtobufReader(message)
                }
            }
            if isOver { return nil }
            try advance(deadline)
        }
    }

    /// How the call ended.
    func ended() -> CallFailure {
        guard let ending else { return .broken("the stream ended without a status") }
        return .refused(status: ending.code, message: ending.message)
    }

    /// Sends what there is to send and reads what has come; waits for that.
    private func advance(_ deadline: Deadline) throws(CallFailure) {
        var data: UnsafePointer<UInt8>?
        while true {
            let count = nghttp2_session_mem_send(session, &data)
            guard count > 0 else { break }
            var rest = UnsafeBufferPointer(start: data, count: count)[...]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { throw .broken("send: \(errno)") }
                rest = rest.dropFirst(sent)
            }
        }
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, deadline.milliseconds) > 0 else { throw .broken("timeout") }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw .broken("the connection ended") }
        guard nghttp2_session_mem_recv(session, bytes, count) == count else {
            throw .broken("bad HTTP/2")
        }
    }
}

/// What nghttp2 asks and tells.
extension GRPCConnection {
    private static func of(_ user: UnsafeMutableRawPointer?) -> GRPCConnection {
        Unmanaged<GRPCConnection>.fromOpaque(user!).takeUnretainedValue()
    }

    private func makeSession() -> OpaquePointer? {
        var callbacks: OpaquePointer?
        nghttp2_session_callbacks_new(&callbacks)
        defer { nghttp2_session_callbacks_del(callbacks) }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, user in
            let name = UnsafeBufferPointer(start: name, count: nameLength)
            let value = UnsafeBufferPointer(start: value, count: valueLength)
            GRPCConnection.of(user).take(
                frame?.pointee.hd.stream_id, String(decoding: name, as: UTF8.self),
                String(decoding: value, as: UTF8.self))
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, id, data, length, user in
            let connection = GRPCConnection.of(user)
            if id == connection.stream {
                connection.incoming += UnsafeBufferPointer(start: data, count: length)
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
            let connection = GRPCConnection.of(user)
            if id == connection.stream { connection.isOver = true }
            return 0
        }
        var session: OpaquePointer?
        nghttp2_session_client_new(
            &session, callbacks, Unmanaged.passUnretained(self).toOpaque())
        nghttp2_submit_settings(session, 0, nil, 0)
        return session
    }

    private func take(_ id: Int32?, _ name: String, _ value: String) {
        guard id == stream else { return }
        if name == "grpc-status" { ending = (Int(value) ?? -1, ending?.message ?? "") }
        if name == "grpc-message" { ending = (ending?.code ?? -1, value) }
    }

    private func submit(_ path: String) -> Int32 {
        let headers = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "keelson"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        var texts: [UnsafeMutablePointer<CChar>?] = []
        defer { for text in texts { free(text) } }
        let pairs = headers.map { name, value in
            let (nameText, valueText) = (strdup(name), strdup(value))
            texts += [nameText, valueText]
            return nghttp2_nv(
                name: UnsafeMutableRawPointer(nameText)?.assumingMemoryBound(to: UInt8.self),
                value: UnsafeMutableRawPointer(valueText)?.assumingMemoryBound(to: UInt8.self),
                namelen: name.utf8.count, valuelen: value.utf8.count, flags: 0)
        }
        var provider = nghttp2_data_provider()
        provider.read_callback = { _, _, target, length, flags, _, user in
            let connection = GRPCConnection.of(user)
            let count = min(length, connection.outgoing.count)
            UnsafeMutableRawPointer(target!).copyMemory(
                from: connection.outgoing, byteCount: count)
            connection.outgoing.removeFirst(count)
            if connection.outgoing.isEmpty, connection.isOutgoingComplete {
                flags!.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
                return count
            }
            return count > 0 ? count : Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        return nghttp2_submit_request(session, nil, pairs, pairs.count, &provider, nil)
    }
}
