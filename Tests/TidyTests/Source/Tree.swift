import Foundation

/// The files that the rules look at: the package itself, or a few made-up ones of an example.
struct Tree: Sendable {
    /// The contents of text files by their path from the root.
    let texts: [String: String]
    /// Every file and folder, also those whose contents nobody reads.
    let paths: Set<String>
    /// The Swift files in `Sources` and `Tests`, by path.
    let swiftFiles: [SourceFile]

    /// A tree of the given files.
    init(_ texts: [String: String], otherPaths: [String] = []) {
        self.texts = texts
        var paths: Set<String> = []
        for path in Array(texts.keys) + otherPaths {
            let parts = path.split(separator: "/")
            for count in 1...parts.count {
                paths.insert(parts.prefix(count).joined(separator: "/"))
            }
        }
        self.paths = paths
        swiftFiles = texts.keys.sorted().filter { path in
            path.hasSuffix(".swift")
                && (path.hasPrefix("Sources/") || path.hasPrefix("Tests/"))
        }.map { SourceFile(path: $0, text: texts[$0] ?? "") }
    }

    /// The documents, by path.
    var documents: [(path: String, text: String)] {
        texts.keys.sorted()
            .filter { $0 == "README.md" || ($0.hasPrefix("docs/") && $0.hasSuffix(".md")) }
            .map { ($0, texts[$0] ?? "") }
    }

    /// The names directly in a folder, sorted.
    func names(in folder: String) -> [String] {
        let prefix = folder + "/"
        return paths.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/") }
            .map { String($0.dropFirst(prefix.count)) }.sorted()
    }
}

extension Tree {
    /// The root of the package, seen from this file.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Reads the package from the disk: what git would hold, without build folders.
    static func load() throws -> Tree {
        var texts: [String: String] = [:]
        var others: [String] = []
        let rootPath = root.path(percentEncoded: false)
        let top = try FileManager.default.contentsOfDirectory(atPath: rootPath)
        for name in top.sorted() where !isIgnored(name) {
            for path in try files(below: name) {
                if isText(path) {
                    texts[path] = try String(contentsOfFile: rootPath + path, encoding: .utf8)
                } else {
                    others.append(path)
                }
            }
        }
        return Tree(texts, otherPaths: others)
    }

    private static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".build") || name == ".git" || name == ".swiftpm"
    }

    private static func isText(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let endings = [".swift", ".md", ".txt", ".h", ".modulemap", ".proto", ".yaml"]
        return endings.contains { name.hasSuffix($0) } || name == "Makefile"
            || path.hasPrefix(".ci/")
    }

    /// The files of a folder, or the one file that `name` is.
    private static func files(below name: String) throws -> [String] {
        let path = root.appending(path: name).path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return []
        }
        guard isFolder.boolValue else { return [name] }
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .flatMap { try files(below: name + "/" + $0) }
    }
}
