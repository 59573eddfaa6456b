import Glibc
import Primitives

// SAFETY: addresses and buffers are locals that outlive the calls they are passed to, with
// their true sizes.

/// Asks a name server for addresses over UDP, one question at a time.
final class NameClient {
    private static let port: UInt16 = 53
    private static let patienceMicroseconds = 200_000
    private let descriptor: Int32
    private var number: UInt16 = 0

    /// Connects to port 53 of a host.
    init(host: (UInt8, UInt8, UInt8, UInt8)) throws {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw LoadFailure.lastCall("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = Self.port.bigEndian
        address.sin_addr.s_addr =
            UInt32(host.0) | UInt32(host.1) << 8 | UInt32(host.2) << 16 | UInt32(host.3) << 24
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw LoadFailure.lastCall("connect") }
        var patience = timeval(tv_sec: 0, tv_usec: Self.patienceMicroseconds)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The one address that a name has; nil if it has none or several, or nobody answers in time.
    func address(of name: String) throws -> Bytes? {
        number &+= 1
        let question = Self.question(name, number)
        var answer = Bytes(repeating: 0, count: 512)
        // Nobody listens yet: the next question may be answered.
        guard unsafe send(descriptor, question, question.count, 0) == question.count else {
            return nil
        }
        let count = unsafe recv(descriptor, &answer, answer.count, 0)
        guard count > 0 else { return nil }
        return Self.address(in: answer[..<count], number)
    }

    /// RFC 1035, 4.1: a question for the addresses (A, IN) of a name.
    static func question(_ name: String, _ number: UInt16) -> Bytes {
        var bytes: Bytes = [UInt8(number >> 8), UInt8(number & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.utf8.split(separator: UInt8(ascii: ".")) {
            bytes.append(UInt8(label.count))
            bytes += label
        }
        return bytes + [0, 0, 1, 0, 1]
    }

    /// The data of the only record of an answer, which is at its end; nil for any other answer.
    static func address(in answer: ArraySlice<UInt8>, _ number: UInt16) -> Bytes? {
        let head = Array(answer.prefix(12))
        guard head.count == 12, head[0] == UInt8(number >> 8), head[1] == UInt8(number & 0xFF),
            head[3] & 0x0F == 0, head[6...] == [0, 1, 0, 0, 0, 0], answer.count > 18,
            answer.suffix(6).prefix(2) == [0, 4]
        else { return nil }
        return Bytes(answer.suffix(4))
    }
}
