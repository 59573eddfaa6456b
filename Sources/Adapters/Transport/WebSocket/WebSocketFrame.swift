internal import Primitives

/// What a frame is (RFC 6455 §5.2).
package enum WebSocketOpcode: UInt8, Sendable {
    /// Goes on with a message.
    case continuation = 0
    /// A message in UTF-8.
    case text = 1
    /// A message of bytes.
    case binary = 2
    /// All is said.
    case close = 8
    /// Asks whether anybody is there.
    case ping = 9
    /// Somebody is.
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

/// What the other end may not send; each ends its connection with `protocolError`.
package enum WebSocketFailure: Error, Equatable, Sendable {
    /// Clients mask their frames.
    case notMasked
    /// Servers do not.
    case masked
    /// Bits that nobody has agreed on.
    case reservedBits
    /// A frame of no kind that there is.
    case unknownOpcode(UInt8)
    /// A control frame of more than 125 bytes.
    case controlTooLong
    /// A control frame in parts.
    case controlFragmented
    /// A length that fits into fewer bytes, or none that there can be.
    case wrongLength
    /// A part of no message.
    case nothingToContinue
    /// A message within a message.
    case messageNotEnded
    /// A close frame with half a code, or one that nobody may send.
    case wrongClose
}

/// Which end of a WebSocket has sent a frame.
enum WebSocketEnd {
    case client
    case server
}

/// The head of a frame (RFC 6455 §5.2).
struct WebSocketFrameHead: Equatable {
    let opcode: WebSocketOpcode
    let isFinal: Bool
    let payloadBytes: UInt64
    /// Four bytes in a client's frame, none in a server's.
    let mask: Bytes

    /// What a control frame carries at most (§5.5).
    static let controlBytesMax: UInt64 = 125

    /// Reads a head; nil if it is not whole yet.
    init?(_ bytes: Bytes, from sender: WebSocketEnd = .client) throws(WebSocketFailure) {
        guard bytes.count >= 2 else { return nil }
        if bytes[0] & 0x70 != 0 { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0F) else {
            throw .unknownOpcode(bytes[0] & 0x0F)
        }
        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == (sender == .client) else { throw isMasked ? .masked : .notMasked }
        let isFinal = bytes[0] & 0x80 != 0
        let short = bytes[1] & 0x7F
        if opcode.isControl {
            if short > Self.controlBytesMax { throw .controlTooLong }
            if !isFinal { throw .controlFragmented }
        }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count == 2 + lengthBytes + (isMasked ? 4 : 0) else { return nil }
        let length = bytes[2..<2 + lengthBytes].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        switch short {
        case 126 where length < 126, 127 where length <= 0xFFFF || length > UInt64(Int64.max):
            throw .wrongLength
        case 126, 127: payloadBytes = length
        default: payloadBytes = UInt64(short)
        }
        self.opcode = opcode
        self.isFinal = isFinal
        mask = Bytes(bytes.dropFirst(2 + lengthBytes))
    }
}

/// The frames that are sent here: whole; masked if they are a client's.
enum WebSocketFrame {
    /// - Parameter mask: four bytes; none for a server's frame.
    static func bytes(
        _ opcode: WebSocketOpcode, _ payload: Bytes, mask: Bytes = []
    ) -> Bytes {
        var frame: Bytes = []
        frame.reserveCapacity(payload.count + 14)
        frame.append(0x80 | opcode.rawValue)
        let maskBit: UInt8 = mask.isEmpty ? 0 : 0x80
        switch payload.count {
        case ...125: frame.append(maskBit | UInt8(payload.count))
        case ...0xFFFF:
            frame.append(maskBit | 126)
            append(UInt16(payload.count), to: &frame)
        default:
            frame.append(maskBit | 127)
            append(UInt64(payload.count), to: &frame)
        }
        return frame + mask + masked(payload[...], mask, from: 0)
    }

    /// Puts the mask on bytes, or takes it off: those of a payload from a place on (§5.3).
    static func masked(_ bytes: ArraySlice<UInt8>, _ mask: Bytes, from offset: UInt64) -> Bytes {
        var result = Bytes(bytes)
        guard mask.count == 4 else { return result }
        let first = Int(offset & 3)
        for index in result.indices { result[index] ^= mask[(first + index) & 3] }
        return result
    }

    static func close(_ code: UInt16?, mask: Bytes = []) -> Bytes {
        var payload: Bytes = []
        if let code { append(code, to: &payload) }
        return bytes(.close, payload, mask: mask)
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout Bytes) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
