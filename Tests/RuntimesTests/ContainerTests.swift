import Foundation
import Runtimes
import Testing

/// Containers from their start to their end.
@Suite struct ContainerTests {
    @Test func `a container runs to its end and leaves its output and exit code`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("echo one; echo two >&2; exit 3")
            let exit = try await shop.exit(of: id)
            #expect(exit.code == 3 && exit.signal == 0 && exit.reason == .error)
            #expect(exit.startedAt > 0 && exit.finishedAt >= exit.startedAt)
            let log = shop.log()
            let line = #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout F one|stderr F two)/#
            #expect(log.count == 2 && log.allSatisfy { $0.wholeMatch(of: line) != nil }, "\(log)")
        }
    }

    @Test func `code 0 is completion, a signal is 128 and its number`() async throws {
        try await Workshop.open { shop in
            let good = try await shop.start("true", name: "good")
            let bad = try await shop.start("kill -9 $$", name: "bad")
            #expect(try await shop.exit(of: good).reason == .completed)
            let exit = try await shop.exit(of: bad)
            #expect(exit.code == 137 && exit.signal == 9 && exit.reason == .error)
        }
    }

    @Test func `a container has its arguments, environment and folder and nothing else`()
        async throws
    {
        try await Workshop.open { shop in
            var spec = try await shop.spec("pwd; env | sort; ls /proc/self/fd; tty")
            spec.environment = ["PATH=/usr/bin:/bin", "A=b=c", "E="]
            spec.workingDirectory = "/usr"
            let id = try await shop.start(spec)
            _ = try await shop.exit(of: id)
            // `ls` has its folder open beside 0, 1 and 2.
            #expect(
                shop.said() == [
                    "/usr", "A=b=c", "E=", "KEELSON_CONTAINER=\(id)", "PATH=/usr/bin:/bin",
                    "PWD=/usr", "0", "1", "2", "3", "not a tty",
                ])
        }
    }

    /// The agent ignores SIGPIPE, the shim blocks everything.
    @Test func `a container ignores no signals and has none blocked`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("grep -E 'Sig(Blk|Ign)' /proc/self/status")
            _ = try await shop.exit(of: id)
            let masks = shop.said().compactMap { UInt64($0.dropFirst(8), radix: 16) }
            // 32 and above are the C library's own.
            #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0], "\(shop.said())")
        }
    }

    @Test(arguments: [
        (["nothing-of-the-kind"], "/", "exec: \"nothing-of-the-kind\": "
            + "executable file not found in $PATH"),
        (["/nowhere/program"], "/", "exec: \"/nowhere/program\": no such file or directory"),
        (["/etc/passwd"], "/", "exec: \"/etc/passwd\": permission denied"),
        (["true"], "/nowhere", "chdir to cwd \"/nowhere\": no such file or directory"),
    ])
    func `what cannot be started says why`(
        _ command: [String], _ folder: String, _ message: String
    ) async throws {
        try await Workshop.open { shop in
            var spec = try await shop.spec("")
            spec.command = command
            spec.workingDirectory = folder
            let id = try await shop.runtime.makeContainer(spec)
            await #expect(throws: RuntimeFailure.start(message)) {
                try await shop.runtime.startContainer(id)
            }
            let exit = try await shop.runtime.container(id).state.exit
            #expect(exit?.code == 128 && exit?.reason == .startError && exit?.message == message)
        }
    }

    @Test func `wrong specifications are refused and make nothing`() async throws {
        try await Workshop.open { shop in
            let good = try await shop.spec("true")
            var wrong: [(ContainerSpec, RuntimeFailure)] = []
            func add(_ failure: RuntimeFailure, _ change: (inout ContainerSpec) -> Void) {
                var spec = good
                change(&spec)
                wrong.append((spec, failure))
            }
            add(.unknown(id: "x")) { $0.sandboxID = "x" }
            add(.invalid("no command specified")) { $0.command = [] }
            add(.invalid("path \"a\" is not absolute")) { $0.workingDirectory = "a" }
            add(.invalid("environment \"A\" is not NAME=value")) { $0.environment = ["A"] }
            add(.invalid("a text has a NUL")) { $0.command = ["a\0b"] }
            for (spec, failure) in wrong {
                await #expect(throws: failure) { try await shop.runtime.makeContainer(spec) }
            }
            #expect(await shop.runtime.containers().isEmpty)
            let id = try await shop.start(good)
            await #expect(throws: RuntimeFailure.exists(name: "main", attempt: 0)) {
                try await shop.runtime.makeContainer(good)
            }
            _ = try await shop.exit(of: id)
            await #expect(throws: RuntimeFailure.wrongState(id: id, isRunning: false)) {
                try await shop.runtime.startContainer(id)
            }
        }
    }

    @Test func `a container that ends when asked keeps its own exit code`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start(
                "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done")
            _ = try await eventually("its output") { shop.said().first }
            await #expect(throws: RuntimeFailure.wrongState(id: id, isRunning: true)) {
                try await shop.runtime.removeContainer(id)
            }
            try await shop.runtime.stopContainer(id, grace: .seconds(30))
            let exit = try await shop.runtime.container(id).state.exit
            #expect(exit?.code == 7)
            #expect(shop.said() == ["up", "bye"])
            // Again: nothing to do.
            try await shop.runtime.stopContainer(id, grace: .seconds(30))
        }
    }

    @Test func `a container that does not listen is ended with all that it started`()
        async throws
    {
        try await Workshop.open { shop in
            let script = """
                trap '' TERM
                sleep 1000 &
                setsid sleep 1001 &
                setsid sh -c 'sleep 1002 & exec env -i sleep 1003' &
                (sleep 1004 &)
                echo up
                while :; do sleep 1005; done
                """
            let id = try await shop.start(script)
            _ = try await eventually("six sleepers") {
                try await shop.runtime.stats(id).processes == 7 ? true : nil
            }
            try await shop.runtime.stopContainer(id, grace: .milliseconds(50))
            let exit = try await shop.runtime.container(id).state.exit
            #expect(exit?.code == 137 && exit?.signal == 9)
            #expect(shop.processes().isEmpty)
        }
    }

    @Test func `a stop that is given up leaves the container its time`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start(
                "trap 'echo asked' TERM; echo up; while :; do sleep 0.02; done")
            _ = try await eventually("its output") { shop.said().first }
            let runtime = shop.runtime
            await #expect(throws: RuntimeFailure.cancelled) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await runtime.stopContainer(id, grace: .seconds(1000)) }
                    _ = try await eventually("the question") {
                        shop.said().contains("asked") ? true : nil
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            #expect(try await runtime.container(id).state.isRunning)
        }
    }

    @Test func `what the main process leaves behind ends with it`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("setsid sleep 1000 & (sleep 1001 &) ; echo done")
            let exit = try await shop.exit(of: id)
            #expect(exit.reason == .completed)
            #expect(shop.said() == ["done"])
            #expect(shop.processes().isEmpty)
        }
    }

    @Test func `a container may be removed, its log stays`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("echo kept")
            _ = try await shop.exit(of: id)
            try await shop.runtime.removeContainer(id)
            try await shop.runtime.removeContainer(id)
            #expect(await shop.runtime.containers().isEmpty)
            #expect(shop.said() == ["kept"])
            await #expect(throws: RuntimeFailure.unknown(id: id)) {
                try await shop.runtime.container(id)
            }
        }
    }

    @Test func `a stopped sandbox takes no containers`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("sleep 1000")
            let spec = try await shop.spec("true", name: "other")
            try await shop.runtime.stopSandbox(spec.sandboxID)
            #expect(try await shop.runtime.container(id).state.exit?.code == 137)
            await #expect(throws: RuntimeFailure.self) {
                try await shop.runtime.makeContainer(spec)
            }
        }
    }

    @Test func `changes are announced`() async throws {
        try await Workshop.open { shop in
            var changes = shop.runtime.changes.makeAsyncIterator()
            let id = try await shop.start("sleep 1000")
            for _ in 0..<2 { #expect(await changes.next() == id) }
            try await shop.runtime.stopContainer(id, grace: .zero)
            #expect(await changes.next() == id)
            #expect(try await shop.runtime.container(id).state.exit != nil)
        }
    }
}
