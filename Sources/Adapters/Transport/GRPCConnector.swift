internal import Glibc
package import NIOCore
internal import NIOPosix
internal import NIOSSL

/// The certificate files of a client; nil where not given.
package struct ClientTLSFiles: Sendable, Equatable {
    /// PEM file with the authorities that sign for servers; nil to trust the system's.
    package var trustedAuthorities: String?
    /// PEM file with the client's own certificate chain.
    package var certificate: String?
    /// PEM file with its key.
    package var key: String?
    /// Takes any server's certificate.
    package var skipsVerification = false

    /// No files.
    package init() {}

    /// Read anew for each connection, so that renewed certificates are used.
    func makeContext(protocols: [String] = ["h2"]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        if let trustedAuthorities { configuration.trustRoots = .file(trustedAuthorities) }
        if skipsVerification { configuration.certificateVerification = .none }
        if let certificate, let key {
            configuration.certificateChain =
                try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: key, format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Makes connections to gRPC servers.
package enum GRPCConnector {
    /// Milliseconds after which unacknowledged bytes end a connection.
    private static let unacknowledgedMilliseconds = 10_000

    /// Connects; `tls` nil for plain text. `done` is called once, on the loop.
    package static func connect(
        host: String, port: Int, tls: ClientTLSFiles?, timeout: TimeAmount, loop: any EventLoop,
        _ done: @escaping (Result<GRPCClientConnection, GRPCConnectFailure>) -> Void
    ) {
        let name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let connection = UncheckedBox(
            GRPCClientConnection(authority: name, isSecure: tls != nil))
        // Not an address means a name, whose certificate must be for that name.
        let address = try? SocketAddress(ipAddress: host, port: port)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: unacknowledgedMilliseconds)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(
                                context: try tls.makeContext(),
                                serverHostname: address == nil ? host : nil))
                    }
                    try pipeline.addHandler(connection.value)
                }
            }
        let connected = address.map { bootstrap.connect(to: $0) }
            ?? bootstrap.connect(host: host, port: port)
        connected.assumeIsolated()
            .whenComplete { result in
                switch result {
                case .failure(let error): done(.failure(.init(text(error))))
                case .success: greet(connection.value, timeout: timeout, loop: loop, done)
                }
            }
    }

    /// The usual reasons in plain words.
    private static func text(_ error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout: "no connection in time"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "connection refused"
        case let error as IOError where error.errnoCode == EHOSTUNREACH: "no route to host"
        case let error as IOError where error.errnoCode == ENETUNREACH: "network is unreachable"
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            "the name \(error.host) cannot be resolved"
        case let error as NIOConnectionError where error.connectionErrors.count == 1:
            text(error.connectionErrors[0].error)
        default: "\(error)"
        }
    }

    /// Waits for the server's first frame: only then is the TLS handshake done and somebody there.
    private static func greet(
        _ connection: GRPCClientConnection, timeout: TimeAmount, loop: any EventLoop,
        _ done: @escaping (Result<GRPCClientConnection, GRPCConnectFailure>) -> Void
    ) {
        let patience = loop.assumeIsolated().scheduleTask(in: timeout) {
            connection.close("the server does not answer")
        }
        connection.greeted = { problem in
            patience.cancel()
            done(problem.map { .failure(.init($0)) } ?? .success(connection))
        }
    }
}

/// Why there is no connection, for people.
package struct GRPCConnectFailure: Error, Sendable {
    /// What went wrong.
    package let problem: String

    init(_ problem: String) {
        self.problem = problem
    }
}
