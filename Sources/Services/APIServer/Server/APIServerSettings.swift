/// What an operator can decide about an API server.
package struct APIServerSettings: Sendable, Equatable {
    /// The address that is bound, an IPv4 address or `localhost`.
    package var host = "127.0.0.1"
    /// The port that is bound; 0 for one that is free.
    package var port = 6_443
    /// Where certificates and the kubeconfig are kept.
    package var dataDirectory = "default.keelson"
    /// Kubernetes' `--token-auth-file`; empty for none.
    package var tokenFile = ""

    /// The defaults.
    package init() {}

    /// Reads `HOST:PORT`.
    /// - Throws: what is wrong with it.
    package mutating func listen(on text: String) throws(BadListenAddress) {
        guard let mark = text.lastIndex(of: ":"), mark != text.startIndex,
            let number = UInt16(text[text.index(after: mark)...])
        else { throw BadListenAddress(text: text) }
        host = String(text[..<mark])
        port = Int(number)
        guard host == "localhost" || address != nil else { throw BadListenAddress(text: text) }
    }

    /// The bytes of the address; nil for a name.
    var address: [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }
}

/// An address to listen on that is none.
package struct BadListenAddress: Error, Equatable, CustomStringConvertible {
    /// What was given.
    package var text: String

    /// In words.
    package var description: String {
        "invalid address \"\(text)\": expected IPV4:PORT or localhost:PORT"
    }
}
