internal import Dispatch
internal import Glibc
internal import Primitives

/// A TCP connection of a probe.
///
/// SAFETY: addresses and buffers passed to the kernel are locals that outlive the call; an
/// address is read as the family says that it is.
final class Connection: Sendable {
    private let socket: Descriptor
    private let queue: DispatchQueue

    /// Connects to a numeric address, or to `localhost`.
    init(to host: String, port: Int, on queue: DispatchQueue) async throws {
        self.queue = queue
        let address = host == "localhost" ? "127.0.0.1" : host
        let isV6 = address.contains(":")
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        socket = Descriptor(
            try HostCalls.check("socket", "") { Glibc.socket(isV6 ? AF_INET6 : AF_INET, kind, 0) })
        let result = isV6
            ? try Self.connectV6(socket.number, address, UInt16(clamping: port))
            : try Self.connectV4(socket.number, address, UInt16(clamping: port))
        if result == 0 { return }
        if result != EINPROGRESS { throw HostFailure("connect", "", result) }
        try await Readiness.writable(socket.number, on: queue)
        try Task.checkCancellation()
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &error, &size)
        if error != 0 { throw HostFailure("connect", "", error) }
    }

    func write(_ bytes: Bytes) async throws {
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
    func read() async throws -> Bytes? {
        var chunk = Bytes(repeating: 0, count: 4096)
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

    private static func connectV4(
        _ socket: Int32, _ host: String, _ port: UInt16
    ) throws -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw RuntimeFailure.invalid("\"\(host)\" is no numeric address")
        }
        return connect(socket, &address)
    }

    private static func connectV6(
        _ socket: Int32, _ host: String, _ port: UInt16
    ) throws -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard unsafe inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else {
            throw RuntimeFailure.invalid("\"\(host)\" is no numeric address")
        }
        return connect(socket, &address)
    }

    /// The errno of the attempt; 0 if it has succeeded already.
    private static func connect<Address>(_ socket: Int32, _ address: inout Address) -> Int32 {
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, size)
            }
        }
        return result == 0 ? 0 : errno
    }
}
