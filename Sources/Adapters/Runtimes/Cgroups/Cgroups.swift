internal import Glibc

/// What cgroups are good for here: found out by trying, as permissions, kernels and whoever
/// started us all have a say.
struct Cgroups: Sendable {
    /// The folder of all containers' groups within our own group.
    static let folder = "keelson"

    let layout: CgroupLayout
    /// The controllers of the one hierarchy that its groups may use.
    private(set) var unifiedControllers: Set<String> = []
    /// The controllers of version 1 whose groups we may make.
    private(set) var writable: Set<String> = []
    /// Whether groups of the one hierarchy can be made.
    private(set) var hasUnified = false
    /// Why something is missing, in the kernel's words.
    private(set) var problem = ""

    /// Tries it out.
    init(_ layout: CgroupLayout) {
        self.layout = layout
        if let unified = layout.unified {
            do {
                try Self.makeFolder(in: unified)
                hasUnified = true
                unifiedControllers = Self.enable(in: unified)
            } catch {
                problem = error.description
            }
        }
        for (controller, path) in layout.controllers.sorted(by: { $0.key < $1.key })
        where ["memory", "cpu", "pids"].contains(controller) {
            do {
                try Self.makeFolder(in: path)
                writable.insert(controller)
            } catch {
                problem = error.description
            }
        }
        if layout.unified == nil && layout.controllers.isEmpty {
            problem = "no cgroups are mounted"
        }
    }

    /// What there is on this machine.
    static func probe() -> Cgroups {
        Cgroups(
            CgroupLayout(
                mounts: HostFiles.text("/proc/self/mountinfo") ?? "",
                groups: HostFiles.text("/proc/self/cgroup") ?? ""))
    }

    /// Whether a controller can hold containers to a limit.
    func limits(_ controller: String) -> Bool {
        unifiedControllers.contains(controller) || writable.contains(controller)
    }

    /// The groups that a container with these limits is to be in.
    func paths(of id: String, _ limits: ContainerLimits) -> [String] {
        var paths: [String] = []
        if hasUnified, let unified = layout.unified {
            paths.append(unified + "/" + Self.folder + "/" + id)
        }
        for controller in Self.needed(limits) where !unifiedControllers.contains(controller) {
            guard writable.contains(controller), let path = layout.controllers[controller] else {
                continue
            }
            let group = path + "/" + Self.folder + "/" + id
            if !paths.contains(group) { paths.append(group) }
        }
        return paths
    }

    private static func needed(_ limits: ContainerLimits) -> [String] {
        [
            ("memory", limits.memoryBytesMax), ("cpu", limits.cpuThousandthsMax),
            ("pids", limits.processesMax),
        ].compactMap { $0.1 == nil ? nil : $0.0 }
    }

    /// Nothing is made in place of a group of ours that we cannot see.
    private static func makeFolder(in group: String) throws(HostFailure) {
        guard HostFiles.isFolder(group) else { throw HostFailure("open", group, ENOENT) }
        try HostFiles.makeFolder(group + "/" + folder, mode: 0o755)
    }

    /// Lets groups two levels down use the controllers; answers those that they may use.
    private static func enable(in unified: String) -> Set<String> {
        var enabled: Set<String> = []
        for controller in ["memory", "cpu", "pids"] {
            let isThere = [unified, unified + "/" + folder].allSatisfy { path in
                // A group that has processes of its own may not hand controllers down: then there
                // are no limits, which the status says.
                (try? HostFiles.append("+\(controller)", to: path + "/cgroup.subtree_control"))
                    != nil
            }
            if isThere { enabled.insert(controller) }
        }
        return enabled
    }
}
