internal import Glibc
internal import NIOSSL

/// The certificate files of a listener, as etcd's flags name them.
package struct TLSFiles: Sendable, Equatable {
    /// PEM file with the certificate chain.
    package var certificate: String
    /// PEM file with the private key.
    package var key: String
    /// PEM file with the authorities that clients' certificates must be signed by; nil to trust
    /// the system's.
    package var trustedAuthorities: String?
    /// Whether a client must show a valid certificate.
    package var requiresClientCertificate: Bool
    /// Whether a client may show one (and is then held to it).
    package var acceptsClientCertificate: Bool

    /// Names the files.
    package init(
        certificate: String, key: String, trustedAuthorities: String? = nil,
        requiresClientCertificate: Bool = false, acceptsClientCertificate: Bool = false
    ) {
        self.certificate = certificate
        self.key = key
        self.trustedAuthorities = trustedAuthorities
        self.requiresClientCertificate = requiresClientCertificate
        self.acceptsClientCertificate = acceptsClientCertificate
    }
}

/// Makes TLS contexts from files and makes them anew when a file has changed, so that
/// certificates are renewed without a restart (etcd reads them for each handshake). Belongs to
/// one event loop.
final class TLSContexts {
    /// Which end of a connection the contexts are for.
    enum Role {
        /// Serves clients, with HTTP/2 and HTTP/1.1 on offer.
        case server
        /// Accepts other members.
        case peerServer
        /// Connects to other members.
        case peerClient
    }

    private let files: TLSFiles
    private let role: Role
    private var context: NIOSSLContext
    private var stamps: [FileStamp]

    /// - Throws: NIOSSL's error if a file cannot be read or does not fit.
    init(files: TLSFiles, role: Role = .server) throws {
        self.files = files
        self.role = role
        stamps = Self.stamps(of: files)
        context = try Self.make(files, role)
    }

    /// The context for a new connection. While changed files cannot be read or do not fit, the
    /// last good context serves on.
    func current() -> NIOSSLContext {
        let now = Self.stamps(of: files)
        guard now != stamps else { return context }
        // Half-written files are tried again with the next connection.
        if let fresh = try? Self.make(files, role) {
            context = fresh
            stamps = now
        }
        return context
    }

    private static func make(_ files: TLSFiles, _ role: Role) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        let key = NIOSSLPrivateKeySource.privateKey(
            try NIOSSLPrivateKey(file: files.key, format: .pem))
        if role == .peerClient { return try makeClient(files, chain, key) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: key)
        configuration.minimumTLSVersion = .tlsv12
        if role == .server { configuration.applicationProtocols = ["h2", "http/1.1"] }
        if let authorities = files.trustedAuthorities {
            configuration.trustRoots = .file(authorities)
        }
        if files.requiresClientCertificate {
            configuration.certificateVerification = .noHostnameVerification
        } else if files.acceptsClientCertificate {
            configuration.certificateVerification = .optionalVerification
        } else {
            configuration.certificateVerification = .none
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// The server must show a certificate that an authority has signed for its name or address.
    private static func makeClient(
        _ files: TLSFiles, _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKeySource
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = key
        if let authorities = files.trustedAuthorities {
            configuration.trustRoots = .file(authorities)
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private struct FileStamp: Equatable {
        var inode: UInt
        var seconds: Int
        var nanoseconds: Int
        var size: Int
    }

    // SAFETY: `stat` fills the structure that is passed to it.
    private static func stamps(of files: TLSFiles) -> [FileStamp] {
        [files.certificate, files.key, files.trustedAuthorities].compactMap { path in
            guard let path else { return nil }
            var facts = stat()
            guard unsafe stat(path, &facts) == 0 else { return nil }
            return FileStamp(
                inode: UInt(facts.st_ino), seconds: facts.st_mtim.tv_sec,
                nanoseconds: facts.st_mtim.tv_nsec, size: Int(facts.st_size))
        }
    }
}
