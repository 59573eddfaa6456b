internal import Certificates
internal import Environment
internal import Primitives
internal import ResourceModel

/// The certificates of an API server and the administrator's kubeconfig, made at the first start
/// (docs/formats/registry.md names the files). All files are 0600.
struct ServerIdentity {
    /// How long an authority is valid, in seconds: ten years.
    private static let authoritySeconds: Int64 = 10 * 365 * 86_400
    /// How long other certificates are valid: a year; they are made anew at each start.
    private static let leafSeconds: Int64 = 365 * 86_400
    /// Clocks of clients may be behind by this.
    private static let skewSeconds: Int64 = 3_600

    /// DATA_DIR.
    let root: String
    let disk: any Disk

    /// Where the certificates are.
    private var folder: String { root + "/pki" }
    var authorityFile: String { folder + "/ca.crt" }
    private var authorityKeyFile: String { folder + "/ca.key" }
    var serverFile: String { folder + "/apiserver.crt" }
    var serverKeyFile: String { folder + "/apiserver.key" }
    var kubeconfigFile: String { root + "/kubeconfig" }

    /// Makes the authority where it is missing, and the server's certificate.
    /// - Throws: what is wrong with the folder or with the files of an earlier start.
    func prepareServer(
        names: [String], addresses: [[UInt8]], _ surroundings: Surroundings
    ) throws -> CertificateAuthority {
        try disk.createDirectory(folder)
        let now = surroundings.now()
        let start = now - Self.skewSeconds
        let authority = try authority(start, now, surroundings)
        let server = try authority.issue(
            to: CertificateSubject(commonName: "kube-apiserver"),
            for: .server(names: names, addresses: addresses), serial: surroundings.random(),
            validity: start...(now + Self.leafSeconds))
        try write(serverFile, server.certificate)
        try write(serverKeyFile, server.key)
        return authority
    }

    /// Writes the administrator's kubeconfig, with a new certificate.
    func writeKubeconfig(
        serverURL: String, authority: CertificateAuthority, _ surroundings: Surroundings
    ) throws {
        let now = surroundings.now()
        let admin = try authority.issue(
            to: CertificateSubject(
                commonName: "kubernetes-admin", organizations: [UserInfo.mastersGroup]),
            for: .client, serial: surroundings.random(),
            validity: (now - Self.skewSeconds)...(now + Self.leafSeconds))
        try write(
            kubeconfigFile,
            Self.kubeconfig(
                serverURL: serverURL, authority: authority.identity.certificate, admin: admin))
    }

    private func authority(
        _ start: Int64, _ now: Int64, _ surroundings: Surroundings
    ) throws -> CertificateAuthority {
        if disk.exists(authorityFile), disk.exists(authorityKeyFile) {
            return try CertificateAuthority(
                .init(certificate: try read(authorityFile), key: try read(authorityKeyFile)))
        }
        let made = try CertificateAuthority(
            commonName: "keelson-ca", serial: surroundings.random(),
            validity: start...(now + Self.authoritySeconds))
        // The key first: a certificate is there only together with its key.
        try write(authorityKeyFile, made.identity.key)
        try write(authorityFile, made.identity.certificate)
        return made
    }

    private func read(_ path: String) throws -> String {
        let file = try disk.open(path, .existing)
        defer { file.close() }
        return String(decoding: try file.read(at: 0, count: try file.size()), as: UTF8.self)
    }

    /// Replaces a file in one durable step.
    private func write(_ path: String, _ text: String) throws {
        let part = path + ".part"
        if disk.exists(part) { try disk.remove(part) }
        let file = try disk.open(part, .new)
        do {
            defer { file.close() }
            try file.write(Bytes(text.utf8), at: 0)
            try file.sync()
        }
        try disk.rename(part, to: path)
        let parent = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        try disk.syncDirectory(String(parent))
    }

    private static func kubeconfig(
        serverURL: String, authority: String, admin: CertificateAuthority.Identity
    ) -> String {
        func data(_ text: String) -> String { Base64.encode(text.utf8) }
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: keelson
              cluster:
                server: \(serverURL)
                certificate-authority-data: \(data(authority))
            users:
            - name: kubernetes-admin
              user:
                client-certificate-data: \(data(admin.certificate))
                client-key-data: \(data(admin.key))
            contexts:
            - name: keelson
              context:
                cluster: keelson
                user: kubernetes-admin
            current-context: keelson

            """
    }
}
