internal import Primitives
internal import ResourceModel

/// Where the next page of a list begins, and at which revision; opaque to clients.
struct ContinueToken: Equatable {
    /// The revision of the whole list; zero for the newest, after history was lost.
    var revision: Revision
    /// The last key given, behind the resource's prefix.
    var after: String

    private static let kind = "meta.k8s.io/v1"

    /// The token as clients carry it: JSON in base64 for addresses.
    var text: String {
        let json: JSON = [
            "v": .string(Self.kind), "rv": .integer(revision.rawValue), "start": .string(after),
        ]
        return URLBase64.text(json.encoded)
    }

    init(revision: Revision, after: String) {
        self.revision = revision
        self.after = after
    }

    /// Reads a token; nil for what is none of ours.
    init?(_ text: String) {
        // What cannot be read is no token, whatever is wrong with it.
        guard let bytes = URLBase64.bytes(text), let json = try? JSON(parsing: bytes),
            json["v"].stringValue == Self.kind, let revision = json["rv"].integerValue,
            revision >= 0, let after = json["start"].stringValue, !after.isEmpty,
            !after.contains("\0"), !after.split(separator: "/").contains("..")
        else { return nil }
        self.revision = Revision(revision)
        self.after = after
    }
}

/// Base64 with the alphabet for addresses, without padding (RFC 4648 §5).
enum URLBase64 {
    static func text(_ bytes: Bytes) -> String {
        let digits = Base64.encode(bytes).utf8.filter { $0 != UInt8(ascii: "=") }
        return String(decoding: digits, as: UTF8.self)
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    static func bytes(_ text: String) -> Bytes? {
        let digits = text.replacing("-", with: "+").replacing("_", with: "/")
        let missing = -digits.utf8.count & 3
        return Base64.decode(digits + String(repeating: "=", count: missing))
    }
}
