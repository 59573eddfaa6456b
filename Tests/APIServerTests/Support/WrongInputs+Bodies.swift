import Primitives

@testable import Transport

// Bodies that cannot be read: YAML, bombs, protobuf, compressed ones.
extension WrongInputs {
    private static func text(
        _ name: String, _ body: String, _ says: String, status: Int = 400
    ) -> WrongInput {
        WrongInput(
            name, "POST", WrongInput.maps, body, type: "application/yaml", status,
            status == 413 ? "RequestEntityTooLarge" : "BadRequest", says)
    }

    /// YAML, each with the line and the column of the mistake.
    static let yaml = WrongInputs(
        "YAML",
        [
            text("a mapping in a value", "a: b: c\n", "yaml: line 1, column 5: "),
            text("a tab", "metadata:\n\tname: a\n", "yaml: line 2, column 1: "),
            text("a list not closed", "data: [1, 2\n", "yaml: line 2, column 1: "),
            text("a mapping not closed", "metadata: {name: a\n", "yaml: line 2, column 1: "),
            text("a quote not closed", "kind: 'x\n", "yaml: line 2, column 1: "),
            text("an indent of its own", "a: 1\n b: 2\n", "yaml: line 2, column 3: "),
            text("a bad escape", "a: \"\\q\"\n", "yaml: line 1, column 5: "),
            text("a reserved sign", "a: @x\n", "yaml: line 1, column 4: "),
            text("a version to come", "%YAML 3.0\n---\na: 1\n", "yaml: line 1, column 1: "),
            text(
                "a key twice", "metadata:\n  name: a\n  name: b\n",
                #"line 3, column 3: key "name" is already set at line 2, column 3"#),
            text(
                "an unknown anchor", "metadata:\n  name: *x\n",
                "line 2, column 9: unknown anchor 'x' referenced"),
            text(
                "a merge of a number", "data:\n  <<: 1\n",
                "line 2, column 7: map merge requires map or sequence of maps as the value"),
            text("a key that is a list", "[a]: 1\n", "line 1, column 1: a key must be a text"),
            text("no number", "a: .nan\n", "line 1, column 4: .nan is no number in JSON"),
            text("a tag that lies", "a: !!int x\n", #"line 1, column 4: cannot read "x""#),
            text("two documents", "a: 1\n---\nb: 2\n", "the body must be one document"),
            text("a list", "- a\n", "cannot unmarshal array"),
            text("a text", "name\n", "cannot unmarshal string"),
            text("nothing", "# only this\n", "cannot unmarshal null"),
            WrongInput(
                "no text", "POST", WrongInput.maps, Bytes("a: 1\nb: ".utf8) + [0xFF],
                type: "application/yaml", 400, "BadRequest", "line 2, column 4"),
            WrongInput(
                "a configuration to apply", "PATCH",
                "\(WrongInput.maps)/one?fieldManager=me", "data: {a: b\n",
                type: "application/apply-patch+yaml", 400, "BadRequest", "line 2, column 1"),
            WrongInput(
                "nothing to apply", "PATCH", "\(WrongInput.maps)/one?fieldManager=me", "",
                type: "application/apply-patch+yaml", 400, "BadRequest"),
            WrongInput(
                "to apply without a manager", "PATCH", "\(WrongInput.maps)/one",
                "apiVersion: v1\nkind: ConfigMap\n", type: "application/apply-patch+yaml", 422,
                "Invalid", fields: ["fieldManager"]),
        ])

    private static func nested(_ depth: Int, _ open: String, _ close: String = "") -> String {
        String(repeating: open, count: depth) + String(repeating: close, count: depth)
    }

    private static let laughs: String = {
        var text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for (name, before) in zip("bcdefghij", "abcdefghi") {
            let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
            text += "\(name): &\(name) [\(aliases)]\n"
        }
        return text
    }()

    /// Small bodies that would become large or deep.
    static let bombs = WrongInputs(
        "bombs",
        [
            text("a billion laughs", laughs, "line 6, column 8: aliases expand to"),
            text("an anchor in itself", "a: &x [*x]\n", "line 1, column 8: anchor 'x' value"),
            text("brackets in YAML", "a: " + nested(100_000, "["), "line 1, column"),
            text("hyphens in YAML", nested(10_000, "- "), "line 1, column"),
            text("a deep tree in YAML", "a: " + nested(200, "{a: ", "}"), "line 1, column"),
            text(
                "depth through aliases",
                "a: &a \(nested(60, "[", "]"))\nb: \(nested(60, "["))*a\(nested(60, "]"))\n",
                "line "),
            text("a large text", nested((3 << 20) + 1, "#"), "", status: 413),
            WrongInput(
                "brackets", "POST", WrongInput.maps, nested(1_000_000, "["), 400, "BadRequest",
                "exceeded max depth"),
            WrongInput(
                "braces", "POST", WrongInput.maps, nested(100_000, #"{"a":"#), 400, "BadRequest",
                "exceeded max depth"),
            WrongInput(
                "a deep merge", "PATCH", "\(WrongInput.maps)/one", nested(100_000, #"{"a":"#),
                type: "application/merge-patch+json", 400, "BadRequest", "depth"),
            WrongInput(
                "a deep JSON patch", "PATCH", "\(WrongInput.maps)/one", nested(100_000, "["),
                type: "application/json-patch+json", 400, "BadRequest", "depth"),
            WrongInput(
                "a deep strategic merge", "PATCH", WrongInput.web, nested(100_000, #"{"a":"#),
                type: "application/strategic-merge-patch+json", 400, "BadRequest", "depth"),
            WrongInput(
                "a deep configuration", "PATCH", "\(WrongInput.maps)/one?fieldManager=me",
                nested(100_000, "["), type: "application/apply-patch+yaml", 400, "BadRequest",
                "line 1, column"),
            WrongInput(
                "deep options", "DELETE", "\(WrongInput.maps)/one", nested(100_000, #"{"a":"#),
                400, "BadRequest", "depth"),
            WrongInput(
                "a large patch", "PATCH", "\(WrongInput.maps)/one", nested((3 << 20) + 1, " "),
                type: "application/merge-patch+json", 413, "RequestEntityTooLarge"),
        ])

    /// The message `runtime.Unknown` around an object.
    private static func envelope(
        _ object: Bytes, _ apiVersion: String = "v1", _ kind: String = "ConfigMap"
    ) -> Bytes {
        let type = field(1, Bytes(apiVersion.utf8)) + field(2, Bytes(kind.utf8))
        return Bytes("k8s\0".utf8) + field(1, type) + field(2, object)
    }

    /// A field of less than 128 bytes.
    private static func field(_ number: UInt8, _ bytes: Bytes) -> Bytes {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private static func message(_ name: String, _ body: Bytes, _ says: String) -> WrongInput {
        WrongInput(
            name, "POST", WrongInput.maps, body, type: "application/vnd.kubernetes.protobuf", 400,
            "BadRequest", says)
    }

    private static let metadata = field(1, field(1, Bytes("a".utf8)))

    /// Protobuf, each with the field or the byte of the mistake.
    static let protobuf = WrongInputs(
        "protobuf",
        [
            message("nothing", [], "6b 38 73 00"),
            message("cut magic", Bytes("k8s".utf8), "6b 38 73 00"),
            message("JSON", Bytes("{}".utf8), "6b 38 73 00"),
            message("a length beyond the end", Bytes("k8s\0".utf8) + [0x0A, 0x7F], "truncated"),
            message("a tag of no field", envelope([0x02, 0x00]), "no field at byte"),
            message("a type that is none", envelope([0x0F]), "no field at byte"),
            message(
                "an endless number", envelope(Bytes(repeating: 0xFF, count: 11)),
                "too long"),
            message("an unknown field", envelope(field(9, [])), "unknown field number 9"),
            message(
                "an unknown field inside", envelope(field(1, [0x78, 0x01])),
                "metadata: unknown field number 15"),
            message("metadata twice", envelope(metadata + metadata), "metadata: the field"),
            message("a name that is a number", envelope(field(1, [0x08, 0x01])), "metadata.name: "),
            message(
                "a name that is no text", envelope(field(1, field(1, [0xFF]))), "metadata.name: "),
            message(
                "a cut value", envelope(metadata + field(2, [0x0A, 0x05, 0x61])),
                "data: the message is truncated"),
            message("another kind", envelope(metadata, "v1", "Secret"), "Secret"),
            message("an unknown kind", envelope(metadata, "v1", "Gadget"), "Gadget"),
            message("another version", envelope(metadata, "v2"), "(v2)"),
            message(
                "another encoding",
                envelope(metadata) + field(3, Bytes("gzip".utf8)),
                "encoded as gzip"),
            WrongInput(
                "of a kind without numbers", "POST", CustomResourceTests.widgets,
                envelope(metadata, "example.com/v1", "Widget"),
                type: "application/vnd.kubernetes.protobuf", 400, "BadRequest"),
            WrongInput(
                "nothing inside", "POST", WrongInput.maps, Bytes("k8s\0".utf8),
                type: "application/vnd.kubernetes.protobuf", 422, "Invalid",
                fields: ["metadata.name"]),
            WrongInput(
                "a bad name", "POST", WrongInput.maps,
                envelope(field(1, field(1, Bytes("A".utf8)))),
                type: "application/vnd.kubernetes.protobuf", 422, "Invalid",
                fields: ["metadata.name"]),
        ])

    private static func gzip(
        _ name: String, _ body: Bytes, _ status: Int, _ reason: String, _ says: String
    ) -> WrongInput {
        var row = WrongInput(
            name, "POST", WrongInput.maps, body, type: "application/json", status, reason, says)
        row.headers.append(("content-encoding", "gzip"))
        return row
    }

    /// So many of them, compressed.
    private static func spaces(_ mebibytes: Int) -> Bytes {
        GZIP.packed(Bytes(repeating: 0x20, count: mebibytes << 20)) ?? []
    }

    /// Compressed bodies.
    static let compression = WrongInputs(
        "compression",
        [
            gzip("JSON", Bytes("{}".utf8), 400, "BadRequest", "no gzip data"),
            gzip("a cut head", [0x1F, 0x8B], 400, "BadRequest", "no gzip data"),
            gzip(
                "cut data", Bytes(spaces(1).prefix(200)), 400, "BadRequest",
                "no gzip data"),
            gzip("a bomb", spaces(64), 413, "RequestEntityTooLarge", ""),
        ])
}
