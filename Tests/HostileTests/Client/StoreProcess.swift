import Foundation
import Glibc
import Primitives
import Testing

/// A `keelson store` of its own for one test, in a temporary folder, on free ports.
final class StoreProcess {
    private let process = Process()
    private let folder: String
    private var log = ""
    private(set) var clientPorts: [Int] = []
    private(set) var peerPorts: [Int] = []

    /// Starts the store and waits until it serves; one that will not find the other members, until
    /// it listens. `listen` are the URLs for clients.
    init(
        _ flags: [String] = [], listen: [String] = ["http://127.0.0.1:0"],
        listenPeers: String = "http://127.0.0.1:0", dataFolder: String? = nil, isAlone: Bool = false
    ) throws {
        folder = try Self.temporaryFolder()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments =
            [
                "store", "--data-dir", dataFolder ?? folder + "/data", "--listen-peer-urls",
                listenPeers, "--listen-client-urls", listen.joined(separator: ","),
                "--wal-segment-bytes", String(4 << 20),
            ] + flags
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let sign = isAlone ? "listening for=clients" : "ready to serve client requests"
        while !log.contains(sign) {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw StoreFailure.ended(log) }
            log += String(decoding: data, as: UTF8.self)
        }
        clientPorts = Self.ports("clients", in: log)
        peerPorts = Self.ports("peers", in: log)
        // Whatever else the store says must not fill the pipe.
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // The folder is in the system's temporary one.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The first port for clients.
    var port: Int { clientPorts[0] }

    /// Whether it still runs.
    var isRunning: Bool { process.isRunning }

    /// Bytes of memory that it takes now.
    var residentBytes: Int {
        // A process that is gone takes none.
        let text = try? String(
            contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
        let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Checks that somebody else is served: a put and a get on a connection of its own.
    func expectServesOthers(_ after: String, sourceLocation: SourceLocation = #_sourceLocation) {
        // Nobody who cannot connect is served.
        let isServed = (try? Conversation(port: port)).map { client in
            client.call(Call("/etcdserverpb.KV/Put", Message.put("other", "v"))) == .served
                && client.call(Call("/etcdserverpb.KV/Range", Message.key("other"))) == .served
        }
        #expect(
            isServed == true, "another client is not served after: \(after)",
            sourceLocation: sourceLocation)
    }

    static var executable: String {
        // The program is built beside the tests.
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for folder in [tests.deletingLastPathComponent(), URL(fileURLWithPath: ".build/debug")] {
            let path = folder.appendingPathComponent("keelson").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        return ".build/debug/keelson"
    }

    static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "keelson-hostile-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return path
    }

    /// The ports in lines such as `listening for=clients port=1234 url=…`.
    private static func ports(_ kind: String, in log: String) -> [Int] {
        log.split(separator: "\n").filter { $0.contains(" listening for=\(kind) ") }
            .compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("port=") }
                    .flatMap { Int($0.dropFirst(5)) }
            }
    }
}

/// What a test cannot go on after.
enum StoreFailure: Error {
    case ended(String)
    case cannotConnect(Int32)
}
