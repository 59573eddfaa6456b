internal import Primitives

extension ProcessRuntime {
    /// What the runtime is and what it can do here: whatever is missing is missing for all
    /// containers, which run without it.
    package func status() -> RuntimeStatus {
        let cgroups = cgroups ?? .probe()
        let limits = [
            ("MemoryLimits", "memory"), ("CPULimits", "cpu"), ("ProcessLimits", "pids"),
        ].map { name, controller in
            RuntimeStatus.Feature(
                name: name, isAvailable: cgroups.limits(controller),
                message: message(cgroups, controller))
        }
        let groups = RuntimeStatus.Feature(
            name: "Cgroups", isAvailable: cgroups.hasUnified,
            message: cgroups.hasUnified ? "cgroup v2" : missing(cgroups))
        let mounts = RuntimeStatus.Feature(
            name: "Mounts", isAvailable: Self.mayMount,
            message: Self.mayMount ? "mount namespaces" : "CAP_SYS_ADMIN is missing")
        return RuntimeStatus(name: "process", features: [groups] + limits + [mounts])
    }

    private func message(_ cgroups: Cgroups, _ controller: String) -> String {
        if cgroups.unifiedControllers.contains(controller) { return "cgroup v2" }
        return cgroups.writable.contains(controller) ? "cgroup v1" : missing(cgroups)
    }

    private func missing(_ cgroups: Cgroups) -> String {
        cgroups.problem.isEmpty ? "no cgroup controller for it may be used" : cgroups.problem
    }

    /// Whether we have CAP_SYS_ADMIN, number 21.
    private static var mayMount: Bool {
        let status = HostFiles.text("/proc/self/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let mask = line.flatMap { UInt64($0.dropFirst(7).filter { !$0.isWhitespace }, radix: 16) }
        return (mask ?? 0) & (1 << 21) != 0
    }
}
