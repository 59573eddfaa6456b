import ResourceModel
import Testing

@Suite struct Base64Tests {
    // RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the examples of its RFC`(bytes: String, text: String) {
        #expect(Base64.encode(Array(bytes.utf8)) == text)
        #expect(Base64.decode(text) == Array(bytes.utf8))
        #expect(Base64.firstWrongByte(text) == nil)
    }

    @Test func `all bytes come back`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
    }

    @Test(arguments: [
        ("Z", 1), ("Zg", 2), ("Zg=", 3), ("====", 0), ("Z===", 1), ("Zm9*", 3), ("Zg==Zg==", 4),
        ("Zm9vé", 4), ("Zm\n9v\nZg===", 10),
    ])
    func `other texts are none`(text: String, wrongByte: Int) {
        #expect(Base64.decode(text) == nil)
        #expect(Base64.firstWrongByte(text) == wrongByte)
    }
}
