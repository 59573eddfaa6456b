import Testing

/// What the rules rest on: what is code, and where a function ends.
@Suite struct LexerTests {
    @Test(arguments: [
        ("a \"b\" c", ["a", "\"", "\"", "c"]),
        ("a // b", ["a"]),
        ("a /* b /* c */ d */ e", ["a", "e"]),
        ("\"a \\(b(\"c\", d)) e\"", ["\"", "(", "b", "(", "\"", "\"", ",", "d", ")", ")", "\""]),
        ("#\"a \\(b) \" \\#(c)\"#", ["#", "\"", "#", "(", "c", ")", "\"", "#"]),
        ("\"\"\"\n\"a\" // b\n\"\"\" c", ["\"", "\"", "\"", "\"", "\"", "\"", "c"]),
        ("\"\\\\\" a", ["\"", "\"", "a"]),
        ("#/a \" b/# c", ["#", "/", "/", "#", "c"]),
        ("`a \"b\" {` c", ["`a \"b\" {`", "c"]),
        ("#if A\n@B(c)", ["#if", "A", "@B", "(", "c", ")"]),
    ])
    func `comments and the contents of literals are no code`(
        _ text: String, _ expected: [String]
    ) {
        // What opens and closes an interpolation is code as well, but its backslash counts too.
        let words = SourceFile(path: "A.swift", text: text).tokens.map(\.text)
            .filter { $0 != "\\" }
        #expect(words == expected)
    }

    @Test func `functions are found with their names and lines`() {
        let text = """
            protocol P {
                func open() throws(E) -> Int
                var size: Int { get }
            }
            struct A<T: P> {
                var a = { 1 }
                var b: [String: Int] = [:]
                init(_ f: () -> Void = {}) where T: P {
                    self.init()
                }
                static func < (left: Self, right: Self) -> Bool { true }
                func `make "it"`(
                    a: Int
                ) async throws -> (Int) -> Void {
                    func inner() {
                    }
                }
                subscript(a: Int) -> Int {
                    1
                }
            }
            """
        let functions = SourceFile(path: "A.swift", text: text).functions
        #expect(
            functions.map { "\($0.name) \($0.firstLine)-\($0.lastLine)" } == [
                "size 3-3", "init 8-10", "< 11-11", "`make \"it\"` 12-17", "inner 15-16",
                "subscript 18-20",
            ])
    }

    @Test func `imports are found in all their forms`() {
        let text = """
            import A
            @testable import B
            public import struct C.D
            #if canImport(E)
            import E
            #endif
            // import F
            let a = "import G"
            """
        let imports = SourceFile(path: "A.swift", text: text).imports
        #expect(imports.map(\.module) == ["A", "B", "C", "E"])
        #expect(imports.map(\.line) == [1, 2, 3, 5])
    }

    @Test(arguments: ["let a = \"\\(", "\"\"\"\na", "func f() {", "}", "/* a", "`a\nb`"])
    func `a file that does not end well is noticed`(_ text: String) {
        #expect(SourceFile(path: "A.swift", text: text).lostAtLine != nil)
    }
}
