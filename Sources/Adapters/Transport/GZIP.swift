internal import CZLIB
internal import Primitives

/// Unpacks gzip data (RFC 1952) as gRPC clients send it.
enum GZIP {
    /// Why data could not be unpacked.
    enum Failure: Error, Equatable {
        case damaged
        case tooLarge
    }

    /// The data unpacked; at most `bytesMax` of them, so that a small message cannot fill memory.
    // SAFETY: zlib is given the buffers with their sizes, and keeps none of them.
    static func unpack(_ packed: ArraySlice<UInt8>, bytesMax: Int) throws(Failure) -> Bytes {
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
}
