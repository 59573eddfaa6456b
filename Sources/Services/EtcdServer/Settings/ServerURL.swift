internal import Foundation

/// An address as etcd's flags give it: `http://host:port` or `https://host:port`.
package struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether connections use TLS.
    package var isSecure: Bool
    /// A name or an address; an IPv6 address without its brackets.
    package var host: String
    /// 0 only for listening on any free port.
    package var port: Int

    /// Names an address.
    package init(isSecure: Bool = false, host: String, port: Int) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    /// Reads an address.
    /// - Throws: what is wrong with it.
    package init(_ text: String) throws(SettingsError) {
        guard let mark = text.range(of: "://") else {
            throw .url(text, "has no scheme: write http:// or https:// before it")
        }
        switch text[..<mark.lowerBound] {
        case "http": isSecure = false
        case "https": isSecure = true
        default: throw .url(text, "has a scheme other than http and https")
        }
        var rest = text[mark.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains("/"), !rest.contains("?"), !rest.contains("#") else {
            throw .url(text, "must not have a path")
        }
        guard !rest.contains("@") else { throw .url(text, "must not have a user") }
        guard let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") else {
            throw .url(text, "does not have the form host:port")
        }
        guard let port = UInt16(rest[rest.index(after: colon)...]) else {
            throw .url(text, "has a port that is no number from 0 to 65535")
        }
        self.port = Int(port)
        let name = rest[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
        } else if name.contains(":") {
            throw .url(text, "has an IPv6 address without brackets")
        } else {
            host = String(name)
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .url(text, "has no host")
        }
    }

    /// Reads addresses with commas between them.
    /// - Throws: what is wrong with the first that is.
    package static func list(_ text: String) throws(SettingsError) -> [ServerURL] {
        var list: [ServerURL] = []
        for part in text.split(separator: ",") {
            list.append(try ServerURL(trimmed(part)))
        }
        return list
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// As it was written.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(name):\(port)"
    }
}

extension [ServerURL] {
    /// As strings, sorted, as etcd keeps a member's addresses.
    package var sortedTexts: [String] { map(\.description).sorted() }
}
