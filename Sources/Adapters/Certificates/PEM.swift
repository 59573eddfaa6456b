package import Primitives

/// Text files with keys and certificates (RFC 7468).
package enum PEM {
    private static let alphabet = Bytes(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Bytes under a label, as in `CERTIFICATE`.
    package static func text(_ label: String, _ bytes: Bytes) -> String {
        var lines = ["-----BEGIN \(label)-----"]
        var rest = Substring(base64(bytes))
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END \(label)-----"]).joined(separator: "\n") + "\n"
    }

    /// The bytes of the first block with this label.
    /// - Throws: `.notPEM` if there is none.
    package static func bytes(_ label: String, in text: String) throws(CertificateError) -> Bytes {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(of: "-----BEGIN \(label)-----"),
            let end = lines[start...].firstIndex(of: "-----END \(label)-----"),
            let bytes = decoded(lines[(start + 1)..<end].joined())
        else { throw .notPEM(label) }
        return bytes
    }

    /// Base64 with padding, without line breaks.
    package static func base64(_ bytes: Bytes) -> String {
        var text: Bytes = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let part = bytes[index..<min(index + 3, bytes.count)]
            var bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - part.count))
            for place in 0..<4 {
                let isThere = place <= part.count
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * place)) & 0x3F]
                text.append(isThere ? digit : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decoded(_ text: String) -> Bytes? {
        var bytes: Bytes = []
        var bits: UInt32 = 0
        var count = 0
        for digit in text.utf8 where digit != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
