package import NIOCore
package import Transport

/// How a remote store is reached.
package struct RemoteSettings: Sendable {
    /// The members to try, in this order; at least one.
    package var endpoints: [EtcdEndpoint]
    /// Certificates; nil for plain text except where an endpoint says https.
    package var tls: ClientTLSFiles?
    /// How long one endpoint may take to answer a connection.
    package var dialTimeout = TimeAmount.seconds(2)
    /// How long a call may take, repetitions included; above the store's own limit of 7 seconds,
    /// so that it is the store that says what happened.
    package var callTimeout = TimeAmount.seconds(10)
    /// Ask for an error as soon as there is no leader, instead of waiting for one.
    package var requiresLeader = true

    /// Settings for these members.
    package init(endpoints: [EtcdEndpoint]) {
        self.endpoints = endpoints
    }

    /// The certificates that etcdctl's variables name; nil if they name none.
    package static func tlsFiles(_ variables: [String: String]) -> ClientTLSFiles? {
        func path(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        var files = ClientTLSFiles()
        files.trustedAuthorities = path("ETCDCTL_CACERT")
        files.certificate = path("ETCDCTL_CERT")
        files.key = path("ETCDCTL_KEY")
        files.skipsVerification = variables["ETCDCTL_INSECURE_SKIP_TLS_VERIFY"] == "true"
        return files == ClientTLSFiles() ? nil : files
    }

    /// The files with which to speak to an endpoint; nil for plain text.
    func tls(for endpoint: EtcdEndpoint) -> ClientTLSFiles? {
        switch endpoint.isSecure {
        case true?: tls ?? ClientTLSFiles()
        case false?: nil
        case nil: tls
        }
    }
}
