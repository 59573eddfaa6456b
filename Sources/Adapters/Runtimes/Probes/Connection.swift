internal import Dispatch
internal import Glibc
internal import Primitives

/// Makes TCP connections to containers.
package struct ConnectionMaker: Sendable {
    private let queue = DispatchQueue(label: "keelson.connections")

    /// Has made none.
    package init() {}

    /// Connects to a numeric address, or to `localhost`.
    package func connect(to host: String, port: Int) async throws -> Connection {
        try await Connection(to: host, port: port, on: queue)
    }
}

/// A TCP connection to a container.
///
/// SAFETY: buffers passed to the kernel are locals that outlive the call; an address that the C
/// library made is freed once it was used.
package final class Connection: Sendable {
    private let socket: Descriptor
    private let queue: DispatchQueue

    /// Connects to a numeric address, or to `localhost`.
    init(to host: String, port: Int, on queue: DispatchQueue) async throws {
        self.queue = queue
        let (socket, code) = try Self.connect(host == "localhost" ? "127.0.0.1" : host, port)
        self.socket = socket
        if code == 0 { return }
        if code != EINPROGRESS { throw HostFailure("connect", "", code) }
        try await Readiness.writable(socket.number, on: queue)
        try Task.checkCancellation()
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &error, &size)
        if error != 0 { throw HostFailure("connect", "", error) }
    }

    /// A socket that is on its way to a numeric address, with the errno of the attempt; 0 if it
    /// has arrived.
    private static func connect(_ host: String, _ port: Int) throws -> (Descriptor, Int32) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &found) == 0, let place = unsafe found
        else { throw RuntimeFailure.invalid("\"\(host)\" is no numeric address") }
        defer { unsafe freeaddrinfo(found) }
        let kind = unsafe place.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(
            try HostCalls.check("socket", "") {
                unsafe Glibc.socket(place.pointee.ai_family, kind, 0)
            })
        let result = unsafe Glibc.connect(
            socket.number, place.pointee.ai_addr, place.pointee.ai_addrlen)
        return (socket, result == 0 ? 0 : errno)
    }

    /// Sends, when there is room for it.
    package func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try Task.checkCancellation()
                try await Readiness.writable(socket.number, on: queue)
            } else if errno != EINTR {
                throw HostFailure("write", "", errno)
            }
        }
    }

    /// What comes next; nil at the end.
    package func read() async throws -> [UInt8]? {
        var chunk = Bytes(repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe recv(socket.number, &chunk, chunk.count, 0)
            if count > 0 { return Bytes(chunk[..<count]) }
            if count == 0 { return nil }
            if errno == EAGAIN {
                try Task.checkCancellation()
                try await Readiness.readable(socket.number, on: queue)
            } else if errno != EINTR {
                throw HostFailure("read", "", errno)
            }
        }
    }

    /// Says that nothing more will be sent.
    package func endWriting() {
        shutdown(socket.number, Int32(SHUT_WR))
    }

    /// Ends it in both directions; who reads is told so.
    package func hangUp() {
        shutdown(socket.number, Int32(SHUT_RDWR))
    }
}
