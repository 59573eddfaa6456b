/// Where on this machine cgroups are, as `/proc` says it; nothing here touches them.
package struct CgroupLayout: Equatable, Sendable {
    /// Our own group in the one hierarchy of version 2; nil if it is not mounted.
    package private(set) var unified: String?
    /// Our own groups in the hierarchies of version 1, by controller.
    package private(set) var controllers: [String: String] = [:]

    /// Reads `/proc/self/mountinfo` and `/proc/self/cgroup`.
    package init(mounts: String, groups: String) {
        var own: [String: String] = [:]
        for line in groups.split(separator: "\n") {
            let parts = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                own[String(controller)] = String(parts[2])
            }
        }
        for line in mounts.split(separator: "\n") {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let fields = halves[0].split(separator: " ")
            let kind = halves[1].split(separator: " ")
            guard fields.count > 4, kind.count > 2 else { continue }
            let (root, place) = (String(fields[3]), String(fields[4]))
            switch kind[0] {
            case "cgroup2":
                if unified == nil, let group = own[""] {
                    unified = Self.path(of: group, root: root, place: place)
                }
            case "cgroup":
                for option in kind[2].split(separator: ",") {
                    guard let group = own[String(option)] else { continue }
                    controllers[String(option)] = Self.path(of: group, root: root, place: place)
                }
            default: break
            }
        }
    }

    /// The path of a group in a hierarchy whose part from `root` on is mounted at `place`.
    private static func path(of group: String, root: String, place: String) -> String {
        // Inside of a container the root may be our own group, or none that we can see.
        let inner = root != "/" && group.hasPrefix(root) ? group.dropFirst(root.count) : group[...]
        return inner == "/" || inner.isEmpty ? place : place + inner
    }
}
