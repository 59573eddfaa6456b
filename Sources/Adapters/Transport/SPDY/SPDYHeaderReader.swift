internal import CZLIB
internal import Primitives

/// Unpacks the header blocks that a client sends on one connection, in their order: each is
/// packed with what was in those before (SPDY/3.1 §2.6.10).
///
/// SAFETY: the stream is at one place from its beginning to its end, as zlib demands; zlib is
/// given buffers with their sizes, and keeps none of them.
@safe final class SPDYHeaderReader {
    /// Bytes of a header block, unpacked.
    static let blockBytesMax = 16 << 10

    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        isReady = unsafe keelson_inflate_zlib(stream) == Z_OK
    }

    deinit {
        if isReady { _ = unsafe inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// The headers of the next block.
    func read(_ packed: ArraySlice<UInt8>) throws(SPDYFailure) -> [String: String] {
        try Self.headers(in: try unpack(packed))
    }

    private func unpack(_ packed: ArraySlice<UInt8>) throws(SPDYFailure) -> Bytes {
        guard isReady else { throw .wrongHeaders }
        var input = Bytes(packed)
        // One more than allowed, to tell what is allowed from what is not.
        var output = Bytes(repeating: 0, count: Self.blockBytesMax + 1)
        let (inputCount, room) = (input.count, output.count)
        var status = Z_OK
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = UInt32(inputCount)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room)
                status = unsafe inflate(stream, Z_SYNC_FLUSH)
                if status == Z_NEED_DICT {
                    status = unsafe inflateSetDictionary(
                        stream, SPDYDictionary.bytes, UInt32(SPDYDictionary.bytes.count))
                    if status == Z_OK { status = unsafe inflate(stream, Z_SYNC_FLUSH) }
                }
            }
        }
        let count = unsafe room - Int(stream.pointee.avail_out)
        let isRead = unsafe stream.pointee.avail_in == 0
        guard status == Z_OK, isRead, count < room else { throw .wrongHeaders }
        return Bytes(output[..<count])
    }

    /// A count, then names and values, each behind its length.
    private static func headers(in block: Bytes) throws(SPDYFailure) -> [String: String] {
        var rest = block[...]
        func number() throws(SPDYFailure) -> Int {
            guard rest.count >= 4 else { throw .wrongHeaders }
            defer { rest = rest.dropFirst(4) }
            return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        }
        func text() throws(SPDYFailure) -> String {
            let count = try number()
            guard count <= rest.count else { throw .wrongHeaders }
            defer { rest = rest.dropFirst(count) }
            return String(decoding: rest.prefix(count), as: UTF8.self)
        }
        var headers: [String: String] = [:]
        // Each takes eight bytes at least: a wrong count ends soon.
        for _ in 0..<(try number()) {
            let name = try text()
            headers[name] = try text()
        }
        guard rest.isEmpty else { throw .wrongHeaders }
        return headers
    }
}

/// What both ends have zlib know beforehand (SPDY/3.1 §2.6.10.1): words, each behind its length,
/// and a text.
enum SPDYDictionary {
    static let bytes: Bytes = {
        var bytes: Bytes = []
        for word in words {
            bytes += [0, 0, 0, UInt8(word.utf8.count)] + word.utf8
        }
        return bytes + Bytes(text.utf8)
    }()

    private static let words =
        """
        options head post put delete trace accept accept-charset accept-encoding accept-language
        accept-ranges age allow authorization cache-control connection content-base
        content-encoding content-language content-length content-location content-md5
        content-range content-type date etag expect expires from host if-match if-modified-since
        if-none-match if-range if-unmodified-since last-modified location max-forwards pragma
        proxy-authenticate proxy-authorization range referer retry-after server te trailer
        transfer-encoding upgrade user-agent vary via warning www-authenticate method get status
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
        + ["200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin"]

    private static let text =
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504"
        + "505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
        + "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
        + "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, "
        + "Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
        + "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
        + "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
}
