import Glibc
import Synchronization

/// Ports of 127.0.0.1 for servers, below those that the kernel gives to clients: a server that is
/// killed and started again must find its port free.
enum Ports {
    private static let next = Mutex(10_000 + Int(getpid()) * 97 % 20_000)

    static func free() throws -> Int {
        for _ in 0..<10_000 {
            let port = next.withLock { next in
                next = next >= 32_000 ? 10_000 : next + 1
                return next
            }
            if try isFree(port) { return port }
        }
        throw SystemFailure("bind")
    }

    private static func isFree(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("socket") }
        defer { close(descriptor) }
        return withLoopback(port: port) { bind(descriptor, $0, $1) } == 0
    }
}

/// Calls `body` with the address of a port on 127.0.0.1.
func withLoopback(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
