import Primitives
import Testing

@testable import benchmark

/// What the load of `benchmark api` sends, and what it reads of events.
@Suite struct APILoadTests {
    private func sequence(_ text: String) -> Int? {
        // SAFETY: the bytes are read during the call only.
        unsafe Bytes(text.utf8).withUnsafeBytes { unsafe APIWatchers.sequence(in: $0) }
    }

    @Test func `an event says the how manieth write it is`() {
        let object = String(
            decoding: APIObjects.configMap("a", sequence: 1_234, padding: 300), as: UTF8.self)
        #expect(sequence("{\"type\":\"MODIFIED\",\"object\":\(object)}") == 1_234)
        let fields = "{\"f:data\":{\"f:sequence\":{}}}"
        #expect(sequence(fields + object) == 1_234, "the name of the field is not its value")
    }

    @Test func `a line that is cut off anywhere has no number or a shorter one`() {
        let object = String(
            decoding: APIObjects.configMap("a", sequence: 987, padding: 20), as: UTF8.self)
        for count in 0..<object.count {
            let number = sequence(String(object.prefix(count)))
            #expect([nil, 9, 98, 987].contains(number))
        }
        #expect(sequence("\"sequence\":\"x") == nil)
        #expect(sequence("") == nil)
    }

    @Test func `only calls with a body name its type`() {
        let get = HTTPCall(method: "GET", path: "/a", token: "t").headers
        #expect(!get.contains { $0.name == "content-type" })
        #expect(get.contains { $0.name == "authorization" && $0.value == "Bearer t" })
        let patch = HTTPCall(method: "PATCH", path: "/a", contentType: "x/y", token: "t").headers
        #expect(patch.contains { $0.name == "content-type" && $0.value == "x/y" })
    }
}
