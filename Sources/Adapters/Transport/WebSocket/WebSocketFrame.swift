internal import Primitives

/// What a frame is (RFC 6455 §5.2).
enum WebSocketOpcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// Why a WebSocket ends (RFC 6455 §7.4.1).
package enum WebSocketCloseCode: UInt16, Sendable {
    /// All is said.
    case normal = 1_000
    /// The server stops.
    case goingAway = 1_001
    /// The other end does not keep to the protocol.
    case protocolError = 1_002
    /// The server cannot go on.
    case internalError = 1_011
}

/// What a client may not send; each ends its connection with `protocolError`.
enum WebSocketFailure: Error, Equatable {
    case notMasked
    case reservedBits
    case unknownOpcode(UInt8)
    case controlTooLong
    case controlFragmented
    /// A length that fits into fewer bytes, or none that there can be.
    case wrongLength
    case nothingToContinue
    case messageNotEnded
    case wrongClose
}

/// The head of a client's frame (RFC 6455 §5.2).
struct WebSocketFrameHead: Equatable {
    let opcode: WebSocketOpcode
    let isFinal: Bool
    let payloadBytes: UInt64
    /// Four bytes.
    let mask: Bytes

    /// What a control frame carries at most (§5.5).
    static let controlBytesMax: UInt64 = 125

    /// Reads a head; nil if it is not whole yet.
    init?(_ bytes: Bytes) throws(WebSocketFailure) {
        guard bytes.count >= 2 else { return nil }
        if bytes[0] & 0x70 != 0 { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0F) else {
            throw .unknownOpcode(bytes[0] & 0x0F)
        }
        guard bytes[1] & 0x80 != 0 else { throw .notMasked }
        let isFinal = bytes[0] & 0x80 != 0
        let short = bytes[1] & 0x7F
        if opcode.isControl {
            if short > Self.controlBytesMax { throw .controlTooLong }
            if !isFinal { throw .controlFragmented }
        }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count == 2 + lengthBytes + 4 else { return nil }
        let length = bytes[2..<2 + lengthBytes].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        switch short {
        case 126 where length < 126, 127 where length <= 0xFFFF || length > UInt64(Int64.max):
            throw .wrongLength
        case 126, 127: payloadBytes = length
        default: payloadBytes = UInt64(short)
        }
        self.opcode = opcode
        self.isFinal = isFinal
        mask = Bytes(bytes.suffix(4))
    }
}

/// The frames that a server sends: whole and not masked.
enum WebSocketFrame {
    static func bytes(_ opcode: WebSocketOpcode, _ payload: Bytes) -> Bytes {
        var frame: Bytes = []
        frame.reserveCapacity(payload.count + 10)
        frame.append(0x80 | opcode.rawValue)
        switch payload.count {
        case ...125: frame.append(UInt8(payload.count))
        case ...0xFFFF:
            frame.append(126)
            append(UInt16(payload.count), to: &frame)
        default:
            frame.append(127)
            append(UInt64(payload.count), to: &frame)
        }
        return frame + payload
    }

    static func close(_ code: UInt16?) -> Bytes {
        var payload: Bytes = []
        if let code { append(code, to: &payload) }
        return bytes(.close, payload)
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout Bytes) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
