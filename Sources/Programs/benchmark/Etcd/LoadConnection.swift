import CNGHTTP2
import Glibc

/// One HTTP/2 connection of the load: a socket that does not block, and an nghttp2 session.
///
/// SAFETY: everything runs on one thread. The session calls back only inside `receive` and
/// `flush`, while this object, its user data, is alive; the buffer belongs to this object, and
/// `start` and `end` stay inside it.
@safe
final class LoadConnection {
    /// Room for what waits to be sent, and how much of it nghttp2 may write at one time.
    private static let bufferBytes = 64 << 10
    private static let frameBytesMax = 17 << 10

    let index: Int
    let descriptor: Int32
    /// Whom the callbacks go to.
    let driver: LoadDriver
    private var session: OpaquePointer?
    private let buffer: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    /// Waits in the driver's list for its flush.
    var isDirty = false
    /// Whether the socket was full.
    private(set) var isBlocked = false

    init(index: Int, port: Int, driver: LoadDriver) throws {
        self.index = index
        self.driver = driver
        descriptor = try Loopback.connect(port: port)
        unsafe buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
        unsafe session = LoadSession.make(for: self)
    }

    deinit {
        unsafe nghttp2_session_del(session)
        unsafe buffer.deallocate()
        close(descriptor)
    }

    /// Begins a call of `client`. False if the session takes no more calls.
    func submit(client: Int, _ method: LoadMethod, _ headers: LoadHeaders) -> Bool {
        guard let session = unsafe session else { return false }
        return unsafe LoadSession.submit(session, headers[method], client: client)
    }

    /// Reads what has come. False if the connection is over.
    func receive(into scratch: UnsafeMutableRawBufferPointer) -> Bool {
        while true {
            let count = unsafe recv(descriptor, scratch.baseAddress, scratch.count, 0)
            if count == 0 { return false }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            driver.readTime = nanoseconds()
            let bytes = unsafe scratch.baseAddress?.assumingMemoryBound(to: UInt8.self)
            guard unsafe nghttp2_session_mem_recv(session, bytes, count) == count else {
                return false
            }
            if count < scratch.count { return true }
        }
    }

    /// Sends what the session has to say, as far as the socket takes it. False if the connection
    /// is over.
    func flush() -> Bool {
        isBlocked = false
        while true {
            let isDrained = fillBuffer()
            guard start < end else { return true }
            let sent = unsafe send(
                descriptor, buffer + start, end - start, Int32(MSG_NOSIGNAL))
            if sent < 0 {
                if errno == EINTR { continue }
                isBlocked = errno == EAGAIN
                return isBlocked
            }
            start += sent
            if start == end, isDrained { return true }
        }
    }

    /// Collects frames. Whether the session had no more than fits.
    private func fillBuffer() -> Bool {
        if start > 0 {
            unsafe memmove(buffer, buffer + start, end - start)
            end -= start
            start = 0
        }
        while Self.bufferBytes - end >= Self.frameBytesMax {
            var data: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &data)
            guard count > 0, let data = unsafe data else { return true }
            unsafe (buffer + end).copyMemory(from: data, byteCount: count)
            end += count
        }
        return false
    }
}
