internal import APIServer
internal import Controllers
internal import Dispatch
internal import Environment
internal import EtcdServer
internal import Foundation
internal import Glibc
internal import HTTPClient
internal import Logging
internal import NodeAgent
internal import Planning
internal import PodModel
internal import Reconciliation
internal import ResourceModel
internal import Runtimes

/// What runs beside the API server in its process: the controllers and the node agent.
struct ControlPlane: Sendable {
    let machine: MachineSettings
    let dataFolder: String
    /// Where the API server finds the pods of this machine.
    let pods: LocalPods
    let log: Logger

    /// Runs both until something comes from `stop` or it ends; then the controllers hand over to
    /// those of another server. If the task is cancelled, they do not.
    func run(on transport: LocalTransport, until stop: AsyncStream<Void>) async {
        let controllers = ControllerService(
            transport, instance: machine.instance, clockwork: Self.clockwork, log: log)
        let services = ServiceAgent(
            transport, nameServer: ServiceAddresses.nameService, clockwork: Self.clockwork,
            log: log)
        await withDiscardingTaskGroup { group in
            if machine.roles.contains(.node) {
                group.addTask { await services.run() }
                group.addTask { await runNode(on: transport, services) }
            }
            if machine.roles.contains(.controllers) {
                await controllers.run(until: stop)
            } else {
                for await _ in stop { break }
            }
            group.cancelAll()
        }
    }

    private func runNode(on transport: LocalTransport, _ services: ServiceAgent) async {
        let program = ProcessInfo.processInfo.executable
        let runtime = ProcessRuntime(dataFolder: nodeFolder, shimProgram: program) {
            UUID().uuidString.lowercased()
        }
        do {
            try await runtime.recover()
        } catch {
            log.error("this machine cannot run pods", metadata: ["reason": "\(error)"])
            return
        }
        let node = NodeService(
            settings, transport, runtime: runtime,
            models: ModelCache(
                folder: nodeFolder + "/models",
                bounds: ModelShelf.Bounds(bytesMax: machine.modelBytesMax),
                web: HTTPConnectionPool(), clockwork: Self.clockwork, log: log),
            services: services, clockwork: Self.clockwork, log: log)
        pods.serve(node, runtime)
        await node.run()
    }

    /// Where the node agent keeps its things. Containers have folders of their own to work in: what
    /// they are told must be absolute.
    private var nodeFolder: String {
        URL(filePath: dataFolder + "/node").path(percentEncoded: false)
    }

    private var settings: NodeSettings {
        let info = ProcessInfo.processInfo
        var settings = NodeSettings(
            name: machine.nodeName, dataFolder: nodeFolder,
            processors: info.activeProcessorCount,
            memoryBytes: Int64(clamping: info.physicalMemory), version: ServerVersion.keelson,
            kernelVersion: Machine.line(of: "/proc/sys/kernel/osrelease"),
            architecture: Machine.architecture, machineID: Machine.line(of: "/etc/machine-id"),
            bootID: Machine.line(of: "/proc/sys/kernel/random/boot_id"))
        settings.podsMax = machine.podsMax
        return settings
    }

    /// The machine's clocks, for controllers and agents.
    static let clockwork = Clockwork(
        wall: { WallTime(seconds: Int64(Date().timeIntervalSince1970)) },
        monotonic: {
            MonotonicInstant(nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds))
        },
        wait: { instant in
            let now = Int64(clamping: DispatchTime.now().uptimeNanoseconds)
            let time = Duration.nanoseconds(max(0, instant.nanoseconds - now))
            // Cancelled while asleep: whoever waits looks for that itself.
            try? await Task.sleep(for: time)
        })
}

/// What an operator decides about a machine's part in the control plane.
struct MachineSettings: Sendable {
    /// Its name among the nodes.
    var nodeName: String
    /// Its store's name among the members; servers of one machine differ in it.
    var memberName: String
    /// Which parts it runs.
    var roles: ServerRoles
    /// Whether its pods end with the server, instead of going on until it comes back.
    var endsPods: Bool
    /// Pods that it may run at a time.
    var podsMax: Int
    /// What it may keep of models.
    var modelBytesMax: Int64

    /// The name of this process among those that run controllers; the same when it comes back.
    var instance: String { "\(nodeName)_\(memberName)" }

    /// Reads `--pods-on-exit`.
    static func endsPods(_ text: String?) throws(WrongValue) -> Bool {
        switch text {
        case nil, "keep": false
        case "stop": true
        default:
            throw WrongValue(flag: "pods-on-exit", text: text ?? "", expected: "keep or stop")
        }
    }

    /// Reads `--max-pods`.
    static func podsMax(_ text: String?) throws(WrongValue) -> Int {
        guard let text else { return 250 }
        guard let count = Int(text), (1...5_000).contains(count) else {
            throw WrongValue(flag: "max-pods", text: text, expected: "1 to 5000")
        }
        return count
    }

    /// Reads `--model-cache`.
    static func modelBytesMax(_ text: String?) throws(WrongValue) -> Int64 {
        guard let text else { return 64 << 30 }
        do {
            let size = try Quantity(parsing: text).roundedUp
            if size > 0 { return size }
        } catch {
            // It is wrong in either case.
        }
        throw WrongValue(flag: "model-cache", text: text, expected: "a size, as in 64Gi")
    }

    /// A flag's value that is none of those expected.
    struct WrongValue: Error, CustomStringConvertible {
        var flag: String
        var text: String
        var expected: String
        var description: String { "invalid --\(flag) \"\(text)\": expected \(expected)" }
    }
}

/// What the machine says of itself.
private enum Machine {
    /// What a file of one line says; `unknown` where there is none.
    static func line(of file: String) -> String {
        // Nothing depends on it.
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return line.isEmpty ? "unknown" : line
    }

    /// In Go's words.
    static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }
}

extension ProcessInfo {
    /// The path of the running program.
    fileprivate var executable: String {
        // Where /proc is missing, the name by which it was called has to do.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? arguments[0]
    }
}
