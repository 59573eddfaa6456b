import Foundation

/// The processes that run for the pods of a server.
struct PodProcesses {
    private let folder: String
    private let plane: ControlPlane

    init(of plane: ControlPlane) {
        self.plane = plane
        folder = plane.scratch.path
    }

    /// Their shims, and with them all that they run.
    var all: [pid_t] { find { $0.contains("container-shim") && $0.contains(folder) } }

    /// All processes of the machine that have a word in their command.
    func mentioning(_ word: String) -> [pid_t] { find { $0.contains(word) } }

    /// The main processes of containers that have a word in their command.
    func naming(_ word: String) -> [pid_t] {
        let shims = Set(all)
        return find { $0.contains(word) }.filter { process in
            let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
            // Behind the name in parentheses: the state, then the parent.
            let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?
                .split(separator: " ")
            return fields.flatMap { pid_t($0[1]) }.map(shims.contains) ?? false
        }
    }

    /// What the node agent keeps for pods.
    var files: [String] {
        ["pods", "logs", "containers", "sandboxes"].flatMap { name in
            let path = "\(folder)/data/node/\(name)"
            // A folder that was never needed has nothing in it.
            return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        }
    }

    /// Ends what a test has left; the server first, which would start it again.
    func end() {
        plane.kill()
        for process in all { kill(process, SIGKILL) }
    }

    private func find(_ isWanted: (String) -> Bool) -> [pid_t] {
        // Without /proc nothing is found, which the tests notice.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(pid_t.init).filter { number in
            guard let data = FileManager.default.contents(atPath: "/proc/\(number)/cmdline")
            else { return false }
            return isWanted(
                String(decoding: data.map { $0 == 0 ? 32 : $0 }, as: UTF8.self))
        }.sorted()
    }
}
