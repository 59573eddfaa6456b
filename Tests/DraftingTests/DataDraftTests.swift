import Drafting
import ResourceModel
import Testing

/// Config maps and secrets from files and flags.
@Suite struct DataDraftTests {
    @Test func `what is text is data, and what is not is binary data`() throws {
        var map = DataDraft(.configMap, "m")
        try map.add(literal: "a=b=c")
        try map.add("b", [0xFF, 0xFE])
        #expect(
            map.object == [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m"],
                "data": ["a": "b=c"], "binaryData": ["b": "//4="],
            ])
    }

    @Test func `a secret is in base64 and has its type`() throws {
        var secret = DataDraft(.secret(type: "my/type"), "s")
        try secret.add(literal: "a=b")
        #expect(secret.object["data"] == ["a": "Yg=="])
        #expect(secret.object["type"] == "my/type")
        #expect(DataDraft(.secret(type: ""), "s").object["type"] == nil)
    }

    @Test(arguments: [
        ("a", "invalid literal source a, expected key=value"),
        ("=a", "invalid literal source =a, expected key=value"),
        ("..=a", "\"..\" is not a valid key name for a ConfigMap: must not be '..'"),
        (
            "old=1", "cannot add key \"old\", another key by that name already exists in Data for "
                + "ConfigMap \"m\""
        ),
        (
            "bytes=1", "cannot add key \"bytes\", another key by that name already exists in "
                + "BinaryData for ConfigMap \"m\""
        ),
    ])
    func `a wrong value is refused and changes nothing`(_ literal: String, _ why: String) throws {
        var map = DataDraft(.configMap, "m")
        try map.add(literal: "old=0")
        try map.add("bytes", [0xFF])
        let before = map.object
        let failure = #expect(throws: DraftFailure.self) { try map.add(literal: literal) }
        #expect(failure?.description == why)
        #expect(map.object == before)
    }

    @Test func `a file of variables may have comments, and names without values`() throws {
        var map = DataDraft(.configMap, "m")
        let text = "\u{FEFF}A=1 \n\n  # note\n  B=x=y\r\nHOME\nNONE\n"
        try map.add(environmentFile: Array(text.utf8), "f") { $0 == "HOME" ? "/h" : nil }
        #expect(map.object["data"] == ["A": "1 ", "B": "x=y", "HOME": "/h", "NONE": ""])
        for wrong in ["1 a=1", "=1", "a b"] {
            #expect(throws: DraftFailure.self) {
                try map.add(environmentFile: Array(wrong.utf8), "f") { _ in nil }
            }
        }
        let failure = #expect(throws: DraftFailure.self) {
            try map.add(environmentFile: [0x43, 0x3D, 0x0A, 0xFF], "f") { _ in nil }
        }
        #expect(failure?.description == "env file f contains invalid utf8 bytes at line 2")
    }

    @Test func `a file may stand behind its key`() throws {
        #expect(try DataDraft.source(of: "a/b.txt") == (nil, "a/b.txt"))
        #expect(try DataDraft.source(of: "k=a/b.txt") == ("k", "a/b.txt"))
        for wrong in ["=a", "a=", "a=b=c"] {
            #expect(throws: DraftFailure.self) { try DataDraft.source(of: wrong) }
        }
    }

    @Test func `a login at a registry is as Docker writes it`() {
        let login = RegistryLogin(server: "r", user: "u", password: "p", email: "")
        #expect(
            login.configuration.encodedText
                == #"{"auths":{"r":{"username":"u","password":"p","auth":"dTpw"}}}"#)
    }
}
