/// What the load needs to know of a watch response: read in place, as a thousand of them answer
/// one put.
///
/// SAFETY: reads only inside the given buffer; every offset is compared with its count before.
@safe
struct WatchMessage {
    var isCreated = false
    var isCancelled = false
    var events = 0

    /// Reads an etcdserverpb.WatchResponse; nil if it is none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            guard let tag = unsafe Self.varint(bytes, &offset), tag <= 0xFFFF else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = unsafe Self.varint(bytes, &offset) else { return nil }
                if tag >> 3 == 3 { isCreated = value != 0 }
                if tag >> 3 == 4 { isCancelled = value != 0 }
            case 2:
                guard let count = unsafe Self.varint(bytes, &offset), count <= bytes.count - offset
                else { return nil }
                if tag >> 3 == 11 { events += 1 }
                offset += count
            default: return nil
            }
        }
    }

    private static func varint(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Int? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count, shift < 64 {
            let byte = unsafe bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value > UInt64(Int.max) ? nil : Int(value) }
            shift += 7
        }
        return nil
    }
}
