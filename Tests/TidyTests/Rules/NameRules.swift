/// What files, modules and types may be called.
let nameRules: [Rule] = [
    Rule(
        "no file or folder has a space in its name",
        good: [Tree(["docs/a-b.md": ""])],
        bad: [Tree(["docs/a b.md": ""])],
        check: { tree in
            tree.paths.sorted().filter { $0.contains(" ") }.map {
                Violation(path: $0, line: 0, message: "the name has a space")
            }
        }),
    Rule(
        "a module is named for what it holds",
        good: [Tree([:], otherPaths: ["Sources/Cores/Raft/A.swift"])],
        bad: ["Utils", "StoreHelpers", "Common", "Core", "ThingManager"].map {
            Tree([:], otherPaths: ["Sources/Cores/\($0)/A.swift"])
        },
        check: { tree in
            modules(of: tree).filter { module in
                let isVague = ["Core", "Common", "Misc", "Shared", "Base"].contains(module)
                let endings = ["Util", "Utils", "Utilities", "Helper", "Helpers", "Manager"]
                return isVague || endings.contains { module.hasSuffix($0) }
            }.map {
                Violation(path: $0, line: 0, message: "the module's name says nothing")
            }
        }),
    Rule(
        "a type is named for what it is",
        good: ["struct RaftNode {}", "let a = StoreManager.self"],
        bad: ["struct StoreManager {}", "enum StringUtils {}", "package final class IOHelper {}"],
        inFile: { file in
            typeNames(in: file).filter { token in
                ["Util", "Utils", "Utilities", "Helper", "Helpers", "Manager"]
                    .contains { token.text.hasSuffix($0) }
            }.map { Finding($0.line, "the type name `\($0.text)` says nothing") }
        }),
    Rule(
        "no type has its module's name", path: "Sources/Cores/Raft/Raft.swift",
        good: ["struct RaftNode {}", "// struct Raft {}", "import struct Raft.Entry"],
        bad: ["package struct Raft {}", "enum Raft {}", "typealias Raft = Int"],
        inFile: { file in
            typeNames(in: file).filter { $0.text == file.module && $0.depth == 0 }
                .map { Finding($0.line, "the type `\($0.text)` hides its module") }
        }),
]

/// The modules of the tree, sorted.
private func modules(of tree: Tree) -> [String] {
    layers.flatMap { tree.names(in: "Sources/" + $0) }.sorted()
}

/// The names of the types that a file declares.
private func typeNames(in file: SourceFile) -> [Token] {
    let keywords: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    return file.tokens.indices.filter { index in
        keywords.contains(file.text(index)) && file.text(index - 1) != "import"
            && file.text(index - 1) != "." && file.text(index - 1) != ":"
            && file.tokens.indices.contains(index + 1)
    }.map { file.tokens[$0 + 1] }
}
