import Primitives

/// A frame as a client sends it.
struct ClientFrame {
    var opcode: UInt8
    var payload: Bytes = []
    var isFinal = true
    var reserved: UInt8 = 0
    var mask: Bytes? = [0x37, 0xFA, 0x21, 0x3D]
    /// How the length is written, if not in the shortest way: in 2 or 8 bytes.
    var lengthBytes: Int?
    /// The length that it claims, if not its own.
    var claimedBytes: UInt64?

    var bytes: Bytes {
        let length = claimedBytes ?? UInt64(payload.count)
        let width = lengthBytes ?? (length < 126 ? 0 : length <= 0xFFFF ? 2 : 8)
        let short = width == 0 ? UInt8(length) : width == 2 ? 126 : 127
        var bytes = [(isFinal ? 0x80 : 0) | reserved | opcode, (mask == nil ? 0 : 0x80) | short]
        for shift in stride(from: width * 8 - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
        }
        guard let mask else { return bytes + payload }
        if mask == Self.noMask { return bytes + mask + payload }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset & 3] }
    }

    /// A mask that changes nothing, for much at once.
    static let noMask: Bytes = [0, 0, 0, 0]

    /// Much at once.
    static func bulk(_ payload: Bytes) -> Bytes {
        ClientFrame(opcode: 2, payload: payload, mask: noMask).bytes
    }
    static func binary(_ payload: Bytes) -> Bytes { ClientFrame(opcode: 2, payload: payload).bytes }
    static func ping(_ text: String) -> Bytes {
        ClientFrame(opcode: 9, payload: Bytes(text.utf8)).bytes
    }
    static func close(_ code: UInt16) -> Bytes {
        ClientFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)]).bytes
    }
}
