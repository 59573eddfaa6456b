internal import Primitives

/// The order of keys: as unsigned bytes, a prefix before what it begins.
///
/// SAFETY: all loads are within the bounds of both arrays, which are held during the call.
enum KeyOrder {
    /// The first eight bytes as a number, zeros behind a shorter key. Where two keys' numbers
    /// differ, the keys sort as the numbers do.
    static func prefix(_ key: Bytes) -> UInt64 {
        guard key.count < 8 else {
            return unsafe key.withUnsafeBytes {
                unsafe $0.loadUnaligned(as: UInt64.self).bigEndian
            }
        }
        var prefix: UInt64 = 0
        for byte in key { prefix = prefix << 8 | UInt64(byte) }
        return key.isEmpty ? 0 : prefix << UInt64(64 - 8 * key.count)
    }

    /// Less than, equal to or greater than zero as `left` sorts before, with or after `right`.
    static func compare(_ left: Bytes, _ right: Bytes) -> Int {
        unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in unsafe compare(left, right) }
        }
    }

    private static func compare(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Int {
        let common = min(left.count, right.count)
        var position = 0
        while position + 8 <= common {
            let ours = unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let theirs = unsafe right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if ours != theirs { return ours.bigEndian < theirs.bigEndian ? -1 : 1 }
            position += 8
        }
        while position < common {
            let ours = unsafe left[position]
            let theirs = unsafe right[position]
            if ours != theirs { return ours < theirs ? -1 : 1 }
            position += 1
        }
        return left.count - right.count
    }
}
