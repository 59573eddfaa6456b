import EtcdClient
import StoreModel
import Testing

@testable import EtcdServer

/// One table of behaviours for every way to a store: what uses a store need not know which it is.
@Suite struct `Clients of a store` {
    @Test(.timeLimit(.minutes(3)))
    func `a store in this process behaves as a store does`() async throws {
        try await withFolder { folder in
            let node = makeNode(folder)
            try await node.start()
            await run(node.client)
            await node.stop()
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a keelson store over the network behaves as a store does`() async throws {
        try await withFolder { folder in
            let node = makeNode(folder) {
                $0.listenClientURLs = [ServerURL(host: "127.0.0.1", port: 0)]
            }
            try await node.start()
            try await withClient(node.clientPorts) { await run($0) }
            await node.stop()
        }
    }

    @Test(.enabled(if: Etcd.isInstalled), .timeLimit(.minutes(3)))
    func `an etcd over the network behaves as a store does`() async throws {
        try await withFolder { folder in
            try await Etcd.run(folder) { port in
                try await withClient([port]) { await run($0) }
            }
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
