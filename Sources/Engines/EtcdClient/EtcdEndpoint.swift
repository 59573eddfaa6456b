/// Where a member of a store serves clients: `http://host:port`, `https://host:port`, or
/// `host:port`, which leaves TLS to the other settings.
package struct EtcdEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; an IPv6 address without its brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int
    /// Nil where the scheme was left out.
    package let isSecure: Bool?
    /// As it was given.
    package let description: String

    /// Reads an endpoint.
    /// - Throws: what is wrong with it.
    package init(_ text: String) throws(EtcdEndpointError) {
        description = text
        var rest = text[...]
        if let mark = text.firstRange(of: "://") {
            switch text[..<mark.lowerBound] {
            case "http": isSecure = false
            case "https": isSecure = true
            default: throw EtcdEndpointError(text, "its scheme is neither http nor https")
            }
            rest = text[mark.upperBound...]
        } else {
            isSecure = nil
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") else {
            throw EtcdEndpointError(text, "it does not have the form host:port")
        }
        guard let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            throw EtcdEndpointError(text, "its port is no number from 1 to 65535")
        }
        self.port = Int(port)
        let name = rest[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
        } else if name.contains(":") {
            throw EtcdEndpointError(text, "its IPv6 address has no brackets")
        } else {
            host = name == "localhost" ? "127.0.0.1" : String(name)
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else {
            throw EtcdEndpointError(text, "it has no host")
        }
    }
}

/// An endpoint that cannot be understood.
package struct EtcdEndpointError: Error, Equatable, CustomStringConvertible {
    /// What was given.
    package let text: String
    /// What is wrong with it.
    package let problem: String

    init(_ text: String, _ problem: String) {
        self.text = text
        self.problem = problem
    }

    /// For people.
    package var description: String { "bad endpoint \"\(text)\": \(problem)" }
}
