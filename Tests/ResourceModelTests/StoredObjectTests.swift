import Primitives
import ResourceModel
import Testing

@Suite struct StoredObjectTests {
    private let pod: JSON = [
        "spec": ["a": "}]{[\\\"", "b": [1, 2.5, true, ["x": .null]]],
        "status": ["phase": "Running"],
        "metadata": [
            "annotations": ["labels": "no", "q": "\"labels\":{\"a\":\"b\"}"],
            "resourceVersion": "7", "name": "web-1", "labels": ["app": "web", "t<r": "x"],
            "namespace": "default",
        ],
        "kind": "Pod", "apiVersion": "v1",
    ]

    @Test func `type and metadata come first, and no resource version is kept`() {
        let stored = StoredObject.encode(pod)
        let text = String(decoding: stored.bytes, as: UTF8.self)
        #expect(text.hasPrefix(#"{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":"#))
        #expect(!text.contains("resourceVersion"))
    }

    @Test func `the resource version is spliced into the metadata`() throws {
        let stored = StoredObject.encode(pod)
        var output: Bytes = []
        stored.write(to: &output, resourceVersion: 42)
        var expected = pod
        expected["metadata"]["resourceVersion"] = "42"
        #expect(try JSON(parsing: output) == expected)
        #expect(try stored.object(resourceVersion: 42) == expected)
        #expect(
            String(decoding: output, as: UTF8.self).contains(#""metadata":{"resourceVersion":"#))
    }

    @Test func `empty metadata takes a resource version too`() throws {
        let stored = try #require(
            StoredObject(Bytes(#"{"a":[{"metadata":1}],"metadata":{}}"#.utf8)))
        var output: Bytes = []
        stored.write(to: &output, resourceVersion: 1)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"{"a":[{"metadata":1}],"metadata":{"resourceVersion":"1"}}"#)
    }

    @Test func `names, labels and fields are found without parsing the rest`() {
        let stored = StoredObject.encode(pod)
        let metadata = stored.metadata()
        #expect(metadata.name == "web-1" && metadata.namespace == "default")
        #expect(metadata.labels.map(\.name) == ["app", "t<r"])
        #expect(metadata.labels.map(\.value) == ["web", "x"])
        #expect(stored.labels().map(\.value) == ["web", "x"])
        #expect(stored.value(at: "status.phase") == "Running")
        #expect(stored.value(at: "spec.b") == [1, 2.5, true, ["x": .null]])
        #expect(stored.value(at: "spec.none") == nil && stored.value(at: "kind.x") == nil)
    }

    @Test func `what has no metadata is no object`() {
        for text in [
            "", "{}", "[]", #"{"metadata":1}"#, #"{"metadata":{"#, #"{"spec":{"metadata":{}}}"#,
        ] {
            #expect(StoredObject(Bytes(text.utf8)) == nil, "\(text)")
        }
    }

    /// Bytes from a damaged store must not trap.
    @Test func `any truncation and changed byte is survived`() {
        let bytes = StoredObject.encode(pod).bytes
        for index in bytes.indices {
            var changed = bytes
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "\\"), 0, 0xFF] {
                changed[index] = byte
                _ = StoredObject(changed)?.metadata()
                _ = StoredObject(changed)?.value(at: "status.phase")
            }
            _ = StoredObject(Bytes(bytes.prefix(index)))?.metadata()
        }
    }
}
