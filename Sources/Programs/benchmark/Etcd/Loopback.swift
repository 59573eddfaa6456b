import Glibc

// SAFETY: the address lives on the stack for the time of the call that it is passed to, with its
// true size.

/// TCP on 127.0.0.1.
enum Loopback {
    /// Ports that nobody listens on at the moment.
    static func freePorts(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        // All are held until the last is known, so that none comes twice.
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = try makeSocket()
            sockets.append(descriptor)
            guard unsafe withAddress(port: 0, { unsafe bind(descriptor, $0, $1) }) == 0 else {
                throw LoadFailure.lastCall("bind")
            }
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getsockname(descriptor, $0, &size)
                }
            }
            guard result == 0 else { throw LoadFailure.lastCall("getsockname") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }

    /// A connected socket that does not block, and sends at once what it is given.
    static func connect(port: Int) throws -> Int32 {
        let descriptor = try makeSocket()
        let result = unsafe withAddress(port: port) { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            let failure = LoadFailure.lastCall("connect")
            close(descriptor)
            throw failure
        }
        var isOn: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn,
            socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    private static func makeSocket() throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw LoadFailure.lastCall("socket") }
        return descriptor
    }

    private static func withAddress(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
