import Glibc
import Primitives
import ServiceModel
import ServiceProxy

/// A TCP socket of this machine, by system calls that wait, for ten seconds at most.
final class Socket {
    /// A system call failed.
    struct Failure: Error, Equatable {
        var number: Int32
    }

    private var descriptor: Int32

    private init(_ descriptor: Int32) throws {
        guard descriptor >= 0 else { throw Failure(number: errno) }
        self.descriptor = descriptor
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    }

    private convenience init() throws {
        try self.init(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    }

    deinit {
        closeNow()
    }

    func closeNow() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Listens at an address, on a free port unless one is given.
    static func listening(at address: IPv4Address, port: UInt16 = 0) throws -> Socket {
        let socket = try Socket()
        socket.set(SO_REUSEADDR, 1)
        try socket.call(Target(address: address, port: port), Glibc.bind)
        guard listen(socket.descriptor, 256) == 0 else { throw Failure(number: errno) }
        return socket
    }

    /// Connects; `receiveBytes`, where given, keeps the buffer small.
    static func connected(to place: Target, receiveBytes: Int32? = nil) throws -> Socket {
        let socket = try Socket()
        if let receiveBytes { socket.set(SO_RCVBUF, receiveBytes) }
        try socket.call(place, Glibc.connect)
        return socket
    }

    /// The next connection to a listening socket.
    func accepted(receiveBytes: Int32? = nil) throws -> Socket {
        if let receiveBytes { set(SO_RCVBUF, receiveBytes) }
        var client: Int32
        repeat { client = accept(descriptor, nil, nil) } while client < 0 && errno == EINTR
        return try Socket(client)
    }

    /// Where the socket is bound.
    var place: Target {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &size)
            }
        }
        return Target(
            address: IPv4Address(bits: UInt32(bigEndian: address.sin_addr.s_addr)),
            port: UInt16(bigEndian: address.sin_port))
    }

    func send(_ bytes: Bytes) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR else { throw Failure(number: errno) }
            sent += max(0, count)
        }
    }

    func send(_ text: String) throws {
        try send(Bytes(text.utf8))
    }

    /// Sends until nothing more is taken for half a second; answers how many bytes were.
    func sendUntilStuck(_ bytes: Bytes) -> Int {
        var sent = 0
        while sent < bytes.count {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, 500) != 0 else { break }
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress, $0.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 { sent += count } else if errno != EAGAIN && errno != EINTR { break }
        }
        return sent
    }

    /// The next bytes; none at the end.
    func receive(_ count: Int = 1 << 16) throws -> Bytes {
        var buffer = Bytes(repeating: 0, count: count)
        var got: Int
        repeat { got = recv(descriptor, &buffer, count, 0) } while got < 0 && errno == EINTR
        guard got >= 0 else { throw Failure(number: errno) }
        return Bytes(buffer[..<got])
    }

    /// So many bytes, or what there is until the end.
    func receive(exactly count: Int) throws -> Bytes {
        var bytes: Bytes = []
        while bytes.count < count {
            let more = try receive(min(count - bytes.count, 1 << 16))
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    func receiveText(_ count: Int) throws -> String {
        String(decoding: try receive(exactly: count), as: UTF8.self)
    }

    /// Everything until the end.
    func receiveAll() throws -> Bytes {
        try receive(exactly: .max)
    }

    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// From now on closing is a reset.
    func resetsWhenClosed() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func call(
        _ place: Target, _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = place.port.bigEndian
        address.sin_addr.s_addr = place.address.bits.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(number: errno) }
    }
}

/// Addresses that no other test of this machine uses at the moment, in all likelihood.
enum Addresses {
    private static let count = Counter()

    static func service() -> IPv4Address { next(in: .services) }
    static func pod() -> IPv4Address { next(in: .pods) }

    private static func next(in range: IPv4Range) -> IPv4Address {
        let offset = UInt32(truncatingIfNeeded: getpid()) &* 256 &+ UInt32(count.next())
        return IPv4Address(bits: range.first.bits + 1 + offset % UInt32(range.count - 2))
    }
}
