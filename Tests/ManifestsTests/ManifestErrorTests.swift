import Manifests
import Primitives
import ResourceModel
import Testing

@Suite struct ManifestErrorTests {
    @Test(arguments: [
        (
            "a: 1\nb: 2\na: 3\n",
            #"yaml: line 3, column 1: key "a" is already set at line 1, column 1"#
        ),
        (
            "x:\n  {a: 1, yes: 2, 'true': 3}\n",
            #"yaml: line 2, column 18: key "true" is already set at line 2, column 10"#
        ),
        ("a: *nothing\n", "yaml: line 1, column 4: unknown anchor 'nothing' referenced"),
        ("a: &x [*x]\n", "yaml: line 1, column 8: anchor 'x' value contains itself"),
        ("---\na: &x 1\n---\nb: *x\n", "yaml: line 4, column 4: unknown anchor 'x' referenced"),
        (
            "a:\n  <<: 1\n",
            "yaml: line 2, column 7: map merge requires map or sequence of maps as the value"
        ),
        ("[a]: 1\n", "yaml: line 1, column 1: a key must be a text, a number or a boolean"),
        ("~: 1\n", "yaml: line 1, column 1: a key must be a text, a number or a boolean"),
        ("a: .nan\n", "yaml: line 1, column 4: .nan is no number in JSON"),
        ("a: !!int x\n", #"yaml: line 1, column 4: cannot read "x" as !!int"#),
        ("a: !!binary '*'\n", #"yaml: line 1, column 4: cannot read "*" as !!binary"#),
    ])
    func `what is wrong is said with its place`(text: String, error: String) {
        #expect(message(text) == error)
    }

    @Test(arguments: [
        ("a: b: c\n", "line 1, column 5"), ("a:\n\t- b\n", "line 2, column 1"),
        ("a: [1, 2\n", "line 2, column 1"), ("a: 'x\n", "line 2, column 1"),
        ("a: 1\n b: 2\n", "line 2, column 3"), ("a: \"\\q\"\n", "line 1, column 5"),
        ("a: 1\nb: {\n", "line 3, column 1"), ("a: @x\n", "line 1, column 4"),
        ("%YAML 3.0\n---\na: 1\n", "line 1, column 1"),
    ])
    func `a text that is no YAML is refused where it stops being it`(
        text: String, place: String
    ) throws {
        let found = try #require(message(text))
        #expect(found.hasPrefix("yaml: \(place): "), "\(found)")
    }

    @Test func `bytes that are no text are refused at their place`() {
        #expect {
            try Manifest.documents(in: Bytes("a: 1\nb: ".utf8) + [0xFF])
        } throws: { error in
            let error = error as? ManifestError
            return error?.line == 2 && error?.column == 4
        }
    }

    private func message(_ text: String) -> String? {
        do {
            _ = try values(text)
            return nil
        } catch {
            return (error as? ManifestError)?.description
        }
    }
}

@Suite struct ManifestLimitTests {
    @Test func `nine levels of laughs are refused before they are laughed`() {
        var text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for (name, before) in zip("bcdefghij", "abcdefghi") {
            let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
            text += "\(name): &\(name) [\(aliases)]\n"
        }
        #expect { try values(text) } throws: {
            ($0 as? ManifestError)?.problem == .tooManyValues(countMax: 100_000)
        }
    }

    @Test func `aliases in many documents are counted together`() {
        let items = Array(repeating: "x", count: 1000).joined(separator: ",")
        let document = "---\na: &a [\(items)]\nb: [*a, *a, *a, *a, *a]\n"
        #expect {
            _ = try values(String(repeating: document, count: 30))
        } throws: {
            ($0 as? ManifestError)?.problem == .tooManyValues(countMax: 100_000)
        }
    }

    @Test func `a hundred levels are read and one more is refused`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try values(nested(100)).count == 1)
        #expect(throws: (any Error).self) { try values(nested(101)) }
        #expect(throws: (any Error).self) { try values(nested(100_000)) }
        #expect(throws: (any Error).self) { try values(String(repeating: "- ", count: 100_000)) }
    }

    @Test func `depth counts through aliases`() {
        let half = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        let text = "a: &a \(half)\nb: \(half.replacing("[]", with: "[*a]"))\n"
        #expect { try values(text) } throws: {
            ($0 as? ManifestError)?.problem == .tooDeep(depthMax: 100)
        }
    }

    @Test func `three mebibytes are read and one byte more is refused`() throws {
        let text = Bytes(repeating: UInt8(ascii: "#"), count: 3 << 20)
        #expect(try Manifest.documents(in: text) == [])
        #expect { try Manifest.documents(in: text + [0x23]) } throws: {
            ($0 as? ManifestError)?.problem == .tooLarge(bytesMax: 3 << 20)
        }
    }

    @Test func `flipped bits and cuts are refused or read, and never trap`() {
        let text = Bytes(
            "a: &x [1, 'b', {c: 2}]\nd: |\n  *e\nf: \"\\u00e9\" # g\n---\n- !!int 5\n- *x\n".utf8)
        for index in text.indices {
            // Whether it is still YAML depends on the bit.
            _ = try? Manifest.documents(in: Bytes(text.prefix(index)))
            for bit in 0..<8 {
                var flipped = text
                flipped[index] ^= 1 << UInt8(bit)
                // The same.
                _ = try? Manifest.documents(in: flipped)
            }
        }
    }
}
