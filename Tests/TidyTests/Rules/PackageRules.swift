/// What Package.swift says must be what is there.
let packageRules: [Rule] = [
    Rule(
        "Package.swift has one target for each module folder and no other",
        good: [
            packageTree(
                "module(\"Cores\", \"Raft\"),\ntestModule(\n    \"RaftTests\", [\"Raft\"])",
                ["Sources/Cores/Raft/A.swift", "Tests/RaftTests/A.swift"]),
            packageTree(
                ".executableTarget(name: \"a\", path: \"Sources/Programs/a\")",
                ["Sources/Programs/a/A.swift"]),
        ],
        bad: [
            packageTree("module(\"Cores\", \"Raft\")", []),
            packageTree("", ["Sources/Cores/Raft/A.swift"]),
            packageTree("", ["Tests/RaftTests/A.swift"]),
            packageTree("testModule(\"RaftTests\", [])", []),
        ],
        check: mismatchedTargets),
    Rule(
        "Sources holds the layers and nothing else",
        good: [Tree([:], otherPaths: ["Sources/Cores/Raft/A.swift"])],
        bad: [
            Tree([:], otherPaths: ["Sources/Extras/Raft/A.swift"]),
            Tree([:], otherPaths: ["Sources/main.swift"]),
        ],
        check: { tree in
            tree.names(in: "Sources").filter { !layers.contains($0) }.map {
                Violation(path: "Sources/" + $0, line: 0, message: "this is no layer")
            }
        }),
    Rule(
        "no file names a path of the machine it was written on",
        good: [Tree(["docs/A.md": "network/work/a"])],
        bad: [Tree(["docs/A.md": "see /wo" + "rk/a"]), Tree(["Makefile": "cd /ro" + "ot/a"])],
        check: { tree in
            let place = #/(^|[\s"'`(=:])\/(work|root)\//#
            return tree.texts.keys.sorted().flatMap { path in
                numberedLines(tree.texts[path] ?? "").filter { $0.1.contains(place) }.map {
                    Violation(path: path, line: $0.0, message: "names a path of one machine")
                }
            }
        }),
]

private func packageTree(_ targets: String, _ paths: [String]) -> Tree {
    Tree(["Package.swift": targets], otherPaths: paths)
}

/// The folders of the targets that Package.swift declares.
func declaredFolders(in tree: Tree) -> Set<String> {
    let text = "\n" + (tree.texts["Package.swift"] ?? "")
    var folders: Set<String> = []
    for match in text.matches(of: #/\n\s*module\(\s*"(\w+)",\s*"(\w+)"/#) {
        folders.insert("Sources/\(match.1)/\(match.2)")
    }
    for match in text.matches(of: #/\n\s*testModule\(\s*"(\w+)"/#) {
        folders.insert("Tests/\(match.1)")
    }
    for match in text.matches(of: #/path: "((?:Sources|Tests)\/[\w\/]+)"/#) {
        folders.insert(String(match.1))
    }
    return folders
}

private func mismatchedTargets(in tree: Tree) -> [Violation] {
    guard tree.texts["Package.swift"] != nil else { return [] }
    let declared = declaredFolders(in: tree)
    let folders = tree.names(in: "Sources").flatMap { layer in
        tree.names(in: "Sources/\(layer)").map { "Sources/\(layer)/\($0)" }
    }
    let present = Set(folders + tree.names(in: "Tests").map { "Tests/\($0)" })
    return declared.subtracting(present).sorted().map {
        Violation(path: $0, line: 0, message: "is a target of Package.swift, but no folder")
    } + present.subtracting(declared).sorted().map {
        Violation(path: $0, line: 0, message: "is a folder, but no target of Package.swift")
    }
}
