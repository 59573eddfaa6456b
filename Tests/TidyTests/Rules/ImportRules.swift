/// Who may import whom.
let importRules: [Rule] = [
    Rule(
        "a module imports only modules of strictly lower layers",
        good: [
            tree(of: "Sources/Cores/Raft/A.swift", "import Primitives\npublic import Primitives"),
            tree(of: "Sources/Cores/Raft/A.swift", "// import Storage\nlet a = \"import Storage\""),
            tree(of: "Sources/Programs/simulate/A.swift", "import Simulator"),
            tree(of: "Sources/Ground/Primitives/A.swift", "internal import CChecksum"),
        ],
        bad: [
            tree(of: "Sources/Ground/Primitives/A.swift", "internal import Primitives"),
            tree(of: "Sources/Cores/Raft/A.swift", "package import Storage"),
            tree(of: "Sources/Cores/Raft/A.swift", "@testable import MVCC"),
            tree(of: "Sources/Ground/Primitives/A.swift", "internal import struct Raft.Entry"),
            tree(of: "Sources/Programs/Simulator/A.swift", "import simulate"),
        ],
        check: upwardImports),
    Rule(
        "a module of others is imported only where the list allows it",
        good: [
            tree(of: "Sources/Adapters/Storage/A.swift", "import Crypto"),
            tree(of: "Tests/RaftTests/A.swift", "import Testing\nimport Raft"),
        ],
        bad: [
            tree(of: "Sources/Engines/ReplicatedStore/A.swift", "import Crypto"),
            tree(of: "Sources/Adapters/Storage/A.swift", "internal import Alamofire"),
            tree(of: "Tests/RaftTests/A.swift", "import XCTest"),
        ],
        check: unlistedImports),
    Rule(
        "the store side, up to Engines, is free of NIO",
        good: [
            tree(of: "Sources/Services/EtcdServer/A.swift", "import NIOCore"),
            tree(of: "Sources/Adapters/Transport/A.swift", "import NIOCore"),
            tree(of: "Sources/Engines/EtcdClient/A.swift", "import Transport"),
            tree(of: "Sources/Adapters/ServiceProxy/A.swift", "import NIOCore"),
        ],
        bad: [
            tree(of: "Sources/Engines/ReplicatedStore/A.swift", "import NIOCore"),
            tree(of: "Sources/Adapters/Storage/A.swift", "import NIO"),
            tree(of: "Sources/Engines/ReplicatedStore/A.swift", "import Transport"),
        ],
        check: { tree in
            tree.swiftFiles.flatMap { file -> [Violation] in
                guard let rank = file.layer.flatMap(layers.firstIndex(of:)),
                    rank <= layers.firstIndex(of: "Engines")!,
                    !networkModules.contains(file.module ?? "")
                else { return [] }
                let network = file.imports.filter {
                    $0.module.hasPrefix("NIO") || $0.module == "Transport"
                }
                return network.map {
                    Violation(
                        path: file.path, line: $0.line,
                        message: "\($0.module) is imported on the store side")
                }
            }
        }),
]

/// Below Services, those that speak to the network: nothing of the store.
private let networkModules: Set = ["Transport", "EtcdClient", "NameServer", "ServiceProxy"]

/// The modules that the examples speak of, so that the rules know where they belong.
private func tree(of path: String, _ text: String) -> Tree {
    Tree(
        [path: text],
        otherPaths: [
            "Sources/Ground/CChecksum/module.modulemap", "Sources/Ground/Primitives/x",
            "Sources/Cores/Raft/x", "Sources/Cores/MVCC/x",
            "Sources/Adapters/Storage/x", "Sources/Engines/ReplicatedStore/x",
            "Sources/Programs/Simulator/x", "Sources/Programs/simulate/x",
        ])
}

/// How high each of our modules stands. In Programs an executable, in lower case, stands above
/// the libraries that programs share.
private func heights(in tree: Tree) -> [String: Int] {
    var folders = declaredFolders(in: tree)
    for layer in layers {
        folders.formUnion(tree.names(in: "Sources/" + layer).map { "Sources/\(layer)/\($0)" })
    }
    var heights: [String: Int] = [:]
    for folder in folders {
        let parts = folder.split(separator: "/").map(String.init)
        guard parts.count == 3, let rank = layers.firstIndex(of: parts[1]) else { continue }
        let isExecutable = parts[1] == "Programs" && parts[2].first?.isLowercase == true
        // The C libraries are what Ground itself stands on.
        let isLibrary = tree.paths.contains(folder + "/module.modulemap")
        heights[parts[2]] = 2 * rank + (isExecutable ? 1 : 0) - (isLibrary ? 1 : 0)
    }
    return heights
}

private func upwardImports(in tree: Tree) -> [Violation] {
    let heights = heights(in: tree)
    return tree.swiftFiles.flatMap { file -> [Violation] in
        guard let module = file.module, !file.isTest, let height = heights[module] else {
            return []
        }
        return file.imports.filter { (heights[$0.module] ?? -2) >= height }.map {
            Violation(
                path: file.path, line: $0.line,
                message: "\(module) imports \($0.module), which is not of a lower layer")
        }
    }
}

private func unlistedImports(in tree: Tree) -> [Violation] {
    let ours = heights(in: tree)
    return tree.swiftFiles.flatMap { file -> [Violation] in
        let places = Set([file.layer, file.module].compactMap(\.self))
        return file.imports.filter { imported in
            if ours[imported.module] != nil || imported.module == "Swift" { return false }
            if imported.module.hasPrefix("NIO") && !file.isTest { return false }
            return file.isTest
                ? !externalModulesOfTests.contains(imported.module)
                : places.isDisjoint(with: externalModules[imported.module] ?? [])
        }.map {
            Violation(
                path: file.path, line: $0.line,
                message: "\($0.module) is not listed for this place (ExternalModules.swift)")
        }
    }
}
