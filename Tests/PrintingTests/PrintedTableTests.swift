import Manifests
import Printing
import ResourceModel
import Testing

/// Tables, custom columns and documents as kubectl prints them.
@Suite struct PrintedTableTests {
    @Test func `columns are aligned, and the last has nothing behind it`() {
        let table = PrintedTable(
            names: ["A", "LONGER", "Z"], rows: [["1", "2", ""], ["abcdef", "x", "y"]])
        #expect(table.lines == ["A        LONGER   Z", "1        2        ", "abcdef   x        y"])
    }

    @Test func `lines that come later keep to the columns`() {
        var widths: [Int] = []
        let first = PrintedTable(names: ["NAME", "B"], rows: [["web-1234", "1"]])
        #expect(first.lines(&widths) == ["NAME       B", "web-1234   1"])
        let later = PrintedTable(names: ["NAME", "B"], rows: [["x", "2"]])
        #expect(later.lines(&widths, hasNames: false) == ["x          2"])
    }

    @Test func `custom columns show values, several, lists and nothing`() throws {
        let columns = try CustomColumns(parsing: "N:.name,ALL:.list[*],LIST:list,MAP:{.map},NO:.no")
        let object: JSON = ["name": "a", "list": [1, 2], "map": ["k": "v"]]
        #expect(
            columns.table(of: [object]).rows
                == [["a", "1,2", "[1 2]", "map[k:v]", "<none>"]])
        for wrong in ["", "NAME", "A:.a[", "A:.a,B"] {
            #expect(throws: JSONPath.Failure.self) { try CustomColumns(parsing: wrong) }
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("", "\"\""), ("1", "\"1\""), ("1.5", "\"1.5\""), ("yes", "\"yes\""),
        ("null", "\"null\""), ("2026-01-02T03:04:05Z", "\"2026-01-02T03:04:05Z\""),
        ("2026-01-02", "\"2026-01-02\""), ("1:30", "\"1:30\""), ("80:8080", "80:8080"),
        ("25%", "25%"), ("10.0.0.1", "10.0.0.1"), ("a: b", "'a: b'"), ("a:b", "a:b"),
        ("# no", "'# no'"), ("a #b", "'a #b'"), ("*", "'*'"), ("{a}", "'{a}'"),
        ("it's", "it's"), ("'it's", "'''it''s'"), ("- a", "'- a'"), ("-a", "-a"),
        (" a", "' a'"), ("a\tb", "\"a\\tb\""), ("a\nb", "|-\n  a\n  b"), ("a\n", "|\n  a"),
        ("a\n\n", "|+\n  a\n"), ("a \nb", "\"a \\nb\""), ("ü", "ü"), ("0x1F", "\"0x1F\""),
        ("---", "'---'"), (".inf", "\".inf\""), ("~", "\"~\""),
    ])
    func `texts are quoted where they must be`(_ text: String, _ written: String) throws {
        let document = Manifest.text(of: ["k": .string(text)])
        #expect(document == "k: \(written)\n")
        let value = try Manifest.documents(in: Array(document.utf8))[0].value
        #expect(value == ["k": .string(text)])
    }

    @Test func `documents are indented as kubectl does it`() throws {
        let value: JSON = [
            "b": [["y": 1, "x": [:]], [[1, 2], []]], "a": ["n": .null, "t": true, "f": 1.5],
            "list": ["one", ["k": "v"]],
        ]
        let text = """
            a:
              f: 1.5
              "n": null
              t: true
            b:
            - x: {}
              "y": 1
            - - - 1
                - 2
              - []
            list:
            - one
            - k: v

            """
        #expect(Manifest.text(of: value) == text)
        #expect(try Manifest.documents(in: Array(text.utf8))[0].value == value)
    }

    @Test func `long texts are folded, and read as they were`() throws {
        for word in ["word", "it's", "a: b", "tab\tbed"] {
            let text = Array(repeating: word, count: 60).joined(separator: " ")
            let document = Manifest.text(of: ["key": .string(text), "l": [.string(text)]])
            #expect(document.split(separator: "\n").allSatisfy { $0.count <= 92 })
            let value = try Manifest.documents(in: Array(document.utf8))[0].value
            #expect(value == ["key": .string(text), "l": [.string(text)]])
        }
    }

    @Test func `JSON is indented by four`() {
        let value: JSON = ["b": [1, [:], []], "a": ["x": "<y>"]]
        #expect(
            value.sorted.indentedText == """
                {
                    "a": {
                        "x": "\\u003cy\\u003e"
                    },
                    "b": [
                        1,
                        {},
                        []
                    ]
                }
                """)
    }
}
