import Testing

/// The rules of docs/STYLE.md that are marked [T].
@Suite struct RuleTests {
    /// The package as it is on the disk.
    private static let package = Result { try Tree.load() }

    @Test(arguments: Rule.all)
    func `the sources keep the rule`(_ rule: Rule) throws {
        let violations = rule.check(try Self.package.get()).sorted()
        let list = violations.map(\.description).joined(separator: "\n")
        #expect(violations.isEmpty, "\(rule.name):\n\(list)")
    }

    /// A rule that cannot fail is worth nothing.
    @Test(arguments: Rule.all)
    func `the rule tells its good examples from its bad ones`(_ rule: Rule) {
        #expect(!rule.good.isEmpty && !rule.bad.isEmpty, "examples of both kinds are wanted")
        for example in rule.good {
            let violations = rule.check(example)
            #expect(violations.isEmpty, "\(example.texts) breaks the rule: \(violations)")
        }
        for example in rule.bad {
            let violations = rule.check(example)
            #expect(violations.count == 1, "\(example.texts) breaks the rule once: \(violations)")
        }
    }

    @Test func `the rules see the package`() throws {
        let tree = try Self.package.get()
        #expect(tree.swiftFiles.count > 20)
        #expect(tree.texts["Package.swift"] != nil)
        #expect(tree.swiftFiles.contains { $0.layer == "Cores" && !$0.functions.isEmpty })
    }

    /// A path that is gone would keep a free pass for a file of that name to come.
    @Test func `the list of unsafe files is sorted and names only files that exist`() throws {
        let tree = try Self.package.get()
        #expect(unsafeFiles == unsafeFiles.sorted())
        for path in unsafeFiles {
            #expect(tree.texts[path] != nil, "\(path) does not exist")
        }
    }
}
