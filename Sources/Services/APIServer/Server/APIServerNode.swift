internal import Certificates
package import Environment
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import ResourceModel
package import StoreModel
internal import Transport

/// A Kubernetes-style API server on a store: TLS, HTTP/1.1 and HTTP/2 on one port.
///
/// Connections, the watch caches and all watchers live on one event loop; requests are answered
/// by structured tasks, a bounded number at a time. The server keeps no state but caches: several
/// of them may serve one store.
package struct APIServerNode: Sendable {
    private let settings: APIServerSettings
    private let store: any KeyValueClient
    private let surroundings: Surroundings
    private let keelsonVersion: String
    private let log: Logger

    /// Seconds that requests under way have to finish when the server stops.
    private static let graceSeconds: Int64 = 3

    /// Prepares a server.
    package init(
        settings: APIServerSettings, store: any KeyValueClient, surroundings: Surroundings,
        keelsonVersion: String, log: Logger
    ) {
        self.settings = settings
        self.store = store
        self.surroundings = surroundings
        self.keelsonVersion = keelsonVersion
        self.log = log
    }

    /// Serves until the task is cancelled. `ready` is called once requests are answered, with the
    /// bound port and a way in for what runs in this process.
    /// - Throws: what keeps it from starting.
    package func run(
        disk: sending any Disk,
        ready: @escaping @Sendable (_ port: Int, _ api: LocalTransport) -> Void
    ) async throws {
        let identity = ServerIdentity(root: settings.dataDirectory, disk: disk)
        var authentication = try authentication(disk)
        let localToken = (0..<4).map { _ in String(surroundings.random(), radix: 16) }.joined()
        authentication.admit(localToken: localToken)
        var names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        if settings.address == nil { names.append(settings.host) }
        let addresses = Set([[127, 0, 0, 1], settings.address ?? [127, 0, 0, 1]])
        let authority = try identity.prepareServer(
            names: Array(Set(names)).sorted(),
            addresses: addresses.sorted { $0.lexicographicallyPrecedes($1) },
            surroundings)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(
                group.next(), identity, authority, authentication
            ) { port, connection in
                ready(port, LocalTransport(connection: connection, token: localToken))
            }
        } catch {
            // What went wrong first is what the operator needs to hear.
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func authentication(_ disk: any Disk) throws -> Authentication {
        guard !settings.tokenFile.isEmpty else { return Authentication() }
        let file = try disk.open(settings.tokenFile, .existing)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: try file.size())
        return try Authentication(tokenFile: String(decoding: bytes, as: UTF8.self))
    }

    private func serve(
        _ loop: any EventLoop, _ identity: ServerIdentity, _ authority: CertificateAuthority,
        _ authentication: Authentication,
        _ ready: @escaping @Sendable (Int, LocalConnection) -> Void
    ) async throws {
        let parts = try await APIServerParts.make(
            loop: loop, store: store, authentication: authentication,
            facts: ServerFacts(
                address: "\(settings.host):\(settings.port)", keelsonVersion: keelsonVersion),
            surroundings: surroundings, log: log)
        let files = TLSFiles(
            certificate: identity.serverFile, key: identity.serverKeyFile,
            trustedAuthorities: identity.authorityFile, acceptsClientCertificate: true)
        let listener = try await loop.submit {
            try Listener(
                loop: loop, router: parts.router.value, turn: LoopTurn(loop: loop), tls: files)
        }.get()
        let host = settings.host == "localhost" ? "127.0.0.1" : settings.host
        let port = try await listener.bind(host: host, port: settings.port).get()
        try identity.writeKubeconfig(
            serverURL: "https://\(settings.host):\(port)", authority: authority, surroundings)
        let connection = try await loop.submit {
            LocalConnection(
                loop: loop, router: NIOLoopBound(parts.router.value, eventLoop: loop))
        }.get()
        try await parts.run { ready(port, connection) }
        // Requests under way may finish.
        try await loop.flatSubmit {
            parts.stop()
            return listener.close(graceSeconds: Self.graceSeconds)
        }.get()
    }
}
