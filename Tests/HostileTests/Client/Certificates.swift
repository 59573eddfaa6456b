import Foundation
import Testing

/// Certificates good and bad, made with `openssl` in a folder of their own.
final class Certificates {
    let folder: String

    /// Makes two authorities, `ca` and `other`, and a server's certificate `server`.
    init() throws {
        folder = try StoreProcess.temporaryFolder()
        signal(SIGPIPE, SIG_IGN)
        for authority in ["ca", "other"] {
            try makeKey(authority)
            try run([
                "req", "-x509", "-new", "-key", path(authority, "key"), "-days", "10", "-subj",
                "/CN=\(authority)", "-addext", "basicConstraints=critical,CA:TRUE", "-out",
                path(authority),
            ])
        }
        try make("server", extensions: "subjectAltName=IP:127.0.0.1,DNS:localhost")
    }

    deinit {
        // The folder is in the system's temporary one.
        try? FileManager.default.removeItem(atPath: folder)
    }

    func path(_ name: String, _ kind: String = "pem") -> String { "\(folder)/\(name).\(kind)" }

    /// Makes a certificate that `signer` signs.
    func make(_ name: String, signer: String = "ca", days: Int = 10, extensions: String = "")
        throws
    {
        try makeKey(name)
        try run([
            "req", "-new", "-key", path(name, "key"), "-subj", "/CN=\(name)", "-out",
            path(name, "csr"),
        ])
        try Data((extensions + "\n").utf8).write(to: URL(fileURLWithPath: path(name, "ext")))
        try run([
            "x509", "-req", "-in", path(name, "csr"), "-CA", path(signer), "-CAkey",
            path(signer, "key"), "-CAcreateserial", "-days", "\(days)", "-extfile",
            path(name, "ext"), "-out", path(name),
        ])
    }

    /// Makes a certificate that signs itself.
    func makeSelfSigned(_ name: String) throws {
        try makeKey(name)
        try run([
            "req", "-x509", "-new", "-key", path(name, "key"), "-days", "10", "-subj",
            "/CN=\(name)", "-out", path(name),
        ])
    }

    private func makeKey(_ name: String) throws {
        try run([
            "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path(name, "key"),
        ])
    }

    /// What a TLS client says it got after it sent `request`; `name` is the certificate that it
    /// shows.
    func connect(port: Int, showing name: String?, _ request: String, _ more: [String] = [])
        throws -> String
    {
        var arguments = [
            "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", path("ca"), "-quiet",
            "-verify_return_error",
        ]
        if let name { arguments += ["-cert", path(name), "-key", path(name, "key")] }
        return try run(arguments + more, input: request, mayFail: true)
    }

    @discardableResult
    private func run(_ arguments: [String], input: String = "", mayFail: Bool = false) throws
        -> String
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let (output, entry, errors) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = entry
        process.standardError = errors
        try process.run()
        // A client that was refused at once reads nothing.
        try? entry.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try entry.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let problem = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if !mayFail {
            try #require(
                process.terminationStatus == 0, "\(String(decoding: problem, as: UTF8.self))")
        }
        return String(decoding: data + (mayFail ? problem : Data()), as: UTF8.self)
    }
}
