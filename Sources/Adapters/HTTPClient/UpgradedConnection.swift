internal import CCurl
internal import Glibc
package import Primitives

/// A connection on which a server and its client say what they like, once the server has granted
/// a request to upgrade. For one thread, which waits at `descriptor`: nothing here waits but the
/// initialiser.
@safe
package final class UpgradedConnection {
    // SAFETY: libcurl's handle belongs to `connection`, which lives as long as this object does.
    // `chunk` belongs to this object; TLS wants bytes that could not be sent to stay where they
    // are until they can.

    private let connection: HTTPConnection
    private let chunk: UnsafeMutableBufferPointer<UInt8>
    /// What of `chunk` is still to be sent.
    private var unsent = 0..<0
    private var queue: [Bytes] = []
    /// What came along with the head.
    private var early: Bytes = []
    /// What the server has answered with: status 101, or a refusal.
    package private(set) var head = HTTPHead(status: 0, headers: [])
    /// The text of a refusal.
    package private(set) var refusal: Bytes = []

    private static let chunkBytes = 64 << 10
    private static let headBytesMax = 64 << 10
    private static let refusalBytesMax = 1 << 20

    /// Connects, sends a request without a body, and waits for the head of its answer.
    package init(_ identity: HTTPIdentity, _ request: HTTPRequest) throws(HTTPFailure) {
        connection = HTTPConnection(identity)
        unsafe chunk = .allocate(capacity: Self.chunkBytes)
        try connection.connect(request)
        send(Self.text(of: request))
        try readHead(timeout: request.connectTimeout)
    }

    deinit { unsafe chunk.deallocate() }

    /// What to wait at: for readability always, for writability if `hasUnsent`.
    package var descriptor: Int32 { connection.socket }

    /// Whether something waits for room.
    package var hasUnsent: Bool { !unsent.isEmpty || !queue.isEmpty }

    /// Puts bytes behind those that wait.
    package func send(_ bytes: Bytes) {
        if !bytes.isEmpty { queue.append(bytes) }
    }

    /// Sends what there is room for.
    package func flush() throws(HTTPFailure) {
        while hasUnsent {
            if unsent.isEmpty { fillChunk() }
            var count = 0
            let code = unsafe curl_easy_send(
                connection.easy, chunk.baseAddress! + unsent.lowerBound, unsent.count, &count)
            if code == CURLE_AGAIN { return }
            guard code == CURLE_OK else { throw connection.lost(code) }
            unsent = unsent.lowerBound + count..<unsent.upperBound
        }
    }

    /// What has come; nil if nothing has, empty at the end. To be called until it is nil: what
    /// TLS has read already cannot be waited for.
    package func receive() throws(HTTPFailure) -> Bytes? {
        guard early.isEmpty else {
            defer { early = [] }
            return early
        }
        var code = CURLE_OK
        let bytes = unsafe Bytes(unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            unsafe code = curl_easy_recv(connection.easy, buffer.baseAddress, buffer.count, &count)
        }
        if code == CURLE_AGAIN { return nil }
        guard code == CURLE_OK else { throw connection.lost(code) }
        return bytes
    }

    private func fillChunk() {
        let next = queue[0].prefix(Self.chunkBytes)
        _ = unsafe chunk.update(fromContentsOf: next)
        unsent = 0..<next.count
        queue[0].removeFirst(next.count)
        if queue[0].isEmpty { queue.removeFirst() }
    }

    private static func text(of request: HTTPRequest) -> Bytes {
        let place = HTTPFailure.place(of: request.address)
        let behind = request.address.split(separator: "://", maxSplits: 1).last ?? ""
        let path = behind.dropFirst(place.count)
        let lines = ["\(request.method) \(path.isEmpty ? "/" : path) HTTP/1.1", "Host: \(place)"]
            + request.headers.map { "\($0.name): \($0.value)" }
        return Bytes((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private func readHead(timeout: Duration) throws(HTTPFailure) {
        let deadline = ContinuousClock().now.advanced(by: timeout)
        var parser = HeadParser(followsRedirects: false, endsWithUpgrade: true)
        var bytes: Bytes = []
        while true {
            bytes += try wait(until: deadline)
            guard bytes.count <= Self.headBytesMax else { throw .lost("the head does not end") }
            while let end = bytes.firstIndex(of: 0x0A) {
                let line = String(decoding: bytes[...end], as: UTF8.self)
                bytes.removeSubrange(...end)
                guard let head = parser.take(line) else { continue }
                self.head = head
                if head.status == 101 {
                    early = bytes
                } else {
                    try readRefusal(bytes, until: deadline)
                }
                return
            }
        }
    }

    private func readRefusal(
        _ first: Bytes, until deadline: ContinuousClock.Instant
    ) throws(HTTPFailure) {
        refusal = first
        let count = min(Self.refusalBytesMax, head["content-length"].flatMap { Int($0) } ?? .max)
        while refusal.count < count {
            let piece = try wait(until: deadline)
            if piece.isEmpty { return }
            refusal += piece
        }
    }

    /// Sends all, and waits for bytes.
    private func wait(until deadline: ContinuousClock.Instant) throws(HTTPFailure) -> Bytes {
        while true {
            try flush()
            if let bytes = try receive() {
                guard !bytes.isEmpty || head.status != 0 else { throw .lost("no answer") }
                return bytes
            }
            let rest = ContinuousClock().now.duration(to: deadline)
            guard rest > .zero else { throw .timedOut }
            let events = Int16(POLLIN | (hasUnsent ? POLLOUT : 0))
            var wanted = pollfd(fd: descriptor, events: events, revents: 0)
            unsafe poll(&wanted, 1, Int32(clamping: rest.milliseconds))
        }
    }
}

extension HTTPConnection {
    /// Connects as for a request of HTTP/1.1, and sends nothing.
    fileprivate func connect(_ request: HTTPRequest) throws(HTTPFailure) {
        let nobody = Exchange(followsRedirects: false, onHead: { _ in }, onPiece: { _ in true })
        let headers = try unsafe prepare(request, nobody)
        defer { unsafe curl_slist_free_all(headers) }
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_HTTPPROXYTUNNEL, 1)
        set(CURLOPT_CONNECT_ONLY, 1)
        let code = unsafe curl_easy_perform(easy)
        guard code == CURLE_OK else { throw failure(code, request) }
    }

    fileprivate var socket: Int32 { unsafe keelson_curl_get_socket(easy) }

    fileprivate func lost(_ code: CURLcode) -> HTTPFailure {
        .lost(unsafe String(cString: curl_easy_strerror(code)))
    }
}
