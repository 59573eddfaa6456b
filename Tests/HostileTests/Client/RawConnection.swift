import Glibc
import Primitives

/// A TCP connection to a port of this machine, without a protocol.
final class RawConnection {
    /// What a read brought.
    enum Received: Equatable {
        case bytes(Bytes)
        case closed
        case silence
    }

    private let descriptor: Int32

    /// `receiveBytes`, where given, keeps the socket's buffer small: a reader that stalls soon.
    init(port: Int, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, 4)
        }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw StoreFailure.cannotConnect(errno)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends all bytes, and gives up where the other end takes none for `patience`
    /// milliseconds. Answers whether all were sent.
    @discardableResult
    func send(_ bytes: Bytes, patience: Int32 = 5_000) -> Bool {
        var sent = 0
        while sent < bytes.count {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, patience) > 0 else { return false }
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress! + sent, buffer.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Says that nothing more will be sent.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next bytes; waits up to `patience` milliseconds.
    func receive(patience: Int32 = 5_000) -> Received {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, patience) > 0 else { return .silence }
        var buffer = Bytes(repeating: 0, count: 64 << 10)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        // Bytes that the other end did not read before it closed make this a reset.
        guard count > 0 else { return .closed }
        return .bytes(Bytes(buffer[..<count]))
    }

    /// Everything until the other end closes; nil if it does not.
    func receiveAll(patience: Int32 = 5_000) -> Bytes? {
        var all: Bytes = []
        while true {
            switch receive(patience: patience) {
            case .bytes(let bytes): all += bytes
            case .closed: return all
            case .silence: return nil
            }
        }
    }
}
