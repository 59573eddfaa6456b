import Foundation
import Runtimes
import Testing

/// Limits, where this machine lets us set them; where not, the runtime says why.
@Suite struct CgroupTests {
    @Test func `the status says of everything whether it is there, and how or why not`()
        async throws
    {
        try await Workshop.open { shop in
            let status = await shop.runtime.status()
            #expect(status.name == "process")
            #expect(
                status.features.map(\.name)
                    == ["Cgroups", "MemoryLimits", "CPULimits", "ProcessLimits", "Mounts"])
            #expect(status.features.allSatisfy { !$0.message.isEmpty })
        }
    }

    @Test func `a container that needs more memory than it may have is ended for that`()
        async throws
    {
        try await Workshop.open { shop in
            var spec = try await shop.spec("")
            spec.command = ["tail", "/dev/zero"]
            spec.limits.memoryBytesMax = 32 << 20
            guard await isAvailable("MemoryLimits", shop) else { return }
            let id = try await shop.start(spec)
            let exit = try await shop.exit(of: id)
            #expect(exit.code == 137 && exit.reason == .outOfMemory, "\(exit)")
        }
    }

    @Test func `a container gets no more processes and processor time than it may have`()
        async throws
    {
        try await Workshop.open { shop in
            var spec = try await shop.spec(
                "cat /proc/self/cgroup; for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo all")
            spec.limits.processesMax = 5
            spec.limits.cpuThousandthsMax = 500
            guard await isAvailable("ProcessLimits", shop) else { return }
            let id = try await shop.start(spec)
            _ = try await shop.exit(of: id)
            let said = shop.said()
            #expect(said.contains { $0.contains("/keelson/\(id)") }, "\(said)")
            #expect(said.contains { $0.contains("fork") } && !said.contains("all"), "\(said)")
        }
    }

    @Test func `a killed shim leaves no processes and no groups`() async throws {
        try await Workshop.open { shop in
            // Neither their environment nor their session tells whose these are.
            let id = try await shop.start("env -i setsid sleep 1001 & sleep 1002")
            guard await isAvailable("Cgroups", shop) else {
                return try await shop.runtime.stopContainer(id, grace: .zero)
            }
            _ = try await eventually("both sleepers") {
                try await shop.runtime.stats(id).processes == 3 ? true : nil
            }
            let groups = groups(of: id, shop)
            #expect(!groups.isEmpty)
            let members = groups.flatMap { text($0 + "/cgroup.procs").split(separator: "\n") }
            #expect(members.count == 3)
            guard case .running(let main, _) = try await shop.runtime.container(id).state else {
                throw TooLate(description: "it does not run")
            }
            let parent = text("/proc/\(main)/status").firstMatch(of: #/PPid:\s+(\d+)/#)
            kill(try #require(parent.flatMap { Int32($0.1) }), SIGKILL)
            #expect(try await shop.exit(of: id).code == 137)
            for member in members {
                #expect(!text("/proc/\(member)/cmdline").contains("sleep"))
            }
            for group in groups { #expect(!FileManager.default.fileExists(atPath: group)) }
        }
    }

    @Test func `groups go with their containers`() async throws {
        try await Workshop.open { shop in
            var spec = try await shop.spec("true")
            spec.limits.memoryBytesMax = 64 << 20
            let id = try await shop.start(spec)
            let groups = groups(of: id, shop)
            _ = try await shop.exit(of: id)
            let isExpected = await isAvailable("MemoryLimits", shop)
            #expect(!groups.isEmpty || !isExpected)
            for group in groups { #expect(!FileManager.default.fileExists(atPath: group)) }
        }
    }

    /// The folders of a container's groups, as the runtime has noted them.
    private func groups(of id: String, _ shop: Workshop) -> [String] {
        text(shop.folder + "/containers/\(id)/started")
            .matches(of: #/"(\/[^"]+)"/#).map { String($0.1) }
    }

    private func isAvailable(_ feature: String, _ shop: Workshop) async -> Bool {
        await shop.runtime.status().features.contains { $0.name == feature && $0.isAvailable }
    }
}
