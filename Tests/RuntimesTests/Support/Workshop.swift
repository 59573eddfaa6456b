import Dispatch
import Foundation
import Runtimes
import Synchronization
import Testing

/// A data folder with a runtime on it. Whatever a test starts is ended with it, and looked for.
final class Workshop: Sendable {
    let folder: String
    /// Part of every identifier, so that nothing of this test escapes the search.
    let mark: String
    private let state = Mutex((runtime: ProcessRuntime?.none, lastID: 0))

    private init() throws {
        mark = UUID().uuidString.prefix(13).lowercased()
        folder = NSTemporaryDirectory() + "keelson-rt-" + mark
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    /// Runs a test with a runtime of its own, and checks that it leaves nothing behind.
    static func open(_ body: (Workshop) async throws -> Void) async throws {
        let workshop = try Workshop()
        // What cannot be removed is left to whoever cleans the temporary folder.
        defer { try? FileManager.default.removeItem(atPath: workshop.folder) }
        try await workshop.restart()
        var failure: (any Error)?
        do { try await body(workshop) } catch { failure = error }
        if workshop.state.withLock({ $0.runtime == nil }) { try await workshop.restart() }
        for sandbox in await workshop.runtime.sandboxes() {
            try await workshop.runtime.removeSandbox(sandbox.id)
        }
        let left = try FileManager.default.contentsOfDirectory(
            atPath: workshop.folder + "/containers")
        #expect(left.isEmpty)
        #expect(workshop.processes().isEmpty, "processes are left")
        if let failure { throw failure }
    }

    var runtime: ProcessRuntime { state.withLock { $0.runtime! } }

    /// A new runtime on the same folder, as after a restart of the agent.
    func restart() async throws {
        let runtime = ProcessRuntime(
            dataFolder: folder, shimProgram: keelson,
            makeID: { [self] in
                state.withLock {
                    $0.lastID += 1
                    return "\(mark)-\($0.lastID)"
                }
            })
        try await runtime.recover()
        state.withLock { $0.runtime = runtime }
    }

    /// Ends the runtime as an agent that goes away; until `restart` there is none.
    func leave() { state.withLock { $0.runtime = nil } }

    /// A sandbox, made once for each name.
    func sandbox(_ name: String = "web") async throws -> String {
        if let known = await runtime.sandboxes().first(where: { $0.spec.name == name }) {
            return known.id
        }
        return try await runtime.makeSandbox(
            SandboxSpec(name: name, namespace: "default", uid: "u-\(name)"))
    }

    /// What a container of this script is to be.
    func spec(_ script: String, name: String = "main") async throws -> ContainerSpec {
        var spec = ContainerSpec(
            sandboxID: try await sandbox(), name: name, command: ["/bin/sh", "-c", script],
            log: LogPolicy(path: folder + "/logs/\(name)/0.log"))
        spec.environment = ["PATH=/usr/bin:/bin"]
        return spec
    }

    /// Starts a script as a container.
    func start(_ script: String, name: String = "main") async throws -> String {
        try await start(try await spec(script, name: name))
    }

    func start(_ spec: ContainerSpec) async throws -> String {
        let id = try await runtime.makeContainer(spec)
        try await runtime.startContainer(id)
        return id
    }

    /// Waits for the end of a container.
    func exit(of id: String) async throws -> ContainerExit {
        try await eventually("the end of \(id)") {
            try await self.runtime.container(id).state.exit
        }
    }

    /// The whole log of a container, as it stands in its file.
    func log(name: String = "main") -> [String] {
        text(folder + "/logs/\(name)/0.log").split(separator: "\n").map(String.init)
    }

    /// The texts of the log without time and stream.
    func said(name: String = "main") -> [String] {
        log(name: name).map {
            $0.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).last
                .map(String.init) ?? ""
        }
    }

    /// The processes of this test: shims and all that inherited a container's setting.
    func processes() -> [Int32] {
        // /proc can be read everywhere; without it the tests fail at their first container.
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.compactMap { Int32($0) }.filter { process in
            let place = "/proc/\(process)"
            return ["/environ", "/cmdline"].contains { text(place + $0).contains(mark) }
        }
    }
}

/// The keelson that was built together with these tests.
let keelson: String = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    if let given = ProcessInfo.processInfo.environment["KEELSON"], !given.isEmpty { return given }
    let beside = tests.deletingLastPathComponent().appendingPathComponent("keelson").path
    return FileManager.default.isExecutableFile(atPath: beside)
        ? beside : FileManager.default.currentDirectoryPath + "/.build/debug/keelson"
}()

/// The text of a file; empty if it cannot be read.
func text(_ path: String) -> String {
    // A file that is not there has no text.
    guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else {
        return ""
    }
    return String(decoding: data, as: UTF8.self)
}

/// It did not come about in the tries that there were.
struct TooLate: Error, CustomStringConvertible {
    let description: String
}

/// Asks again until there is an answer, for ten seconds and more.
func eventually<T>(_ what: String, _ answer: () async throws -> T?) async throws -> T {
    for _ in 0..<6000 {
        if let value = try await answer() { return value }
        // Elsewhere: what is waited for may need the thread.
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                poll(nil, 0, 5)
                continuation.resume()
            }
        }
    }
    throw TooLate(description: "\(what) did not come about")
}
