package import Primitives
package import ResourceModel

/// Where a model's file is, read from its address.
package enum ModelPlace: Sendable, Equatable {
    /// A file of this machine.
    case file(path: String)
    /// What a web server has.
    case web(address: String)
    /// In the address itself.
    case inline(Bytes)

    /// Reads what a volume asks for.
    /// - Throws: `.invalid` if it is no address of these kinds, or the hash is none.
    package init(_ volume: ModelVolume) throws(ModelFailure) {
        let isHexadecimal = volume.sha256.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard volume.sha256.isEmpty || volume.sha256.utf8.count == 64 && isHexadecimal else {
            throw .invalid("sha256 must be 64 small hexadecimal digits")
        }
        let uri = volume.uri
        let scheme = uri.prefix { $0 != ":" }
        let rest = uri.dropFirst(scheme.count + 1)
        switch scheme {
        case "data": self = .inline(try Self.inline(rest))
        case "file": self = .file(path: try Self.path(rest))
        case "http", "https":
            guard rest.hasPrefix("//"), rest.utf8.count > 2 else {
                throw .invalid("\(GoText.quoted(uri)) names no host")
            }
            self = .web(address: uri)
        default:
            throw .invalid(
                "\(GoText.quoted(uri)) is of none of the schemes "
                    + ModelVolume.schemes.joined(separator: ", "))
        }
    }

    /// RFC 8089: an absolute path of this machine.
    private static func path(_ rest: Substring) throws(ModelFailure) -> String {
        guard rest.hasPrefix("//") else { throw .invalid("file:\(rest) has no //") }
        let place = rest.dropFirst(2)
        let host = place.prefix { $0 != "/" }
        guard host.isEmpty || host == "localhost" else {
            throw .invalid("file:\(rest) is on another machine: a path begins with file:///")
        }
        let bytes = try decoded(place.dropFirst(host.count))
        guard !bytes.contains(0), bytes.count > 1 else {
            throw .invalid("file:\(rest) has no path")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 2397: a type, perhaps `;base64`, a comma, and the content.
    private static func inline(_ rest: Substring) throws(ModelFailure) -> Bytes {
        guard let comma = rest.firstIndex(of: ",") else { throw .invalid("data: has no comma") }
        let bytes = try decoded(rest[rest.index(after: comma)...])
        guard rest[..<comma].hasSuffix(";base64") else { return bytes }
        guard let content = Base64.decode(String(decoding: bytes, as: UTF8.self)) else {
            throw .invalid("data: does not hold base64")
        }
        return content
    }

    /// RFC 3986 §2.1: `%` and two hexadecimal digits stand for a byte.
    private static func decoded(_ text: Substring) throws(ModelFailure) -> Bytes {
        var bytes = Bytes()
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
                let value = UInt8(digits, radix: 16)
            else { throw .invalid("\(GoText.quoted(String(text))) has a % without two digits") }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return bytes
    }
}
