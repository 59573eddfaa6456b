internal import CCurl
internal import Glibc
package import Primitives
internal import Synchronization

/// Exchanges with servers, one after the other, on the caller's thread, through libcurl.
/// Connections that servers keep open serve the next exchange; over TLS it is HTTP/2 where the
/// server offers it. `HTTPConnectionPool` does the same for tasks.
@safe
package final class HTTPConnection: @unchecked Sendable {
    // SAFETY: the handles and `reason` belong to this object and live as long as it does. One
    // thread at a time performs, which `isBusy` holds; `wake` alone may come from another thread,
    // and libcurl allows that. What libcurl is lent during an exchange is taken back before
    // `perform` returns.

    private let multi: OpaquePointer
    let easy: UnsafeMutableRawPointer
    /// What libcurl says of a failure beside its code.
    private let reason: UnsafeMutablePointer<CChar>
    private let identity: HTTPIdentity
    private let isBusy = Atomic(false)

    /// Nothing is sent yet.
    package init(_ identity: HTTPIdentity = HTTPIdentity()) {
        invariant(CurlLibrary.isReady, "libcurl cannot start")
        guard let multi = unsafe curl_multi_init(), let easy = unsafe curl_easy_init() else {
            fatalError("no memory for an HTTP connection")
        }
        unsafe self.multi = OpaquePointer(multi)
        unsafe self.easy = easy
        unsafe reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.identity = identity
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_multi_cleanup(UnsafeMutableRawPointer(multi))
        unsafe reason.deallocate()
    }

    /// Sends a request and hands on its answer as it comes, to its end.
    /// - Parameters:
    ///   - isStopped: asked now and then, and after each `wake`: whether to break off.
    ///   - onHead: called once, before any piece.
    ///   - onPiece: takes a piece of the body; answers whether more is wanted.
    /// - Throws: `.stopped` if one of them said so.
    package func perform(
        _ request: HTTPRequest, isStopped: @escaping () -> Bool = { false },
        onHead: @escaping (HTTPHead) -> Void, onPiece: @escaping (Bytes) -> Bool
    ) throws(HTTPFailure) {
        let wasBusy = isBusy.exchange(true, ordering: .acquiring)
        invariant(!wasBusy, "two exchanges at once on one HTTP connection")
        defer { isBusy.store(false, ordering: .releasing) }
        let exchange = Exchange(
            followsRedirects: request.redirectsMax > 0, onHead: onHead, onPiece: onPiece)
        let headers = try unsafe prepare(request, exchange)
        defer { unsafe curl_slist_free_all(headers) }
        try withExtendedLifetime(exchange) { () throws(HTTPFailure) in
            let code = try run(isStopped)
            guard code != CURLE_OK else { return }
            throw exchange.isRefused ? .stopped : failure(code, request)
        }
    }

    /// Sends a request and collects its answer.
    package func answer(
        to request: HTTPRequest, bytesMax: Int = 1 << 30
    ) throws(HTTPFailure) -> (head: HTTPHead, body: Bytes) {
        var head = HTTPHead(status: 0, headers: [])
        var body: Bytes = []
        do {
            try perform(request) {
                head = $0
            } onPiece: {
                body += $0
                return body.count <= bytesMax
            }
        } catch {
            throw body.count > bytesMax ? .tooLarge(bytesMax: bytesMax) : error
        }
        return (head, body)
    }

    /// Makes a running `perform` ask whether it is stopped. Any thread may call it at any time.
    package func wake() {
        unsafe curl_multi_wakeup(UnsafeMutableRawPointer(multi))
    }

    /// Drives the exchange to its end.
    private func run(_ isStopped: @escaping () -> Bool) throws(HTTPFailure) -> CURLcode {
        let multi = unsafe UnsafeMutableRawPointer(multi)
        unsafe curl_multi_add_handle(multi, easy)
        defer { unsafe curl_multi_remove_handle(multi, easy) }
        var code = CURLE_OK
        var runningCount: CInt = 0
        while true {
            guard unsafe curl_multi_perform(multi, &runningCount) == CURLM_OK else {
                throw .lost("libcurl gives up")
            }
            if unsafe keelson_curl_take_result(multi, &code) == 1 { return code }
            guard !isStopped() else { throw .stopped }
            unsafe curl_multi_poll(multi, nil, 0, 1_000, nil)
        }
    }

    /// Tells libcurl everything about a request; the headers must be freed after it.
    func prepare(
        _ request: HTTPRequest, _ exchange: Exchange
    ) throws(HTTPFailure) -> UnsafeMutablePointer<curl_slist>? {
        unsafe curl_easy_reset(easy)
        unsafe reason.pointee = 0
        unsafe keelson_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, reason)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_URL, request.address)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        set(CURLOPT_BUFFERSIZE, 128 << 10)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        if let timeout = request.timeout { set(CURLOPT_TIMEOUT_MS, timeout.milliseconds) }
        set(CURLOPT_FOLLOWLOCATION, request.redirectsMax > 0 ? 1 : 0)
        set(CURLOPT_MAXREDIRS, request.redirectsMax)
        // As Go's clients do: proxies of the environment, but none on the way to this machine.
        let exempt = unsafe getenv("no_proxy").map { unsafe "," + String(cString: $0) } ?? ""
        set(CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1" + exempt)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_CUSTOMREQUEST, request.method)
        if request.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
        if let body = request.body {
            set(CURLOPT_POST, 1)
            let code = unsafe body.withUnsafeBytes {
                unsafe keelson_curl_set_body(easy, $0.baseAddress, curl_off_t($0.count))
            }
            guard code == CURLE_OK else { throw .invalid("no memory for the body") }
        }
        prepareTrust()
        let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
        unsafe keelson_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        unsafe keelson_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe keelson_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION, receiveHeadLine)
        unsafe keelson_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, receivePiece)
        return try unsafe headerList(request.headers)
    }

    private func prepareTrust() {
        if identity.trustsAnyone {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let authorities = identity.authorities {
            set(CURLOPT_CAINFO_BLOB, authorities)
            // Else those of the system would be believed as well.
            unsafe keelson_curl_set_text(easy, CURLOPT_CAPATH, nil)
        }
        if let certificate = identity.certificate {
            set(CURLOPT_SSLCERTTYPE, "PEM")
            set(CURLOPT_SSLCERT_BLOB, certificate)
        }
        if let key = identity.key {
            set(CURLOPT_SSLKEYTYPE, "PEM")
            set(CURLOPT_SSLKEY_BLOB, key)
        }
    }

    private func headerList(
        _ headers: [HTTPHeader]
    ) throws(HTTPFailure) -> UnsafeMutablePointer<curl_slist>? {
        // Nobody is to be asked whether a body may come.
        var list = unsafe curl_slist_append(nil, "Expect:")
        for header in headers {
            let text = header.name + ": " + header.value
            guard !text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                unsafe curl_slist_free_all(list)
                throw .invalid("header \(header.name) holds a control character")
            }
            // A header without value would be left out.
            let line = header.value.isEmpty ? header.name + ";" : text
            unsafe list = curl_slist_append(list, line)
        }
        unsafe keelson_curl_set_headers(easy, list)
        return unsafe list
    }

    func set(_ option: CURLoption, _ value: Int) {
        unsafe keelson_curl_set_long(easy, option, value)
    }

    private func set(_ option: CURLoption, _ text: String) {
        unsafe keelson_curl_set_text(easy, option, text)
    }

    private func set(_ option: CURLoption, _ bytes: Bytes) {
        _ = unsafe bytes.withUnsafeBytes {
            unsafe keelson_curl_set_blob(easy, option, $0.baseAddress, $0.count)
        }
    }

    func failure(_ code: CURLcode, _ request: HTTPRequest) -> HTTPFailure {
        let said = unsafe String(cString: reason)
        let why = unsafe said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        let place = HTTPFailure.place(of: request.address)
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .invalid("\(request.address) is no address of a server: \(why)")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .unknownHost(place)
        case CURLE_COULDNT_CONNECT:
            let number = unsafe keelson_curl_get_long(easy, CURLINFO_OS_ERRNO)
            return number == ECONNREFUSED ? .refused(place) : .unreachable(place, why)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: return .untrusted(why)
        case CURLE_SSL_CERTPROBLEM: return .invalid("the client's certificate: \(why)")
        case CURLE_SSL_CACERT_BADFILE: return .invalid("the trusted authorities: \(why)")
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_TOO_MANY_REDIRECTS: return .tooManyRedirects
        default: return .lost(why)
        }
    }
}

/// One start of libcurl for the process.
private enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// Where libcurl's callbacks find whom to tell.
final class Exchange {
    private var head: HeadParser
    private let onHead: (HTTPHead) -> Void
    private let onPiece: (Bytes) -> Bool
    /// The receiver wants no more.
    private(set) var isRefused = false

    init(
        followsRedirects: Bool, onHead: @escaping (HTTPHead) -> Void,
        onPiece: @escaping (Bytes) -> Bool
    ) {
        head = HeadParser(followsRedirects: followsRedirects)
        self.onHead = onHead
        self.onPiece = onPiece
    }

    func take(line: some Collection<UInt8>) {
        if let head = head.take(String(decoding: line, as: UTF8.self)) { onHead(head) }
    }

    func take(piece: Bytes) -> Bool {
        isRefused = !onPiece(piece)
        return !isRefused
    }
}

private func receiveHeadLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().take(line: line)
    return line.count
}

private func receivePiece(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let piece = unsafe Bytes(UnsafeRawBufferPointer(start: bytes, count: size * count))
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    // Less than there was makes libcurl break off.
    return exchange.take(piece: piece) ? piece.count : piece.isEmpty ? 0 : piece.count - 1
}
