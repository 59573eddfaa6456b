internal import Glibc
internal import Primitives

/// The groups of one container.
struct ContainerGroups: Sendable {
    let paths: [String]

    /// Makes the groups and sets the limits, those that a group has a file for.
    func create(_ limits: ContainerLimits) throws(HostFailure) {
        for path in paths {
            try HostFiles.makeFolder(path, mode: 0o755)
            for (file, value) in Self.settings(limits) {
                guard HostFiles.status(path + "/" + file) != nil else { continue }
                try HostFiles.append(value, to: path + "/" + file)
            }
        }
    }

    /// The files of both versions; a group has those of its own.
    private static func settings(_ limits: ContainerLimits) -> [(String, String)] {
        var settings: [(String, String)] = []
        if let bytes = limits.memoryBytesMax {
            settings.append(("memory.max", "\(bytes)"))
            settings.append(("memory.limit_in_bytes", "\(bytes)"))
        }
        if let thousandths = limits.cpuThousandthsMax {
            // Of 100 ms; the kernel wants 1 ms at least.
            let quota = max(1000, thousandths * 100)
            settings.append(("cpu.max", "\(quota) 100000"))
            settings.append(("cpu.cfs_period_us", "100000"))
            settings.append(("cpu.cfs_quota_us", "\(quota)"))
        }
        if let processes = limits.processesMax { settings.append(("pids.max", "\(processes)")) }
        return settings
    }

    /// Open `cgroup.procs` files, for whoever is to join.
    func doors() throws(HostFailure) -> [Descriptor] {
        var doors: [Descriptor] = []
        for path in paths { doors.append(try HostFiles.open(path + "/cgroup.procs", O_WRONLY)) }
        return doors
    }

    /// Whether the kernel has ended a process for lack of memory.
    var hasRunOutOfMemory: Bool {
        paths.contains { path in
            [path + "/memory.events", path + "/memory.oom_control"].contains { file in
                (HostFiles.text(file) ?? "").split(separator: "\n").contains { line in
                    let words = line.split(separator: " ")
                    return words.count == 2 && words[0] == "oom_kill" && words[1] != "0"
                }
            }
        }
    }

    /// Ends all processes in the groups: at once where the kernel can, or one by one.
    func kill() {
        for path in paths {
            // Kernels before 5.14, and version 1, have no such file.
            if (try? HostFiles.append("1", to: path + "/cgroup.kill")) != nil { continue }
            for process in members(of: path) { Glibc.kill(process, SIGKILL) }
        }
    }

    /// The processes in the groups.
    var processes: [Int32] { paths.flatMap { members(of: $0) } }

    private func members(of path: String) -> [Int32] {
        (HostFiles.text(path + "/cgroup.procs") ?? "").split(separator: "\n")
            .compactMap { Int32($0) }
    }

    /// Removes the groups, which must be empty; false if one is not.
    @discardableResult
    func remove() -> Bool {
        var isGone = true
        for path in paths {
            do { try HostFiles.removeFolder(path) } catch { isGone = false }
        }
        return isGone
    }
}
