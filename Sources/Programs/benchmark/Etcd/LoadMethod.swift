import CNGHTTP2

// SAFETY: the header blocks and the bytes that they point to are allocated once and freed only
// with the object, which outlives the sessions that use them.

/// The calls that the load consists of.
enum LoadMethod: Int, CaseIterable {
    case range
    case put
    case transaction
    case leaseGrant
    case leaseRevoke
    case watch

    /// The path of the call.
    var path: String {
        switch self {
        case .range: return "/etcdserverpb.KV/Range"
        case .put: return "/etcdserverpb.KV/Put"
        case .transaction: return "/etcdserverpb.KV/Txn"
        case .leaseGrant: return "/etcdserverpb.Lease/LeaseGrant"
        case .leaseRevoke: return "/etcdserverpb.Lease/LeaseRevoke"
        case .watch: return "/etcdserverpb.Watch/Watch"
        }
    }
}

/// The request headers of every method, in nghttp2's form, made once.
@safe
final class LoadHeaders {
    private var blocks = unsafe [UnsafeMutableBufferPointer<nghttp2_nv>]()
    private var texts = unsafe [UnsafeMutableBufferPointer<UInt8>]()

    init() {
        let flags = UInt8(
            NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        for method in LoadMethod.allCases {
            let pairs = [
                (":method", "POST"), (":scheme", "http"), (":path", method.path),
                (":authority", "localhost"), ("content-type", "application/grpc"),
                ("user-agent", "keelson-benchmark"), ("te", "trailers"),
            ]
            let block = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: pairs.count)
            for (index, pair) in pairs.enumerated() {
                let name = unsafe keep(pair.0)
                let value = unsafe keep(pair.1)
                unsafe block.initializeElement(
                    at: index,
                    to: nghttp2_nv(
                        name: name.baseAddress, value: value.baseAddress, namelen: name.count,
                        valuelen: value.count, flags: flags))
            }
            unsafe blocks.append(block)
        }
    }

    deinit {
        for unsafe block in unsafe blocks { unsafe block.deallocate() }
        for unsafe text in unsafe texts { unsafe text.deallocate() }
    }

    /// The headers of a call of `method`.
    subscript(method: LoadMethod) -> UnsafeMutableBufferPointer<nghttp2_nv> {
        unsafe blocks[method.rawValue]
    }

    private func keep(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = Array(text.utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe buffer.initialize(from: bytes)
        unsafe texts.append(buffer)
        return unsafe buffer
    }
}
