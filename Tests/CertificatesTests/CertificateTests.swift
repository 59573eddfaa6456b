import Foundation
import Primitives
import Testing

@testable import Certificates

/// What openssl and the reader think of certificates that were made here.
@Suite struct CertificateTests {
    private static let validity: CertificateAuthority.Validity = 1_600_000_000...4_000_000_000

    private static func authority() throws -> CertificateAuthority {
        try CertificateAuthority(commonName: "keelson-ca", serial: 1, validity: validity)
    }

    /// Runs openssl in a folder with these files; answers its exit code and all that it printed.
    private static func openssl(
        _ arguments: [String], files: [String: String]
    ) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // Only litter is left.
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func `openssl verifies a server's certificate for its names and its purpose`() throws {
        let authority = try Self.authority()
        let server = try authority.issue(
            to: CertificateSubject(commonName: "keelson"),
            for: .server(names: ["localhost"], addresses: [[127, 0, 0, 1]]), serial: UInt64.max,
            validity: Self.validity)
        let files = [
            "ca.pem": authority.identity.certificate, "server.pem": server.certificate,
            "key.pem": server.key,
        ]
        for check in [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"]] {
            let result = try Self.openssl(
                ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem"] + check
                    + ["server.pem"], files: files)
            #expect(result.status == 0, "\(result.output)")
        }
        let other = try Self.openssl(
            ["verify", "-CAfile", "ca.pem", "-verify_hostname", "example.org", "server.pem"],
            files: files)
        #expect(other.status != 0)
        let asClient = try Self.openssl(
            ["verify", "-purpose", "sslclient", "-CAfile", "ca.pem", "server.pem"], files: files)
        #expect(asClient.status != 0)
        let key = try Self.openssl(["pkey", "-in", "key.pem", "-check", "-noout"], files: files)
        #expect(key.status == 0, "\(key.output)")
    }

    @Test func `openssl reads subject and validity as they were given`() throws {
        let client = try Self.authority().issue(
            to: CertificateSubject(commonName: "admin", organizations: ["system:masters"]),
            for: .client, serial: 7, validity: 951_782_400...2_524_608_000)
        let result = try Self.openssl(
            ["x509", "-in", "c.pem", "-noout", "-subject", "-dates", "-serial"],
            files: ["c.pem": client.certificate])
        #expect(result.output.contains("O = system:masters, CN = admin"), "\(result.output)")
        #expect(result.output.contains("notBefore=Feb 29 00:00:00 2000 GMT"))
        #expect(result.output.contains("notAfter=Jan  1 00:00:00 2050 GMT"))
        #expect(result.output.contains("serial=07"))
    }

    @Test func `an authority that is taken up again signs as the same one`() throws {
        let first = try Self.authority()
        let second = try CertificateAuthority(first.identity)
        let client = try second.issue(
            to: CertificateSubject(commonName: "a"), for: .client, serial: 2,
            validity: Self.validity)
        let result = try Self.openssl(
            ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.pem", "c.pem"],
            files: ["ca.pem": first.identity.certificate, "c.pem": client.certificate])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func `a subject is read back, and of a truncated certificate never wrongly`() throws {
        let subject = CertificateSubject(
            commonName: "jürgen", organizations: ["a", String(repeating: "b", count: 300)])
        let client = try Self.authority().issue(
            to: subject, for: .client, serial: 3, validity: Self.validity)
        let bytes = try PEM.bytes("CERTIFICATE", in: client.certificate)
        #expect(try CertificateSubject(certificate: bytes) == subject)
        for count in 0..<bytes.count {
            #expect(throws: CertificateError.malformed) {
                try CertificateSubject(certificate: Bytes(bytes.prefix(count)))
            }
        }
    }

    @Test func `files that are no PEM or no key are refused`() throws {
        let good = try Self.authority().identity
        #expect(throws: CertificateError.notPEM("CERTIFICATE")) {
            try CertificateAuthority(.init(certificate: "nonsense", key: good.key))
        }
        #expect(throws: CertificateError.badKey) {
            try CertificateAuthority(.init(certificate: good.certificate, key: "nonsense"))
        }
    }
}
