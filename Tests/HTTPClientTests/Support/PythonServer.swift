import Foundation
import Primitives

/// The server of `server.py`, which lives as long as this object.
final class PythonServer {
    private let process = Process()
    private let input = Pipe()
    let address: String

    /// - Parameter certificates: with them it speaks TLS.
    init(_ certificates: CertificateFolder? = nil) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "server.py").path()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-B", script] + (certificates.map { [$0.path] } ?? [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The one line that it says is short enough to come at once.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let scheme = certificates == nil ? "http" : "https"
        address = scheme + "://127.0.0.1:" + line.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        // Threads of libdispatch leave their children the gentler signals blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Certificates of an authority of their own: `ca`, `server` and `client`, each `.crt` and `.key`.
final class CertificateFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path() + "/keelson-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try openssl(
            """
            req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca
            -keyout ca.key -out ca.crt
            """)
        for name in ["server", "client"] {
            try openssl(
                """
                req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2
                -subj /CN=\(name) -addext subjectAltName=IP:127.0.0.1 -CA ca.crt -CAkey ca.key
                -addext basicConstraints=critical,CA:false -keyout \(name).key -out \(name).crt
                """)
        }
    }

    deinit {
        // What stays behind stays in the folder for temporary files.
        try? FileManager.default.removeItem(atPath: path)
    }

    func pem(_ name: String) throws -> Bytes {
        Bytes(try Data(contentsOf: URL(filePath: path + "/" + name)))
    }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = URL(filePath: path)
        process.arguments = arguments.split(whereSeparator: \.isWhitespace).map(String.init)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
