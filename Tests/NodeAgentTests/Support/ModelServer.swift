import Foundation

/// The server of `server.py`, which lives as long as this object.
final class ModelServer {
    private let process = Process()
    private let input = Pipe()
    let address: String

    init() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "server.py").path()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-B", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The one line that it says is short enough to come at once.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        address = "http://127.0.0.1:" + line.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        // Threads of libdispatch leave their children the gentler signals blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
