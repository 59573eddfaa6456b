/// How a gRPC call ended.
public struct GRPCStatus: Error, Sendable, Equatable {
    /// gRPC's status codes.
    public enum Code: UInt8, Sendable, CaseIterable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    /// What kind of end it was.
    public var code: Code
    /// For people; empty for success.
    public var message: String

    /// Makes a status.
    public init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// Success.
    public static var ok: GRPCStatus { GRPCStatus(.ok) }

    /// The message as a header value: what is not printable ASCII, and `%`, percent-encoded.
    public var encodedMessage: String {
        let isPlain = message.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x25 }
        if isPlain { return message }
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in message.utf8 {
            if (0x20...0x7E).contains(byte), byte != 0x25 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return text
    }

    /// Reads what `encodedMessage` wrote; what is not well-formed is kept as it is.
    public static func decodeMessage(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(0x25) else { return text }
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == 0x25, position + 2 < bytes.count,
                let byte = UInt8(
                    String(decoding: bytes[position + 1...position + 2], as: UTF8.self), radix: 16)
            {
                decoded.append(byte)
                position += 3
            } else {
                decoded.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
