import Describing
import ResourceModel
import Testing

/// `kubectl explain` on schemas that the built-in kinds do not have.
@Suite struct SchemaExplanationTests {
    private static let subject = SchemaExplanation.Subject(
        group: "g", version: "v1", resource: "boats")
    private static let kind: JSON = ["group": "g", "kind": "Boat", "version": "v1"]

    private static func document(_ properties: JSON) -> JSON {
        let tree: JSON = [
            "type": "object", "description": "A node.",
            "properties": ["next": ["$ref": "#/components/schemas/g.Tree"], "leaf": [:]],
        ]
        let boat: JSON = [
            "type": "object", "properties": properties, "required": ["size"],
            "x-kubernetes-group-version-kind": [kind],
        ]
        return [
            "paths": [
                "/apis/g/v1/namespaces/{namespace}/boats": [
                    "post": ["x-kubernetes-group-version-kind": kind]
                ]
            ],
            "components": ["schemas": ["g.Boat": boat, "g.Tree": tree]],
        ]
    }

    private static func text(
        _ properties: JSON, _ fields: [String] = [], isRecursive: Bool = false
    ) -> (text: String, failure: String?) {
        let (text, failure) = SchemaExplanation.explain(
            subject, fields: fields, in: document(properties), isRecursive: isRecursive)
        return (text, failure?.description)
    }

    private static let head = "GROUP:      g\nKIND:       Boat\nVERSION:    v1\n\n"

    @Test func `lines break between words, and long words stand alone`() {
        let words = Array(repeating: "word", count: 16).joined(separator: " ")
        let long = String(repeating: "x", count: 90)
        let size: JSON = ["type": "integer", "description": .string(words + "\n" + long)]
        let text = Self.text(["size": size])
        #expect(
            text.text == Self.head + "DESCRIPTION:\n    <empty>\nFIELDS:\n"
                + "  size\t<integer> -required-\n    "
                + Array(repeating: "word", count: 15).joined(separator: " ") + "\n    word\n    "
                + long + "\n\n\n")
    }

    @Test func `lines are put in and measured as Go does it, in code points`() {
        let words = "one\r\ntwo " + String(repeating: "e\u{301}", count: 36) + " end\u{A0}it"
        let size: JSON = ["type": "integer", "description": .string(words)]
        let text = Self.text(["size": size]).text
        #expect(text.contains("    one\r\n    two "))
        #expect(text.contains("e\u{301}\n    end\u{A0}it\n"))
    }

    @Test func `a schema that holds itself is shown once`() {
        let tree: JSON = ["tree": ["allOf": [["$ref": "#/components/schemas/g.Tree"]]]]
        let text = Self.text(tree, isRecursive: true)
        #expect(
            text.text == Self.head + "DESCRIPTION:\n    <empty>\nFIELDS:\n  tree\t<Tree>\n"
                + "    leaf\t<Object>\n    next\t<Tree>\n\n")
        let deep = Self.text(tree, ["tree", "next", "next", "leaf"])
        #expect(deep.failure == nil)
        #expect(deep.text.contains("FIELD: leaf <Object>\n"))
    }

    @Test func `a list of lists of itself is described once`() {
        var document = Self.document([:])
        let loop: JSON = ["description": "L", "items": ["$ref": "#/components/schemas/g.Loop"]]
        document["components"]["schemas"]["g.Loop"] = loop
        document["components"]["schemas"]["g.Boat"]["properties"] = [
            "loop": ["$ref": "#/components/schemas/g.Loop"]
        ]
        let (text, failure) = SchemaExplanation.explain(
            Self.subject, fields: ["loop"], in: document, isRecursive: true)
        #expect(failure == nil)
        #expect(text.contains("DESCRIPTION:\n    L\n"))
    }

    @Test func `types say what is in lists and maps`() {
        let text = Self.text([
            "a": ["type": "array", "items": ["type": "string"]],
            "b": ["additionalProperties": ["$ref": "#/components/schemas/g.Tree"]],
            "c": ["type": "object", "additionalProperties": true],
            "d": ["type": "string", "enum": ["", "1", "2", "3", "4"]],
        ], isRecursive: true)
        #expect(
            text.text.contains(
                "  a\t<[]string>\n  b\t<map[string]Tree>\n    leaf\t<Object>\n    next\t<Tree>\n"
                    + "  c\t<Object>\n  d\t<string>\n  enum: \"\", 1, 2, 3, ....\n"))
    }

    @Test func `a field that is not there is named`() {
        let text = Self.text(["size": [:]], ["size", "x", "y"])
        #expect(text.text == Self.head)
        #expect(text.failure == "field \"y\" does not exist")
        let other = SchemaExplanation.Subject(group: "", version: "v1", resource: "boats")
        let nothing = SchemaExplanation.explain(
            other, fields: [], in: Self.document([:]), isRecursive: false)
        #expect(
            nothing.failure?.description == "GVR (/v1, Resource=boats) not found in OpenAPI schema")
    }
}
