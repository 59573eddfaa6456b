package import Primitives
internal import ResourceModel

/// Text files with keys and certificates (RFC 7468).
package enum PEM {
    /// Bytes under a label, as in `CERTIFICATE`.
    package static func text(_ label: String, _ bytes: Bytes) -> String {
        var lines = ["-----BEGIN \(label)-----"]
        var rest = Substring(Base64.encode(bytes))
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
            let bytes = Base64.decode(lines[(start + 1)..<end].joined())
        else { throw .notPEM(label) }
        return bytes
    }
}
