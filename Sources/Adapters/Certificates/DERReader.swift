internal import Primitives

/// Reads ASN.1 in DER, value by value; lengths are held to the bytes that are there.
struct DERReader {
    /// One value.
    struct Value {
        var tag: UInt8
        var content: ArraySlice<UInt8>

        /// A reader of what is inside.
        var inside: DERReader { DERReader(content) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next value.
    /// - Throws: `.malformed` at the end or where lengths do not fit.
    mutating func next() throws(CertificateError) -> Value {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { throw .malformed }
        var count = Int(first)
        if first >= 0x80 {
            let digits = Int(first & 0x7F)
            guard (1...4).contains(digits), rest.count >= digits else { throw .malformed }
            count = rest.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(digits)
        }
        guard rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return Value(tag: tag, content: rest.prefix(count))
    }

    /// The next value, which must have this tag.
    mutating func next(_ tag: UInt8) throws(CertificateError) -> Value {
        let value = try next()
        guard value.tag == tag else { throw .malformed }
        return value
    }
}

/// What is wrong with a certificate or a key.
package enum CertificateError: Error, Equatable, CustomStringConvertible {
    /// It is no certificate.
    case malformed
    /// A file is no PEM file with what was wanted.
    case notPEM(String)
    /// A key cannot be read or made.
    case badKey

    /// In words.
    package var description: String {
        switch self {
        case .malformed: "malformed certificate"
        case .notPEM(let what): "not a PEM file with a \(what)"
        case .badKey: "unusable private key"
        }
    }
}
