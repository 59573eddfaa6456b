import Primitives

/// HTTP/2 frames made by hand (RFC 9113 §4.1), right or wrong.
struct Frame: Equatable {
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
        static let padded: UInt8 = 8
        static let priority: UInt8 = 32
    }

    static let preface = Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: Bytes = []

    init(_ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: Bytes = []) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    /// The frame's bytes; `length` lies about the payload's.
    func bytes(length: Int? = nil) -> Bytes {
        let count = length ?? payload.count
        let head: Bytes = [
            UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), kind, flags,
        ]
        return head + Self.word(stream) + payload
    }

    static func word(_ value: UInt32) -> Bytes {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
    }

    static func setting(_ id: UInt16, _ value: UInt32) -> Bytes {
        [UInt8(id >> 8), UInt8(id & 255)] + word(value)
    }

    /// A block of headers without compression: each a literal that is not indexed.
    static func block(_ headers: [(String, String)]) -> Bytes {
        headers.flatMap { name, value in [0] + text(name) + text(value) }
    }

    /// A length in HPACK's form with seven bits, and the text behind it.
    static func text(_ text: String) -> Bytes {
        var bytes: Bytes = []
        var count = text.utf8.count
        if count < 127 {
            bytes.append(UInt8(count))
        } else {
            bytes.append(127)
            count -= 127
            while count >= 128 {
                bytes.append(UInt8(count & 127) | 128)
                count >>= 7
            }
            bytes.append(UInt8(count))
        }
        return bytes + Bytes(text.utf8)
    }
}
