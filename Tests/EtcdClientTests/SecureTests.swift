import EtcdClient
import Foundation
import Primitives
import StoreModel
import Testing
import Transport

@testable import EtcdServer

/// TLS in both directions, with certificates made for the test.
@Suite struct `A secure store` {
    @Test(.enabled(if: Certificates.canBeMade), .timeLimit(.minutes(2)))
    func `serves who shows a certificate and trusts the store's, nobody else`() async throws {
        try await withFolder { folder in
            let certificates = try Certificates(in: folder)
            let node = makeNode(folder + "/store") {
                $0.listenClientURLs = [ServerURL(isSecure: true, host: "127.0.0.1", port: 0)]
                $0.clientTLS.certificate = certificates.path("server.crt")
                $0.clientTLS.key = certificates.path("server.key")
                $0.clientTLS.trustedAuthorities = certificates.path("ca.crt")
                $0.clientTLS.requiresClientCertificate = true
            }
            try await node.start()
            var files = ClientTLSFiles()
            #expect(try await !isServed(node, files), "without anything")
            files.trustedAuthorities = certificates.path("ca.crt")
            #expect(try await !isServed(node, files), "without a certificate of its own")
            files.certificate = certificates.path("client.crt")
            files.key = certificates.path("client.key")
            #expect(try await isServed(node, files), "with a certificate and the authority")
            files.trustedAuthorities = nil
            #expect(try await !isServed(node, files), "without the authority")
            await node.stop()
        }
    }

    private func isServed(_ node: StoreNode, _ files: ClientTLSFiles) async throws -> Bool {
        var isServed = false
        let change: (inout RemoteSettings) -> Void = {
            $0.tls = files
            $0.callTimeout = .milliseconds(1_500)
        }
        try await withClient(node.clientPorts, change) { client in
            let bench = Workbench(client: client, prefix: "/a")
            switch await bench.failure({ try await bench.put("k") }) {
            case nil: isServed = true
            case .unavailable: break
            // With TLS 1.3 a server refuses a client only after its first request.
            case .unknownOutcome where files.certificate == nil: break
            case let failure: Issue.record("\(String(describing: failure))")
            }
        }
        return isServed
    }
}

/// An authority, and certificates that it has signed for a server on 127.0.0.1 and a client.
struct Certificates {
    private static let tool = "/usr/bin/openssl"
    private let folder: String

    static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: tool) }

    init(in folder: String) throws {
        self.folder = folder
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try run(
            ["req", "-x509", "-days", "2", "-subj", "/CN=authority"] + key
                + ["-keyout", path("ca.key"), "-out", path("ca.crt")])
        for name in ["server", "client"] {
            try run(
                ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)"] + key + [
                    "-CA", path("ca.crt"), "-CAkey", path("ca.key"),
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-addext", "basicConstraints=critical,CA:FALSE",
                    "-keyout", path("\(name).key"), "-out", path("\(name).crt"),
                ])
        }
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}
