import Primitives
import Testing

@testable import Storage

/// The hash that builds without swift-crypto use.
@Suite struct `SHA-256 without a library` {
    private func hexadecimal(_ text: String) -> String {
        var hash = PlainSHA256()
        hash.update(Bytes(text.utf8))
        return hash.finalized().map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The examples of FIPS 180-4 and the hash of nothing.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `known texts have their known hashes`(text: String, hash: String) {
        #expect(hexadecimal(text) == hash)
    }

    @Test func `every length and every way to cut it gives the library's hash`() {
        var random = SplitMix64(seed: 7)
        let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for count in 0...bytes.count {
            let cut = count / 3
            var plain = PlainSHA256()
            plain.update(bytes, in: 0..<cut)
            plain.update(bytes, in: cut..<count)
            var library = SHA256Hash()
            library.update(bytes, in: 0..<count)
            #expect(plain.finalized() == library.finalized(), "\(count) bytes")
        }
    }
}
