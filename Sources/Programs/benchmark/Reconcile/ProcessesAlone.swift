import Foundation
import NIOPosix
import Runtimes

/// What pods are at the bottom, without a control plane: processes with their shims.
struct ProcessesAlone {
    let count: Int
    let program: String
    let folder: String

    /// How long it takes to start them all at once; they are ended afterwards.
    func seconds() throws -> Double {
        try FolderTree(path: folder).make()
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let took = try loop.makeFutureWithTask { try await started() }.wait()
        return Double(took) / 1e9
    }

    private func started() async throws -> Int64 {
        let runtime = ProcessRuntime(dataFolder: folder, shimProgram: program) {
            UUID().uuidString.lowercased()
        }
        try await runtime.recover()
        let began = nanoseconds()
        do {
            try await withThrowingTaskGroup { group in
                for number in 0..<count { group.addTask { try await start(number, runtime) } }
                try await group.waitForAll()
            }
        } catch {
            try await end(runtime)
            throw error
        }
        let took = nanoseconds() - began
        try await end(runtime)
        return took
    }

    private func start(_ number: Int, _ runtime: ProcessRuntime) async throws {
        let sandbox = try await runtime.makeSandbox(
            SandboxSpec(name: "alone-\(number)", namespace: "default", uid: "alone-\(number)"))
        let container = ContainerSpec(
            sandboxID: sandbox, name: "main", command: SleepingPods.command,
            log: LogPolicy(path: "\(folder)/logs/\(number)/0.log"))
        try await runtime.startContainer(try await runtime.makeContainer(container))
    }

    private func end(_ runtime: ProcessRuntime) async throws {
        for sandbox in await runtime.sandboxes() { try await runtime.removeSandbox(sandbox.id) }
    }
}
