import CNGHTTP2
import Primitives

/// Reads the header blocks that a server sends on one connection.
final class HeaderInflater {
    private var inflater: OpaquePointer?

    init() {
        nghttp2_hd_inflate_new(&inflater)
    }

    deinit {
        nghttp2_hd_inflate_del(inflater)
    }

    /// The headers of a block, by name.
    func headers(_ block: Bytes) -> [String: String] {
        var headers: [String: String] = [:]
        block.withUnsafeBufferPointer { buffer in
            var offset = 0
            while true {
                var pair = nghttp2_nv()
                var flags: Int32 = 0
                let taken = nghttp2_hd_inflate_hd2(
                    inflater, &pair, &flags, buffer.baseAddress.map { $0 + offset },
                    buffer.count - offset, 1)
                guard taken >= 0 else { return }
                offset += taken
                if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                    headers[Self.text(pair.name, pair.namelen)] = Self.text(
                        pair.value, pair.valuelen)
                }
                if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                    nghttp2_hd_inflate_end_headers(inflater)
                    return
                }
                if taken == 0, offset == buffer.count { return }
            }
        }
        return headers
    }

    private static func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
