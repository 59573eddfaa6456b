internal import APIServer
internal import ArgumentParser
internal import Dispatch
internal import EtcdServer
internal import Foundation
internal import Glibc
internal import Logging
internal import Storage
internal import StoreCommands

/// `keelson server`: the control plane on one machine: a store and an API server in one process.
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run a Kubernetes-style API server with its store in one process.",
        discussion: """
            --api-listen IPV4:PORT     where the API is served (127.0.0.1:6443)
            --max-pods NUMBER          pods that this machine takes (250)
            --model-cache SIZE         kept of models on this machine (64Gi); one has a quarter
            --node-name NAME           this machine among others (its host name)
            --pods-on-exit keep|stop   what becomes of pods when the server stops (keep)
            --roles store,api,...      what it runs (store,api,controllers,node: everything)
            --token-auth-file FILE     bearer tokens: token,user,uid,"group,group" a line
            --data-dir FOLDER          what is kept (default.keelson), and the kubeconfig

            All flags of `keelson store` are understood as well. The store listens only where
            --listen-client-urls and --listen-peer-urls say so.
            """)

    /// Everything: etcd's flags are read by the table that knows them.
    @Argument(parsing: .captureForPassthrough)
    var arguments: [String] = []

    func run() throws {
        // Before any other thread is there: threads take over from this one what they block.
        let signals = TerminationSignals()
        let (api, store, machine) = parsed()
        try runToEnd { try await Self.serve(api, store, machine, until: signals) }
    }

    private static func serve(
        _ api: APIServerSettings, _ store: StoreSettings, _ machine: MachineSettings,
        until signals: TerminationSignals
    ) async throws {
        let log = LineLog.logger(level: store.logLevel)
        let node = StoreNode(settings: store, disk: PosixDisk(), log: log) { [log] ending in
            switch ending {
            case .removed:
                log.error("the member has been permanently removed from the cluster")
                Foundation.exit(0)
            case .failed(let reason):
                log.critical("the member failed", metadata: ["reason": "\(reason)"])
                Foundation.exit(1)
            }
        }
        do {
            try await node.start()
            let pods = LocalPods()
            let server = APIServerNode(
                settings: api, store: node.client, surroundings: surroundings, podStreams: pods,
                keelsonVersion: ServerVersion.keelson, log: log)
            let plane = ControlPlane(
                machine: machine, dataFolder: api.dataDirectory, pods: pods, log: log)
            try await serve(server, api, plane, until: signals, log)
            if machine.endsPods { await pods.endAll(log) }
        } catch {
            log.critical("cannot start", metadata: ["reason": "\(error)"])
            Foundation.exit(1)
        }
        await node.stop()
    }

    /// Serves until a signal comes.
    private static func serve(
        _ server: APIServerNode, _ api: APIServerSettings, _ plane: ControlPlane,
        until signals: TerminationSignals, _ log: Logger
    ) async throws {
        let (serving, isServing) = AsyncStream<LocalTransport>.makeStream()
        let (stopping, stop) = AsyncStream<Void>.makeStream()
        // Each answers whether the others are to end as well.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await transport in serving {
                    await plane.run(on: transport, until: stopping)
                }
                return true
            }
            group.addTask {
                try await server.run(disk: PosixDisk()) { port, local in
                    isServing.yield(local)
                    log.info(
                        "ready to serve client requests",
                        metadata: [
                            "api": "https://\(api.host):\(port)",
                            "kubeconfig": "\(api.dataDirectory)/kubeconfig",
                        ])
                }
                return true
            }
            group.addTask {
                let signal = try await signals.next()
                log.info("received signal", metadata: ["signal": "\(signal)"])
                // The controllers need the server to hand over.
                isServing.finish()
                stop.finish()
                return false
            }
            for try await endsOthers in group where endsOthers { group.cancelAll() }
        }
    }

    /// Wrong flags end the process as they do in etcd: a line, and exit code 2.
    private func parsed() -> (APIServerSettings, StoreSettings, MachineSettings) {
        do {
            var api = APIServerSettings()
            let own = [
                "api-listen", "token-auth-file", "node-name", "roles", "pods-on-exit", "max-pods",
                "model-cache",
            ]
            let (values, rest) = try OwnFlags.take(own, from: arguments)
            guard
                case .run(var store) = try StoreFlags.parse(
                    rest, environment: ProcessInfo.processInfo.environment)
            else {
                print(Self.helpMessage())
                Foundation.exit(0)
            }
            if let address = values["api-listen"] { try api.listen(on: address) }
            api.tokenFile = values["token-auth-file"] ?? ""
            if store.dataDirectory.isEmpty { store.dataDirectory = "\(store.name).keelson" }
            api.dataDirectory = store.dataDirectory
            let names = OwnFlags.names(rest)
            if !names.contains("listen-client-urls") { store.listenClientURLs = [] }
            if !names.contains("listen-peer-urls") { store.listenPeerURLs = [] }
            let machine = MachineSettings(
                nodeName: values["node-name"] ?? ProcessInfo.processInfo.hostName.lowercased(),
                memberName: store.name,
                roles: try ServerRoles(values["roles"]),
                endsPods: try MachineSettings.endsPods(values["pods-on-exit"]),
                podsMax: try MachineSettings.podsMax(values["max-pods"]),
                modelBytesMax: try MachineSettings.modelBytesMax(values["model-cache"]))
            return (api, store, machine)
        } catch {
            FileHandle.standardError.write(Data("keelson server: \(error)\n".utf8))
            Foundation.exit(2)
        }
    }

    /// The machine's clocks and its entropy.
    private static var surroundings: Surroundings {
        Surroundings(
            now: { Int64(Date().timeIntervalSince1970) },
            monotonic: { Int64(clamping: DispatchTime.now().uptimeNanoseconds) },
            random: {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }, clock: ContinuousClock())
    }
}
