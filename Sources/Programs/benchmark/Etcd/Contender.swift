import Glibc

// SAFETY: only C strings of Swift's own making are passed.

/// A server program that is measured.
struct Contender {
    /// How it is called in the report.
    var label: String
    var executable: String
    /// What stands before etcd's flags.
    var leadingArguments: [String]

    /// The etcd to compare with: `path` if given, else the one that ETCD names, else the newest
    /// on PATH and in the usual places.
    static func etcd(path: String?, folder: String) throws -> Contender {
        if let path = path ?? variable("ETCD") {
            return try Contender(executable: path, folder: folder)
        }
        let places = (variable("PATH") ?? "").split(separator: ":").map(String.init)
        var seen: [String] = []
        for place in places + ["/usr/local/bin", "/usr/bin", "/opt/etcd"] {
            let candidate = place + "/etcd"
            if isExecutable(candidate), !seen.contains(candidate) { seen.append(candidate) }
        }
        let found = seen.compactMap { path in
            etcdVersion(ServerProcess.output(of: path, ["--version"], in: folder))
                .map { (path: path, version: $0) }
        }
        let newest = found.max {
            numbers(in: $0.version).lexicographicallyPrecedes(numbers(in: $1.version))
        }
        guard let newest else {
            throw LoadFailure.noProgram(
                "no etcd on PATH; install Debian's etcd-server or set ETCD=/path/to/etcd")
        }
        return try Contender(executable: newest.path, folder: folder)
    }

    /// The program at `executable`, asked what it is.
    init(executable: String, folder: String) throws {
        guard Self.isExecutable(executable) else {
            throw LoadFailure.noProgram("no program at \(executable)")
        }
        self.executable = executable
        let output = ServerProcess.output(of: executable, ["--version"], in: folder)
        if let version = Self.etcdVersion(output) {
            label = "etcd " + version
            leadingArguments = []
        } else {
            let line = output.split(separator: "\n").first.map(String.init) ?? ""
            label = line.hasPrefix("keelson") && line.count <= 20 ? line : "keelson"
            leadingArguments = ["store"]
        }
    }

    /// The version in what `etcd --version` prints; nil if it is no etcd. keelson says in its
    /// second line which etcd it is compatible with.
    static func etcdVersion(_ output: String) -> String? {
        let mark = "etcd Version: "
        guard output.hasPrefix(mark) else { return nil }
        return String(output.dropFirst(mark.count).prefix { $0 != "\n" })
    }

    /// The numbers of a version, for comparison.
    static func numbers(in version: String) -> [Int] {
        version.split { !$0.isNumber }.compactMap { Int($0) }
    }

    private static func isExecutable(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0
    }

    private static func variable(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }
}
