import Patching
import ResourceModel
import Testing

/// RFC 6902 and 7386, with the examples of their appendices.
@Suite struct JSONPatchTests {
    private static let patches: [(String, String, String)] = [
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
            #"{"foo":"bar","baz":"qux"}"#
        ),
        (
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#
        ),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc"]}]"#,
            #"{"foo":["bar",["abc"]]}"#
        ),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (
            #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
            #"{"foo":["bar","baz"]}"#
        ),
        (
            #"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo"}"#
        ),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#,
            #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#
        ),
        (
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#
        ),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        (#"{"/":9}"#, #"[{"op":"replace","path":"/~1","value":1}]"#, #"{"/":1}"#),
        (
            #"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/c"}]"#,
            #"{"a":{"b":1},"c":{"b":1}}"#
        ),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/none","value":null}]"#, #"{"a":1}"#),
    ]

    @Test(arguments: patches)
    func `operations change an object`(_ object: String, _ patch: String, _ result: String) throws {
        let patch = try JSONPatch(JSON(parsing: patch))
        #expect(try patch.applied(to: JSON(parsing: object)).encodedText == result)
    }

    private static let mistakes: [(String, PatchFailure)] = [
        (#"{}"#, .malformed("a JSON patch must be an array of operations")),
        (
            #"[{"path":"/a"}]"#,
            .malformed("operation 0 of the JSON patch: Unexpected kind: unknown")
        ),
        (#"[{"op":"add","value":1}]"#, .malformed("operation 0 of the JSON patch has no \"path\"")),
        (
            #"[{"op":"add","path":"/a"}]"#,
            .malformed("operation 0 of the JSON patch has no \"value\"")
        ),
        (
            #"[{"op":"remove","path":"a"}]"#,
            .malformed(
                "operation 0 of the JSON patch:"
                    + " the path \"a\" must be empty or begin with \"/\"")
        ),
        (
            #"[{"op":"test","path":"/a","value":2}]"#,
            .inapplicable(
                "testing value /a failed: test failed")
        ),
        (
            #"[{"op":"remove","path":"/b"}]"#,
            .inapplicable(
                "error in remove for path: '/b': Unable to remove nonexistent key: b:"
                    + " missing value")
        ),
        (
            #"[{"op":"remove","path":"/b/c"}]"#,
            .inapplicable(
                "remove operation does not apply: doc is missing path: \"/b/c\": missing value")
        ),
        (
            #"[{"op":"remove","path":"/list/1"}]"#,
            .inapplicable(
                "error in remove for path: '/list/1': Unable to access invalid index: 1: invalid"
                    + " index referenced")
        ),
        (
            #"[{"op":"replace","path":"/b","value":1}]"#,
            .inapplicable(
                "replace operation does not apply: doc is missing key: /b: missing value")
        ),
        (
            #"[{"op":"replace","path":"/b/c","value":1}]"#,
            .inapplicable(
                "replace operation does not apply: doc is missing path: /b/c: missing value")
        ),
        (
            #"[{"op":"add","path":"/b/c","value":1}]"#,
            .inapplicable(
                "add operation does not apply: doc is missing path: \"/b/c\": missing value")
        ),
        (
            #"[{"op":"add","path":"/list/5","value":1}]"#,
            .inapplicable(
                "error in add for path: '/list/5': Unable to access invalid index: 5: invalid"
                    + " index referenced")
        ),
        (
            #"[{"op":"move","from":"/b","path":"/c"}]"#,
            .inapplicable(
                "move operation does not apply: doc is missing from path: /b: missing value")
        ),
        (
            #"[{"op":"copy","from":"/a","path":"/b/c"}]"#,
            .inapplicable(
                "copy operation does not apply: doc is missing destination path: /b/c:"
                    + " missing value")
        ),
        (
            #"[{"op":"move","from":"/list","path":"/list/0"}]"#,
            .inapplicable(
                "move operation does not apply: /list would move into itself")
        ),
    ]

    @Test(arguments: mistakes)
    func `a patch that is wrong or does not fit is refused`(
        _ patch: String, _ failure: PatchFailure
    ) throws {
        let object: JSON = ["a": 1, "list": [1]]
        let error = #expect(throws: PatchFailure.self) {
            try JSONPatch(JSON(parsing: patch)).applied(to: object)
        }
        #expect(error == failure)
    }

    @Test func `a failed test is told to the client with its path`() throws {
        let failure = PatchFailure.inapplicable("testing value /a failed: test failed").apiFailure
        #expect(failure.code == 422 && failure.reason == .invalid)
        #expect(failure.details?.causes.first?.message == "testing value /a failed: test failed")
    }

    /// Each copy can double the object, and each add can nest it deeper.
    @Test func `objects cannot be blown up or nested without end`() throws {
        let doubling = JSON.array(
            (0..<40).map { ["op": "copy", "from": "/a", "path": .string("/a/\($0)")] })
        let error = #expect(throws: PatchFailure.self) {
            try JSONPatch(doubling).applied(to: ["a": ["text": "x"]])
        }
        #expect(
            error?.message.contains("exceeding the limit") == true
                || error?.message.contains("too deeply") == true)
        let deep = JSON.array(
            (0..<200).map { depth in
                let path = String(repeating: "/a", count: depth + 1)
                return ["op": "add", "path": .string(path), "value": [:]]
            })
        #expect(throws: PatchFailure.self) { try JSONPatch(deep).applied(to: [:]) }
        #expect(throws: PatchFailure.self) {
            try JSONPatch(.array(Array(repeating: ["op": "x"], count: 10_001)))
        }
    }

    private static let merges: [(String, String, String)] = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (
            #"{"a":"b"}"#, #"{"b":"c"}"#,
            #"{"a":"b","b":"c"}"#
        ),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (
            #"{"a":"c"}"#, #"{"a":["b"]}"#,
            #"{"a":["b"]}"#
        ),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        (#"{"a":1}"#, #"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":1}}}"#),
    ]

    @Test(arguments: merges)
    func `a merge patch merges`(_ object: String, _ patch: String, _ result: String) throws {
        let merged = try MergePatch.applied(JSON(parsing: patch), to: JSON(parsing: object))
        #expect(merged.encodedText == result)
    }

    @Test func `a merge patch must be an object`() {
        #expect(throws: PatchFailure.malformed("a merge patch must be an object")) {
            try MergePatch.applied([1], to: [:])
        }
    }
}
