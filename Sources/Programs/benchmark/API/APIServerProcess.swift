import Environment
import Glibc
import Primitives
import Storage

/// A `keelson server` with store and API, on an empty data folder of its own.
final class APIServerProcess {
    /// The ports of the API and of the store beneath it.
    let apiPort: Int
    let storePort: Int
    private let process: ServerProcess
    private let logPath: String
    private let authorityFile: String
    /// From the start of the process to the first `ok` of /readyz.
    private(set) var readyNanoseconds: Int64 = 0

    private static let token = "benchmark"
    private static let patienceSeconds: Int64 = 30

    /// Starts it and waits until it is ready.
    /// - Parameter flags: what it runs.
    init(
        executable: String, folder: String, flags: [String] = ["--roles", "store,api"]
    ) throws {
        let disk = PosixDisk()
        try disk.createDirectory(folder)
        let tokenFile = try disk.open(folder + "/tokens", .new)
        try tokenFile.write(
            Bytes("\(Self.token),admin,admin,\"system:masters\"\n".utf8), at: 0)
        tokenFile.close()
        let ports = try Loopback.freePorts(2)
        (apiPort, storePort) = (ports[0], ports[1])
        let store = "http://127.0.0.1:\(storePort)"
        logPath = folder + "/log"
        authorityFile = folder + "/data/pki/ca.crt"
        let began = nanoseconds()
        process = try ServerProcess(
            executable,
            [
                "server", "--data-dir", folder + "/data",
                "--api-listen", "127.0.0.1:\(apiPort)", "--token-auth-file", folder + "/tokens",
                "--listen-client-urls", store, "--advertise-client-urls", store,
                "--quota-backend-bytes", String(8 << 30), "--log-level", "error",
            ] + flags, logPath: logPath)
        do {
            while try !isReady() {
                try checkAlive()
                guard nanoseconds() - began < Self.patienceSeconds * 1_000_000_000 else {
                    throw LoadFailure.serverNotReady(
                        name: "keelson server", seconds: Int(Self.patienceSeconds),
                        log: TextFile.lastLines(10, of: logPath))
                }
                try Interruption.pause(milliseconds: 1)
            }
        } catch {
            process.endNow()
            throw error
        }
        readyNanoseconds = nanoseconds() - began
    }

    /// What it uses at the moment.
    var usage: ProcessUsage { ProcessUsage(of: process.id) }

    /// Its number.
    var id: pid_t { process.id }

    /// Ends it as an operator would, and by force after so long.
    func stop(graceSeconds: Int = 20) {
        process.end(graceSeconds: graceSeconds)
    }

    /// How clients recognise it.
    func security() throws -> LoadSecurity {
        try LoadSecurity(authorityFile: authorityFile)
    }

    /// A client of the API.
    func client() throws -> SingleClient {
        try SingleClient(port: apiPort, security: security())
    }

    /// A client of the store's etcd API, in plain text.
    func storeClient() throws -> SingleClient {
        try SingleClient(port: storePort)
    }

    /// A call as the administrator.
    static func call(
        _ method: String, _ path: String, contentType: String = "application/json"
    ) -> HTTPCall {
        HTTPCall(method: method, path: path, contentType: contentType, token: token)
    }

    /// - Throws: `LoadFailure.serverEnded` if it ended by itself.
    func checkAlive() throws {
        guard process.hasEnded() else { return }
        throw LoadFailure.serverEnded(
            name: "keelson server", log: TextFile.lastLines(10, of: logPath))
    }

    /// Whatever else happens than an `ok` means not yet.
    private func isReady() throws -> Bool {
        do {
            let client = try client()
            defer { client.close() }
            return try client.call(Self.call("GET", "/readyz")).body == Bytes("ok".utf8)
        } catch LoadFailure.interrupted {
            throw LoadFailure.interrupted
        } catch {
            return false
        }
    }
}
