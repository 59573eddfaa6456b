package import Primitives

/// What is asked of a server.
package struct HTTPRequest: Sendable {
    /// In capitals.
    package var method: String
    /// With scheme `http` or `https`, host, path and query, escaped as it is to be sent.
    package var address: String
    /// In the order in which they are sent. Credentials among them go to no other host than that
    /// of `address`, whatever redirects say.
    package var headers: [HTTPHeader]
    /// Nothing for methods without one.
    package var body: Bytes?
    /// How many redirects are followed; an answer that redirects further is a failure. With 0
    /// it is an answer like any other.
    package var redirectsMax: Int
    /// How long a connection may take, the TLS handshake included.
    package var connectTimeout: Duration
    /// How long everything may take, the last byte of the answer included; nil for no limit.
    package var timeout: Duration?

    /// Describes a request.
    package init(
        _ method: String, _ address: String, headers: [HTTPHeader] = [], body: Bytes? = nil,
        redirectsMax: Int = 0, connectTimeout: Duration = .seconds(10), timeout: Duration? = nil
    ) {
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
        self.redirectsMax = redirectsMax
        self.connectTimeout = connectTimeout
        self.timeout = timeout
    }
}

/// A line of a head.
package struct HTTPHeader: Sendable, Equatable {
    /// As it was given; of answers in small letters.
    package var name: String
    /// Without blanks around it.
    package var value: String

    /// Describes a header. Neither part may hold a line break.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The header that shows a token to a server.
    package static func bearer(_ token: String) -> HTTPHeader {
        HTTPHeader("Authorization", "Bearer \(token)")
    }
}

/// What an answer begins with.
package struct HTTPHead: Sendable, Equatable {
    /// As in 200.
    package var status: Int
    /// As they came.
    package var headers: [HTTPHeader]

    /// The first value of a header, whose name is in small letters.
    package subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Whom a client believes, and who it is. All bytes are PEM.
package struct HTTPIdentity: Sendable {
    /// Who signs for servers; nil for those whom the system trusts.
    package var authorities: Bytes?
    /// The client's certificate and those that signed it.
    package var certificate: Bytes?
    /// The key of `certificate`.
    package var key: Bytes?
    /// Takes any certificate of a server.
    package var trustsAnyone: Bool

    /// Describes a client; as it is, it shows nothing and believes whom the system believes.
    package init(
        authorities: Bytes? = nil, certificate: Bytes? = nil, key: Bytes? = nil,
        trustsAnyone: Bool = false
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.trustsAnyone = trustsAnyone
    }
}
