internal import CZLIB
package import Primitives

/// Packs and unpacks gzip data (RFC 1952).
package enum GZIP {
    /// Why data could not be unpacked.
    package enum Failure: Error, Equatable {
        /// It is no gzip data, or not all of it.
        case damaged
        /// It would be larger than allowed.
        case tooLarge
    }

    // SAFETY: zlib is given the buffers with their sizes, and keeps none of them.
    /// The data unpacked; at most `bytesMax` of them, so that a small message cannot fill memory.
    package static func unpack(
        _ packed: ArraySlice<UInt8>, bytesMax: Int
    ) throws(Failure) -> Bytes {
        var stream = unsafe z_stream()
        guard unsafe keelson_inflate_gzip(&stream) == Z_OK else { throw .damaged }
        defer { unsafe inflateEnd(&stream) }
        var input = Bytes(packed)
        var output: Bytes = []
        var chunk = Bytes(repeating: 0, count: 64 << 10)
        var status = Z_OK
        let inputCount = input.count
        var isTooLarge = false
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(inputCount)
            repeat {
                let room = chunk.count
                status = unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                    unsafe stream.next_out = chunk.baseAddress
                    unsafe stream.avail_out = UInt32(room)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                let made = unsafe room - Int(stream.avail_out)
                output.append(contentsOf: chunk[..<made])
                isTooLarge = output.count > bytesMax
            } while unsafe status == Z_OK && !isTooLarge
                && (stream.avail_in > 0 || stream.avail_out == 0)
        }
        if isTooLarge { throw .tooLarge }
        guard status == Z_STREAM_END else { throw .damaged }
        return output
    }

    // SAFETY: zlib is given the buffers with their sizes, and keeps none of them.
    /// The data packed quickly rather than tightly; nil if zlib has no memory for it.
    package static func packed(_ data: Bytes) -> Bytes? {
        var stream = unsafe z_stream()
        guard unsafe keelson_deflate_gzip(&stream, Z_BEST_SPEED) == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        var input = data
        let count = input.count
        let room = Int(unsafe deflateBound(&stream, UInt(count)))
        var status = Z_OK
        let output = unsafe Bytes(unsafeUninitializedCapacity: room) { output, made in
            status = unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(room)
                return unsafe deflate(&stream, Z_FINISH)
            }
            made = unsafe room - Int(stream.avail_out)
        }
        return status == Z_STREAM_END ? output : nil
    }
}
