import Primitives
import Testing

/// TLS that goes wrong; RELIABILITY D, mTLS.
@Suite struct `Wrong TLS` {
    private static let request =
        "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Certificates that a client may show, and whether it is served with them.
    private static let shown: [(name: String?, isServed: Bool)] = [
        ("good", true), ("good-without-use", true), (nil, false), ("self-signed", false),
        ("of-other", false), ("expired", false), ("for-servers", false), ("for-mail", false),
        ("other", false),
    ]

    private func certificates() throws -> Certificates {
        let all = try Certificates()
        try all.make("good", extensions: "extendedKeyUsage=clientAuth,serverAuth")
        try all.make("good-without-use")
        try all.makeSelfSigned("self-signed")
        try all.make("of-other", signer: "other", extensions: "extendedKeyUsage=clientAuth")
        try all.make("expired", days: -1, extensions: "extendedKeyUsage=clientAuth")
        try all.make("for-servers", extensions: "extendedKeyUsage=serverAuth")
        try all.make("for-mail", extensions: "extendedKeyUsage=emailProtection")
        return all
    }

    private func flags(_ all: Certificates, _ prefix: String = "") -> [String] {
        [
            "--\(prefix)cert-file", all.path("server"), "--\(prefix)key-file",
            all.path("server", "key"), "--\(prefix)trusted-ca-file", all.path("ca"),
            "--\(prefix)client-cert-auth",
        ]
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `a client is served only with a certificate that is good`(version: String) throws {
        let all = try certificates()
        let store = try StoreProcess(
            flags(all), listen: ["https://127.0.0.1:0", "http://127.0.0.1:0"])
        for row in Self.shown {
            let text = try all.connect(
                port: store.port, showing: row.name, Self.request, ["-ign_eof", version])
            #expect(
                text.contains("HTTP/1.1 200") == row.isServed, "\(row.name ?? "none"): \(text)")
        }
        for version in ["-tls1", "-tls1_1"] {
            let text = try all.connect(
                port: store.port, showing: "good", Self.request,
                ["-ign_eof", "-cipher", "ALL:@SECLEVEL=0", version])
            #expect(!text.contains("HTTP/1.1 200"), "\(version) is spoken")
        }
        let plain = try Conversation(port: store.clientPorts[1])
        #expect(plain.call(Call()) == .served)
    }

    @Test func `another member is admitted only with a certificate that is good`() throws {
        let all = try certificates()
        let store = try StoreProcess(flags(all, "peer-"), listenPeers: "https://127.0.0.1:0")
        for row in Self.shown {
            let text = try all.connect(
                port: store.peerPorts[0], showing: row.name, "", ["-tls1_2", "-no_ign_eof"])
            let isAdmitted = !text.contains("alert") && !text.contains("error")
            #expect(isAdmitted == row.isServed, "\(row.name ?? "none"): \(text)")
        }
        store.expectServesOthers("bad certificates of members")
    }

    /// GHSA-6vch-q96h-7gc3.
    @Test func `half a handshake is waited for five seconds and not longer`() throws {
        let all = try Certificates()
        let store = try StoreProcess(
            [
                "--cert-file", all.path("server"), "--key-file", all.path("server", "key"),
                "--peer-cert-file", all.path("server"), "--peer-key-file",
                all.path("server", "key"),
            ], listen: ["https://127.0.0.1:0", "http://127.0.0.1:0"],
            listenPeers: "https://127.0.0.1:0")
        let hello: Bytes = [22, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
        let before = store.residentBytes
        let open = try (0..<200).map { number in
            let port = number % 2 == 0 ? store.port : store.peerPorts[0]
            let connection = try RawConnection(port: port)
            connection.send(number % 3 == 0 ? [] : hello)
            return connection
        }
        #expect(open[1].receive(patience: 4_000) == .silence)
        for connection in open { #expect(connection.receiveAll(patience: 3_000) != nil) }
        #expect(store.residentBytes - before < 64 << 20)
        let plain = try Conversation(port: store.clientPorts[1])
        #expect(plain.call(Call()) == .served)
    }

    @Test func `what is no TLS ends the connection`() throws {
        let all = try Certificates()
        let store = try StoreProcess(
            ["--cert-file", all.path("server"), "--key-file", all.path("server", "key")],
            listen: ["https://127.0.0.1:0", "http://127.0.0.1:0"])
        for bytes in [
            Bytes(Self.request.utf8), Frame.preface, Bytes(repeating: 0, count: 100),
            [22, 3, 1, 255, 255] + Bytes(repeating: 1, count: 70_000), [21, 3, 3, 0, 2, 2, 40],
        ] {
            let connection = try RawConnection(port: store.port)
            connection.send(bytes)
            #expect(connection.receiveAll(patience: 7_000) != nil)
        }
        let plain = try Conversation(port: store.clientPorts[1])
        #expect(plain.call(Call()) == .served)
    }
}
