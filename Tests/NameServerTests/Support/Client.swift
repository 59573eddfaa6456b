import Glibc
import NameService
import Primitives

/// A client of a name server on this machine, by system calls that wait.
final class Client {
    /// The system does not do what a test needs.
    struct Failure: Error {
        var call: String
        var number = errno
    }

    private let descriptor: Int32

    /// A socket of the carrier's kind that is connected to `127.0.0.1:port`. It gives up waiting
    /// after ten seconds: a failed test, not one that hangs. `bufferBytes`, where given, keeps
    /// its buffers small.
    init(_ carrier: DNSCarrier, port: Int, bufferBytes: Int32? = nil) throws {
        let kind = carrier == .stream ? SOCK_STREAM : SOCK_DGRAM
        descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        if var bufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bufferBytes, 4)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bufferBytes, 4)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ bytes: Bytes) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR else { throw Failure(call: "send") }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// The next bytes, `count` at most; none when the other end has hung up.
    func receive(_ count: Int = 65_536) throws -> Bytes {
        var buffer = Bytes(repeating: 0, count: count)
        var got: Int
        repeat { got = recv(descriptor, &buffer, count, 0) } while got < 0 && errno == EINTR
        if got < 0, errno == ECONNRESET { return [] }
        guard got >= 0 else { throw Failure(call: "recv") }
        return Bytes(buffer[..<got])
    }

    /// Sends one query behind its length.
    func sendFrame(_ query: Bytes) throws {
        try send([UInt8(query.count >> 8), UInt8(query.count & 255)] + query)
    }

    /// Sends a query again and again until nothing is taken for a second; answers how many were
    /// taken whole. (The server may see a part of one more.)
    func sendFramesUntilStuck(_ query: Bytes) throws -> Int {
        let frame = [UInt8(query.count >> 8), UInt8(query.count & 255)] + query
        var sent = 0
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&wait, 1, 1_000)
            guard ready != 0 else { return sent / frame.count }
            let rest = Bytes(frame[(sent % frame.count)...])
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = Glibc.send(descriptor, rest, rest.count, flags)
            guard count > 0 || errno == EAGAIN || errno == EINTR else {
                throw Failure(call: "send")
            }
            sent += max(0, count)
        }
    }

    /// The next answer that came behind its length; nil when the other end has hung up.
    func receiveFrame() throws -> DNSMessage? {
        guard let prefix = try exactly(2) else { return nil }
        let body = try exactly(Int(prefix[0]) << 8 | Int(prefix[1]))
        return try body.map { try DNSMessage(decoding: $0) }
    }

    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private func exactly(_ count: Int) throws -> Bytes? {
        var bytes: Bytes = []
        while bytes.count < count {
            let more = try receive(count - bytes.count)
            if more.isEmpty { return nil }
            bytes += more
        }
        return bytes
    }
}
