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
    /// What frames are encrypted with; nil for plain text.
    private let tls: LoadTLS?
    /// Waits in the driver's list for its flush.
    var isDirty = false
    /// Whether the socket was full.
    private(set) var isBlocked = false

    init(index: Int, port: Int, driver: LoadDriver, security: LoadSecurity?) throws {
        self.index = index
        self.driver = driver
        tls = try security.map { try LoadTLS($0) }
        descriptor = try Loopback.connect(port: port)
        unsafe buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
        unsafe session = LoadSession.make(for: self)
    }

    deinit {
        unsafe nghttp2_session_del(session)
        unsafe buffer.deallocate()
        close(descriptor)
    }

    /// Whether something waits to be sent that no call has announced: what the protocols answer
    /// by themselves.
    var wantsFlush: Bool {
        unsafe nghttp2_session_want_write(session) != 0 || tls?.hasOutgoing ?? false
    }

    /// Begins an HTTP call of `client`. False if the session takes no more calls.
    func submit(client: Int, _ call: HTTPCall, hasBody: Bool) -> Bool {
        guard let session = unsafe session else { return false }
        return unsafe LoadSession.submit(
            session, call.headers, hasBody: hasBody, client: client)
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
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: scratch[..<count])
            guard unsafe take(bytes) else { return false }
            if count < scratch.count { return true }
        }
    }

    /// Hands what has come to the session, decrypted where it must be.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let tls else { return unsafe feed(bytes) }
        do {
            return try unsafe tls.receive(bytes) { unsafe feed($0) }
        } catch {
            driver.receivedMessage("TLS: \(error)")
            return false
        }
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe nghttp2_session_mem_recv(session, start, bytes.count) == bytes.count
    }

    /// Sends what the session has to say, as far as the socket takes it. False if the connection
    /// is over.
    func flush() -> Bool {
        isBlocked = false
        while true {
            let isDrained = tls == nil ? fillBuffer() : fillEncrypted()
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

    private func moveToFront() {
        guard start > 0 else { return }
        unsafe memmove(buffer, buffer + start, end - start)
        end -= start
        start = 0
    }

    /// Encrypts frames and collects what comes of it. Whether there was no more than fits.
    private func fillEncrypted() -> Bool {
        guard let tls else { return true }
        moveToFront()
        var data: UnsafePointer<UInt8>?
        while true {
            let count = unsafe nghttp2_session_mem_send(session, &data)
            guard count > 0, let data = unsafe data else { break }
            unsafe tls.send(UnsafeRawBufferPointer(start: data, count: count))
        }
        let room = unsafe UnsafeMutableRawBufferPointer(
            start: buffer + end, count: Self.bufferBytes - end)
        end += unsafe tls.take(into: room)
        return !tls.hasOutgoing
    }

    /// Collects frames. Whether the session had no more than fits.
    private func fillBuffer() -> Bool {
        moveToFront()
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
