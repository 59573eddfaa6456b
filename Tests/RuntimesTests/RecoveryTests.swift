import Foundation
import Runtimes
import Testing

/// What happens to containers when the agent or a shim ends.
@Suite struct RecoveryTests {
    @Test func `a new runtime finds running containers and sees their end`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start(
                "while [ ! -e \(shop.folder)/go ]; do sleep 0.02; done; exit 4")
            let before = try await shop.runtime.container(id)
            #expect(before.state.isRunning)
            try await shop.restart()
            #expect(try await shop.runtime.container(id) == before)
            #expect(await shop.runtime.sandboxes().count == 1)
            try Data().write(to: URL(fileURLWithPath: shop.folder + "/go"))
            #expect(try await shop.exit(of: id).code == 4)
        }
    }

    @Test func `an exit that no runtime saw is found afterwards`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("exit 5")
            _ = try await shop.exit(of: id)
            try await shop.restart()
            #expect(try await shop.runtime.container(id).state.exit?.code == 5)
        }
    }

    @Test func `an adopted container is stopped with all its processes`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("setsid sleep 1000 & sleep 1001 & wait")
            _ = try await eventually("both sleepers") {
                try await shop.runtime.stats(id).processes == 3 ? true : nil
            }
            try await shop.restart()
            try await shop.runtime.stopContainer(id, grace: .seconds(10))
            #expect(try await shop.runtime.container(id).state.exit?.code == 143)
            #expect(shop.processes().isEmpty)
        }
    }

    @Test func `a container that was made and never started may still be`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.runtime.makeContainer(try await shop.spec("echo late"))
            try await shop.restart()
            #expect(try await shop.runtime.container(id).state == .created)
            try await shop.runtime.startContainer(id)
            _ = try await shop.exit(of: id)
            #expect(shop.said() == ["late"])
        }
    }

    @Test(arguments: [false, true])
    func `a container whose shim is killed ends and is accounted for`(
        _ isAway: Bool
    ) async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("setsid sleep 1000 & env -i sleep 1001 & sleep 1002")
            _ = try await eventually("all sleepers") {
                try await shop.runtime.stats(id).processes == 4 ? true : nil
            }
            let state = try await shop.runtime.container(id).state
            guard case .running(let main, let startedAt) = state
            else { throw TooLate(description: "it does not run") }
            let shim = try #require(parent(of: main))
            #expect(text("/proc/\(shim)/cmdline").contains("container-shim"))
            kill(shim, SIGKILL)
            if isAway { try await shop.restart() }
            let exit = try await shop.exit(of: id)
            #expect(exit.code == 137 && exit.reason == .unknown && exit.startedAt == startedAt)
            #expect(exit.message == "its shim ended before the container")
            #expect(shop.processes().isEmpty)
            try await shop.restart()
            #expect(try await shop.runtime.container(id).state.exit?.code == 137)
        }
    }

    @Test func `a main process ends with its shim while no agent is there`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("exec sleep 1000")
            let state = try await shop.runtime.container(id).state
            guard case .running(let main, _) = state else {
                throw TooLate(description: "it does not run")
            }
            shop.leave()
            kill(try #require(parent(of: main)), SIGKILL)
            _ = try await eventually("its end") {
                text("/proc/\(main)/cmdline").isEmpty ? true : nil
            }
            try await shop.restart()
            #expect(try await shop.runtime.container(id).state.exit?.code == 137)
        }
    }

    @Test func `a process that took the number of a shim is not mistaken for it`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("true")
            _ = try await shop.exit(of: id)
            // As after the loss of power: no exit was written, the number is another's.
            let folder = shop.folder + "/containers/" + id
            try FileManager.default.removeItem(atPath: folder + "/exit.json")
            let state = text(folder + "/state.json")
                .replacing(#/"process":\d+/#, with: "\"process\":\(getpid())")
            try state.write(toFile: folder + "/state.json", atomically: true, encoding: .utf8)
            try await shop.restart()
            let exit = try await shop.runtime.container(id).state.exit
            #expect(exit?.code == 137 && exit?.reason == .unknown)
        }
    }

    @Test func `torn files are no obstacle`() async throws {
        try await Workshop.open { shop in
            let torn = try await shop.start("true", name: "torn")
            let kept = try await shop.start("true", name: "kept")
            _ = try await shop.exit(of: torn)
            _ = try await shop.exit(of: kept)
            let folder = shop.folder + "/containers/" + torn
            try "{".write(toFile: folder + "/spec.json", atomically: false, encoding: .utf8)
            try "{".write(
                toFile: shop.folder + "/sandboxes/x.json", atomically: false, encoding: .utf8)
            try await shop.restart()
            #expect(await shop.runtime.containers().map(\.id) == [kept])
            #expect(await shop.runtime.sandboxes().count == 1)
        }
    }

    @Test func `a container whose sandbox is not known any more goes with its processes`()
        async throws
    {
        try await Workshop.open { shop in
            let id = try await shop.start("setsid sleep 1000 & sleep 1001")
            let sandbox = try await shop.runtime.container(id).spec.sandboxID
            try FileManager.default.removeItem(
                atPath: shop.folder + "/sandboxes/\(sandbox).json")
            try await shop.restart()
            #expect(await shop.runtime.containers().isEmpty)
            #expect(shop.processes().isEmpty)
        }
    }

    @Test func `what is kept can be read by nobody else`() async throws {
        try await Workshop.open { shop in
            let id = try await shop.start("true")
            _ = try await shop.exit(of: id)
            let folder = shop.folder + "/containers/" + id
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.count == 6, "\(files)")
            for path in [folder] + files.map({ folder + "/" + $0 }) {
                let facts = try FileManager.default.attributesOfItem(atPath: path)
                let mode = try #require(facts[.posixPermissions] as? Int)
                #expect(mode & 0o077 == 0, "\(path) \(mode)")
            }
        }
    }

    private func parent(of process: Int32) -> Int32? {
        text("/proc/\(process)/status").firstMatch(of: #/PPid:\s+(\d+)/#).flatMap { Int32($0.1) }
    }
}
