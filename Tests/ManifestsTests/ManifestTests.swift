import Manifests
import Primitives
import ResourceModel
import Testing

/// The documents of a text.
func values(_ text: String) throws -> [JSON] {
    try Manifest.documents(in: Bytes(text.utf8)).map(\.value)
}

@Suite struct ManifestTests {
    @Test func `a manifest is the object that it describes`() throws {
        let text = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web   # the only one
            spec:
              containers:
              - name: web
                image: "nginx:1.27"
                args: [--port, '80']
                command:
                - sh
                - -c
                - |
                  echo a
                  echo b
            """
        let container: JSON = [
            "name": "web", "image": "nginx:1.27", "args": ["--port", "80"],
            "command": ["sh", "-c", "echo a\necho b"],
        ]
        let pod: JSON = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web"],
            "spec": ["containers": [container]],
        ]
        #expect(try values(text) == [pod])
    }

    @Test func `documents stand one after another, empty ones left out`() throws {
        let text = "---\na: 1\n---\n# nothing\n---\nb: 2\n...\n"
        let documents = try Manifest.documents(in: Bytes(text.utf8))
        #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
        #expect(documents.map(\.line) == [2, 6])
        #expect(try values("") == [])
        #expect(try values("# only this\n") == [])
    }

    @Test func `JSON is read as well`() throws {
        #expect(try values(#"{"a": [1, true, null, "x\n"], "b": {}}"#)
            == [["a": [1, true, .null, "x\n"], "b": [:]]])
    }

    @Test(arguments: [
        ("yes", true), ("Yes", true), ("on", true), ("y", true), ("TRUE", true), ("no", false),
        ("Off", false), ("n", false), ("False", false), ("~", .null), ("null", .null), ("", .null),
        ("12", 12), ("-12", -12), ("+12", 12), ("0x1F", 31), ("0o17", 15), ("017", 15),
        ("0b101", 5), ("1_000", 1000), ("08", 8), ("1e3", 1000), ("0", 0), ("-0x10", -16),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("18446744073709551615", .number(0x1p64)),
        ("1.5", .number(1.5)), (".5", .number(0.5)), ("-2.5e-3", .number(-0.0025)), ("1.", 1),
        ("2026-05-01", "2026-05-01"), ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
        ("1:30", "1:30"), ("500m", "500m"), ("1.2.3", "1.2.3"), ("0x", "0x"), ("+", "+"),
        ("nope", "nope"), ("'yes'", "yes"), ("\"12\"", "12"), ("yEs", "yEs"), ("!!str yes", "yes"),
        ("! 12", "12"), ("!!int '12'", 12), ("!!bool 'no'", false), ("!!float 1", 1),
        ("!!binary aGk=", "hi"), ("!own 12", "12"), ("!!timestamp 2026-05-01", "2026-05-01"),
    ] as [(String, JSON)])
    func `a scalar's form or tag says what it is`(text: String, value: JSON) throws {
        #expect(try values("x: \(text)") == [["x": value]])
    }

    @Test func `keys become texts`() throws {
        #expect(try values("{1: a, yes: b, 1.5: c, x: d}")
            == [["1": "a", "true": "b", "1.5": "c", "x": "d"]])
    }

    @Test func `an alias is the value of its anchor`() throws {
        let text = "a: &x {k: [1, 2]}\nb: *x\nc: &y z\nd: [*y, *x]\n"
        let x: JSON = ["k": [1, 2]]
        #expect(try values(text) == [["a": x, "b": x, "c": "z", "d": ["z", x]]])
    }

    @Test func `what is written outranks what is merged`() throws {
        let text = """
            base: &base {a: 1, b: 2}
            more: &more {b: 3, c: 4}
            one: {b: 9, <<: *base}
            two: {<<: [*base, *more], d: 5}
            """
        let value = try #require(try values(text).first)
        #expect(value["one"] == ["b": 9, "a": 1])
        #expect(value["two"] == ["d": 5, "a": 1, "b": 2, "c": 4])
    }
}
