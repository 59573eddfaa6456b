package import HTTPClient

/// Where a cluster is, and who one is there.
package struct ClusterEndpoint: Sendable {
    /// The address, without a path behind it as a rule.
    package var server: String
    /// Certificates of both sides.
    package var identity = HTTPIdentity()
    /// What goes with each request: credentials.
    package var headers: [HTTPHeader] = []
    /// Where objects are that name no namespace.
    package var namespace = "default"
    /// The name of the context in its file; empty without one.
    package var contextName = ""

    /// Knows nothing but the address; `https` unless it says otherwise.
    package init(server: String) {
        let address = server.contains("://") ? server : "https://" + server
        self.server = String(address.reversed().drop { $0 == "/" }.reversed())
    }

    /// The host and port, for messages.
    package var place: String {
        let behind = server.split(separator: "://", maxSplits: 1).last ?? ""
        return String(behind.prefix { $0 != "/" })
    }

    mutating func impersonate(_ user: String?, _ groups: [String]) {
        if let user { headers.append(HTTPHeader("Impersonate-User", user)) }
        headers += groups.map { HTTPHeader("Impersonate-Group", $0) }
    }
}
