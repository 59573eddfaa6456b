import Foundation
import Runtimes
import Testing

/// Processes started in a container beside its main one.
@Suite struct ExecTests {
    @Test func `a process has the container's environment and folder and its own streams`()
        async throws
    {
        try await Workshop.open { shop in
            var spec = try await shop.spec("sleep 1000")
            spec.environment.append("COLOR=red")
            spec.workingDirectory = "/usr"
            let id = try await shop.start(spec)
            let session = try await shop.runtime.exec(
                ExecSpec(["sh", "-c", "pwd; echo $COLOR; echo bad >&2; exit 5"]), in: id)
            #expect(try await all(session, .stdout) == "/usr\nred\n")
            #expect(try await all(session, .stderr) == "bad\n")
            #expect(try await session.exitCode() == 5)
        }
    }

    @Test func `input reaches the process until it is closed`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let count = ExecSpec(["wc", "-c"], hasInput: true)
            let session = try await shop.runtime.exec(count, in: id)
            // More than a pipe holds.
            try await session.write([UInt8](repeating: 65, count: 300_000))
            try await session.closeInput()
            #expect(try await all(session, .stdout) == "300000\n")
            #expect(try await session.exitCode() == 0)
        }
    }

    @Test func `one that does not listen any more says EPIPE`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let session = try await shop.runtime.exec(ExecSpec(["true"], hasInput: true), in: id)
            #expect(try await session.exitCode() == 0)
            await #expect(throws: HostFailure("write", "", EPIPE)) {
                // A process that another test starts has the other end too, until its exec.
                for _ in 0..<60_000 { try await session.write([1]) }
            }
        }
    }

    @Test func `a terminal echoes, has a size and knows its end`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let session = try await shop.runtime.exec(
                ExecSpec(["sh", "-c", "read x; tty; stty size; cat"], hasInput: true,
                    hasTerminal: true), in: id)
            session.resize(columns: 90, rows: 33)
            try await session.write(Array("go\n".utf8))
            var said = ""
            while !said.contains("33 90"), let more = try await session.read(.stdout) {
                said += String(decoding: more, as: UTF8.self)
            }
            #expect(said.contains("/dev/pts/"), "\(said)")
            try await session.closeInput()
            _ = try await all(session, .stdout)
            #expect(try await session.exitCode() == 0)
        }
    }

    @Test func `outputs end with the process, not with what it leaves behind`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let session = try await shop.runtime.exec(
                ExecSpec(["sh", "-c", "setsid sleep 1001 & echo out"]), in: id)
            #expect(try await all(session, .stdout) == "out\n")
            #expect(try await session.exitCode() == 0)
            // That goes with the container.
            try await shop.runtime.stopContainer(id, grace: .zero)
            #expect(shop.processes().isEmpty)
        }
    }

    @Test func `processes end with their session, their container and their agent`()
        async throws
    {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let family = ExecSpec(["sh", "-c", "sleep 1001; true"])
            do { _ = try await shop.runtime.exec(family, in: id) }
            _ = try await eventually("its end") { sleeper(shop, "1001") ? nil : true }
            let kept = try await shop.runtime.exec(ExecSpec(["sleep", "1002"]), in: id)
            try await shop.restart()
            #expect(!sleeper(shop, "1002"))
            let other = try await shop.runtime.exec(ExecSpec(["sleep", "1003"]), in: id)
            try await shop.runtime.stopContainer(id, grace: .zero)
            #expect(try await other.exitCode() == 137)
            #expect(try await kept.exitCode() == 137)
        }
    }

    @Test func `what cannot be started says why`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let message = "exec: \"nope\": executable file not found in $PATH"
            await #expect(throws: RuntimeFailure.start(message)) {
                _ = try await shop.runtime.exec(ExecSpec(["nope"]), in: id)
            }
            try await shop.runtime.stopContainer(id, grace: .zero)
            await #expect(throws: RuntimeFailure.wrongState(id: id, isRunning: false)) {
                _ = try await shop.runtime.exec(ExecSpec(["true"]), in: id)
            }
        }
    }

    private func all(_ session: ExecSession, _ stream: ExecOutput) async throws -> String {
        var bytes: [UInt8] = []
        while let more = try await session.read(stream) { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func sleeper(_ shop: Workshop, _ seconds: String) -> Bool {
        shop.processes().contains { text("/proc/\($0)/cmdline").contains(seconds) }
    }
}
