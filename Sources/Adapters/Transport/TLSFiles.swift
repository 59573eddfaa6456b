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

    /// Reads the files as a server would.
    /// - Throws: if a file cannot be read, or the key is not that of the certificate.
    package func check() throws {
        _ = try TLSContexts(files: self)
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
        let chain = try TLSFileError.about(files.certificate, "certificate") {
            try NIOSSLCertificate.fromPEMFile($0)
        }
        let key = try TLSFileError.about(files.key, "key") {
            NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: $0, format: .pem))
        }
        if let authorities = files.trustedAuthorities {
            _ = try TLSFileError.about(authorities, "certificate") {
                try NIOSSLCertificate.fromPEMFile($0)
            }
        }
        do {
            return try makeContext(files, role, chain, key)
        } catch {
            throw TLSFileError(
                path: files.key, problem: "does not fit the certificate \(files.certificate)")
        }
    }

    private static func makeContext(
        _ files: TLSFiles, _ role: Role, _ chain: [NIOSSLCertificate],
        _ key: NIOSSLPrivateKeySource
    ) throws -> NIOSSLContext {
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

/// Why a certificate file is of no use.
package struct TLSFileError: Error, Equatable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let problem: String

    /// For the operator.
    package var description: String { "\(path) \(problem)" }

    /// Reads a file and says what is wrong with it where that fails.
    // SAFETY: `open` reads the path, `strerror` answers a text that is copied at once.
    static func about<Value>(
        _ path: String, _ kind: String, _ read: (String) throws -> Value
    ) throws(TLSFileError) -> Value {
        do {
            return try read(path)
        } catch {
            let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
            let code = errno
            guard file >= 0 else {
                let reason = unsafe String(cString: strerror(code))
                throw TLSFileError(path: path, problem: "cannot be read: \(reason)")
            }
            close(file)
            throw TLSFileError(path: path, problem: "holds no \(kind) in PEM form")
        }
    }
}
