import EtcdClient
import Foundation
import Glibc
import Logging
import Primitives
import StoreModel
import Storage
import Testing

@testable import EtcdServer

/// A folder for the time of `body`.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("keelson-client-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    // Left to the system's own cleaning if it cannot be removed.
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}

/// A member of a store in this process.
func makeNode(
    _ folder: String, _ change: (inout StoreSettings) -> Void = { _ in }
) -> StoreNode {
    var settings = StoreSettings.embedded(dataDirectory: folder, segmentBytes: 1 << 20)
    change(&settings)
    return StoreNode(settings: settings, disk: PosixDisk(), log: .quiet) {
        Issue.record("the node ended: \($0)")
    }
}

/// A client of members on this machine, for the time of `body`.
func withClient(
    _ ports: [Int], _ change: (inout RemoteSettings) -> Void = { _ in },
    _ body: (RemoteClient) async throws -> Void
) async throws {
    var settings = RemoteSettings(
        endpoints: try ports.map { try EtcdEndpoint("127.0.0.1:\($0)") })
    change(&settings)
    let client = RemoteClient(settings)
    do {
        try await body(client)
    } catch {
        Issue.record(error)
    }
    await client.close()
}

/// etcd itself, from the machine's packages.
enum Etcd {
    static let path = "/usr/bin/etcd"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Runs one member, once it serves, for the time of `body`, which is given its client port.
    static func run(_ folder: String, _ body: (Int) async throws -> Void) async throws {
        let ports = try freePorts(2)
        let urls = ports.map { "http://127.0.0.1:\($0)" }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [
            "--data-dir", folder + "/etcd", "--listen-client-urls", urls[0],
            "--advertise-client-urls", urls[0], "--listen-peer-urls", urls[1],
            "--initial-advertise-peer-urls", urls[1], "--initial-cluster", "default=\(urls[1])",
            "--log-level", "fatal", "--logger", "zap",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await untilItServes(ports[0])
        try await body(ports[0])
    }

    private static func untilItServes(_ port: Int) async throws {
        let client = RemoteClient(
            RemoteSettings(endpoints: [try EtcdEndpoint("127.0.0.1:\(port)")]))
        // Other processes may keep the processor for themselves: a minute and more.
        for _ in 0..<1000 {
            // It does not listen yet.
            if (try? await client.members()) != nil { break }
            poll(nil, 0, 50)
        }
        await client.close()
    }
}

/// Ports that nobody listens on at the moment.
func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    // All are held until the last is known, so that none comes twice.
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        sockets.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        try #require(result == 0, "no free port")
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

extension Logger {
    /// Says nothing.
    static var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
