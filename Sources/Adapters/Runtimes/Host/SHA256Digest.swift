internal import Crypto
internal import Primitives

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
///
/// SAFETY: the bytes that are hashed belong to an array that outlives the call.
struct SHA256Digest {
    private var state = SHA256()

    /// Adds a piece.
    mutating func update(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// The hash of all pieces so far, in small hexadecimal digits.
    var text: String {
        state.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
