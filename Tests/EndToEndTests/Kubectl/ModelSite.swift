import Foundation

/// Files of models, and a web server that has them.
final class ModelSite {
    let scratch: Scratch
    private let server: ChildProcess
    /// As in `http://127.0.0.1:1234`.
    let address: String

    /// Weights that tell two kinds of iris apart.
    static let weights = #"{"weights":[1.5,2.3],"bias":-5.75,"classes":["setosa","versicolor"]}"#
    /// What the same program cannot load.
    static let broken = #"{"weights":[1.5,"#

    /// Starts the server on a port of its own.
    init() throws {
        let scratch = try Scratch()
        self.scratch = scratch
        let log = scratch.path + "/log"
        let files = scratch.path + "/files"
        try FileManager.default.createDirectory(
            atPath: files, withIntermediateDirectories: false)
        server = try ChildProcess(
            [
                "/usr/bin/env", "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1",
                "--directory", files,
            ], voice: .file(log))
        let port = try eventually("the web server to say its port") {
            scratch.text("log").split(separator: " ").drop { $0 != "port" }.dropFirst().first
        }
        address = "http://127.0.0.1:\(port)"
    }

    deinit {
        server.end()
    }

    /// Where a file is on the disk.
    func path(_ name: String) -> String { scratch.path + "/files/" + name }

    /// Puts a file there. - Returns: its SHA-256.
    func put(_ text: String, as name: String) throws -> String {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        let answer = try ChildProcess.run(["/usr/bin/sha256sum", path(name)])
        return String(answer.output.prefix { $0 != " " })
    }

    /// How often a file was asked for.
    func requests(for name: String) -> Int {
        scratch.text("log").split(separator: "\n").count { $0.contains("\"GET /\(name) HTTP") }
    }
}
