#if SwiftCrypto
internal import Crypto
internal import Primitives

/// SHA-256 (FIPS 180-4) over bytes that come in one or more runs.
///
/// SAFETY: the buffers that are hashed belong to arrays that outlive the call.
struct SHA256Hash {
    private var state = SHA256()

    /// Adds a run of bytes.
    mutating func update(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// Adds a part of a run of bytes.
    mutating func update(_ bytes: Bytes, in range: Range<Int>) {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe state.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// The hash of everything so far.
    func finalized() -> Bytes { Bytes(state.finalize()) }
}
#else
typealias SHA256Hash = PlainSHA256
#endif
