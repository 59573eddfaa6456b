import Primitives
import ResourceModel
import Testing

/// RFC 8259, with Go's words for errors.
@Suite struct JSONParserTests {
    private static let values: [(String, JSON)] = [
        ("null", JSON.null), (" true\n", true), ("false", false), ("0", 0), ("-0", 0),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("1.5", 1.5), ("1.0", .number(1)), ("-2.5e-3", -0.0025), ("1E2", .number(100)),
        ("\"\"", ""), ("\"a b\"", "a b"),
        (
            "\"sixteen letters and more of them\"",
            .string(
                "sixteen letters and more of them")
        ),
        (#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC""#, "\"\\/\u{8}\u{c}\n\r\tAé€"),
        (#""\ud83d\ude00""#, "😀"), ("\"é€😀\"", "é€😀"),
        ("[]", []), ("{}", [:]), ("[1, [2], {}]", [1, [2], [:]]),
        ("{\"a\": {\"b\": [true]}, \"c\": null}", ["a": ["b": [true]], "c": .null]),
    ]

    @Test(arguments: values)
    func `a value is what its text says`(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        ("", "unexpected end of JSON input (line 1, column 1, offset 0)"),
        (
            "{\n  \"a\": x",
            "invalid character 'x' looking for beginning of value"
                + " (line 2, column 8, offset 9)"
        ),
        (
            "{a",
            "invalid character 'a' looking for beginning of object key string"
                + " (line 1, column 2, offset 1)"
        ),
        ("{\"a\" 1}", "invalid character '1' after object key (line 1, column 6, offset 5)"),
        (
            "{\"a\":1 \"b\"}",
            "invalid character '\"' after object key:value pair"
                + " (line 1, column 8, offset 7)"
        ),
        (
            "{\"a\":1,}",
            "invalid character '}' looking for beginning of object key string"
                + " (line 1, column 8, offset 7)"
        ),
        ("[1 2]", "invalid character '2' after array element (line 1, column 4, offset 3)"),
        (
            "[1,]",
            "invalid character ']' looking for beginning of value"
                + " (line 1, column 4, offset 3)"
        ),
        ("1 x", "invalid character 'x' after top-level value (line 1, column 3, offset 2)"),
        ("01", "invalid character '1' after top-level value (line 1, column 2, offset 1)"),
        ("-x", "invalid character 'x' in numeric literal (line 1, column 2, offset 1)"),
        (
            "1.x",
            "invalid character 'x' after decimal point in numeric literal"
                + " (line 1, column 3, offset 2)"
        ),
        (
            "1ex",
            "invalid character 'x' in exponent of numeric literal"
                + " (line 1, column 3, offset 2)"
        ),
        (
            "trie",
            "invalid character 'i' in literal true (expecting 'u')"
                + " (line 1, column 3, offset 2)"
        ),
        ("\"a\nb\"", "invalid character '\\n' in string literal (line 1, column 3, offset 2)"),
        (#""\x""#, "invalid character 'x' in string escape code (line 1, column 3, offset 2)"),
        (
            #""\u12'4""#,
            "invalid character '\\'' in \\u hexadecimal character escape"
                + " (line 1, column 6, offset 5)"
        ),
        (
            #""\ud83d""#,
            "invalid surrogate in \\u hexadecimal character escape"
                + " (line 1, column 2, offset 1)"
        ),
        (
            #""\ud83d\u0041""#,
            "invalid surrogate in \\u hexadecimal character escape"
                + " (line 1, column 2, offset 1)"
        ),
        ("1e400", "number 1e400 is out of range (line 1, column 1, offset 0)"),
    ])
    func `a text that is no JSON is refused with its place`(_ text: String, _ message: String) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func `every truncation of a text is refused`() throws {
        let text = Bytes(#"{"a":[1,-2.5e+3,"x\u00e9\n",true,false,null],"b":{"c":"é"}}"#.utf8)
        _ = try JSON(parsing: text)
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Bytes(text.prefix(count))) }
        }
    }

    @Test func `any change of a byte is read or refused, and never traps`() throws {
        let text = Bytes(
            #"{"a":[1,-2.5e+3,"x\u00e9\n",true],"b":{"c":"é sixteen and more"}}"#.utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                guard let value = try? JSON(parsing: changed) else { continue }  // Refused: fine.
                // Not the values: 1e2 comes back as the whole number 100.
                #expect(try JSON(parsing: value.encoded).encoded == value.encoded)
            }
        }
    }

    @Test(arguments: [
        ([0xFF], 0), ([0x61, 0xC3], 1), ([0xE2, 0x82, 0x61], 0), ([0xED, 0xA0, 0x80], 0),
        (Bytes("sixteen letters ".utf8) + [0xC0, 0x80], 16), ([0xF4, 0x90, 0x80, 0x80], 0),
    ])
    func `what is not UTF-8 is refused where it begins`(_ content: Bytes, _ offset: Int) {
        let error = #expect(throws: JSONError.self) {
            try JSON(parsing: [0x22] + content + [0x22])
        }
        #expect(error?.problem == .invalidUTF8)
        #expect(error?.offset == offset + 1)
    }

    @Test func `values are nested at most a hundred deep`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(100))
        let error = #expect(throws: JSONError.self) { try JSON(parsing: nested(101)) }
        #expect(error?.problem == .tooDeep && error?.offset == 100)
        let objects = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(throws: JSONError.self) { try JSON(parsing: objects) }
    }

    @Test func `duplicates are named by path, and the last one counts`() throws {
        let text = """
            {"a":1,"spec":{"c":[{"n":1},{"n":2,"n":3,"m":[[{"x":1,"x":2}]]}]},"a":2,"a":4}
            """
        var duplicates: [String] = []
        let value = try JSON(parsing: Bytes(text.utf8), duplicates: &duplicates)
        #expect(duplicates == ["spec.c[1].n", "spec.c[1].m[0][0].x", "a"])
        #expect(value["a"].integerValue == 4)
        #expect(value["spec"]["c"][1]["n"].integerValue == 3)
    }

    /// An object of many members must not cost quadratic time.
    @Test func `large objects are read with their duplicates`() throws {
        let members = (0..<50_000).map { "\"k\($0)\":\($0)" } + ["\"k40000\":0"]
        var duplicates: [String] = []
        let text = Bytes("{\(members.joined(separator: ","))}".utf8)
        var value = try JSON(parsing: text, duplicates: &duplicates)
        #expect(duplicates == ["k40000"])
        #expect(value["k40000"].integerValue == 0)
        #expect(value["k49999"].integerValue == 49_999)
        for index in 0..<1000 { value["n\(index)"] = .integer(Int64(index)) }
        #expect(value.objectValue?.count == 51_000)
        value["k1"] = nil
        #expect(value["k1"] == nil && value["n999"].integerValue == 999)
        #expect(value["k49999"].integerValue == 49_999)
    }
}
