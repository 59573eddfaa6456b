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
    private static let alphabet = Bytes(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: Bytes) -> String {
        var digits: Bytes = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                digits.append(alphabet[Int(bits >> count) & 0x3F])
            }
        }
        if count > 0 { digits.append(alphabet[Int(bits << (6 - count)) & 0x3F]) }
        return String(decoding: digits, as: UTF8.self)
    }

    static func bytes(_ text: String) -> Bytes? {
        var bytes: Bytes = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for digit in text.utf8 where digit != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }
}
