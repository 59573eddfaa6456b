import Foundation
import Logging
import StoreModel
import Storage
import Testing

@testable import EtcdServer

/// One table of behaviours for every way to a store: what uses a store need not know which it is.
@Suite struct `Clients of a store` {
    @Test(.timeLimit(.minutes(3)))
    func `a store in this process behaves as a store does`() async throws {
        try await withFolder { folder in
            let node = StoreNode(
                settings: .embedded(dataDirectory: folder), disk: PosixDisk(), log: .quiet
            ) { Issue.record("the node ended: \($0)") }
            try await node.start()
            await run(node.client)
            await node.stop()
        }
    }

    private func run(_ client: any KeyValueClient) async {
        for (number, behaviour) in Behaviour.all.enumerated() {
            do {
                try await behaviour.run(Workbench(client: client, prefix: "/test/\(number)"))
            } catch {
                Issue.record("\(behaviour.name): \(error)")
            }
        }
    }
}

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

extension Logger {
    /// Says nothing.
    static var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
