package import Primitives

/// What the other end of a WebSocket says.
package enum WebSocketEvent: Equatable, Sendable {
    /// A part of a message, text or not.
    case data(Bytes, begins: Bool, ends: Bool)
    /// Wants a pong with the same bytes.
    case ping(Bytes)
    /// The answer to a ping.
    case pong
    /// It has said everything; with its code, if it gives one.
    case close(UInt16?)
}

/// Reads the frames of one end (RFC 6455 §5) from bytes that come in any pieces.
///
/// Messages are handed on as they come, so that a frame may be as long as it likes without
/// anything being kept of it: no more is held than the head of a frame and one control frame.
struct WebSocketDecoder {
    private struct OpenFrame {
        var head: WebSocketFrameHead
        var readBytes: UInt64 = 0
        var begins: Bool

        var leftBytes: UInt64 { head.payloadBytes - readBytes }
    }

    /// Whose frames they are.
    var sender = WebSocketEnd.client
    /// Of the head that is being read.
    private var headBytes: Bytes = []
    private var frame: OpenFrame?
    /// Of the control frame that is being read.
    private var control: Bytes = []
    private var isInMessage = false

    /// Bytes that are kept until more come.
    var keptBytes: Int { headBytes.count + control.count }

    /// Takes bytes in and answers what they say.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(WebSocketFailure) -> [WebSocketEvent] {
        var events: [WebSocketEvent] = []
        var rest = bytes
        while true {
            if let open = frame {
                guard open.leftBytes == 0 || !rest.isEmpty else { return events }
                if let event = try takePayload(open, &rest) { events.append(event) }
            } else {
                guard let byte = rest.popFirst() else { return events }
                headBytes.append(byte)
                guard let head = try WebSocketFrameHead(headBytes, from: sender) else { continue }
                headBytes.removeAll(keepingCapacity: true)
                try open(head)
            }
        }
    }

    private mutating func open(_ head: WebSocketFrameHead) throws(WebSocketFailure) {
        frame = OpenFrame(head: head, begins: head.opcode != .continuation)
        if head.opcode.isControl { return }
        if head.opcode == .continuation, !isInMessage { throw .nothingToContinue }
        if head.opcode != .continuation, isInMessage { throw .messageNotEnded }
        isInMessage = !head.isFinal
    }

    private mutating func takePayload(
        _ open: OpenFrame, _ rest: inout ArraySlice<UInt8>
    ) throws(WebSocketFailure) -> WebSocketEvent? {
        let taken = rest.prefix(Int(clamping: open.leftBytes))
        rest = rest.dropFirst(taken.count)
        let plain = WebSocketFrame.masked(taken, open.head.mask, from: open.readBytes)
        var next = open
        next.readBytes += UInt64(plain.count)
        let isWhole = next.leftBytes == 0
        let begins = next.begins
        next.begins = false
        frame = isWhole ? nil : next
        guard open.head.opcode.isControl else {
            return .data(plain, begins: begins, ends: isWhole && open.head.isFinal)
        }
        control += plain
        guard isWhole else { return nil }
        defer { control = [] }
        switch open.head.opcode {
        case .ping: return .ping(control)
        case .close: return .close(try Self.code(of: control))
        default: return .pong
        }
    }

    /// The code of a close frame; nil if it gives none. What else it says nobody reads.
    private static func code(of payload: Bytes) throws(WebSocketFailure) -> UInt16? {
        if payload.isEmpty { return nil }
        guard payload.count > 1 else { throw .wrongClose }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1_000...1_003, 1_007...1_014, 3_000...4_999: return code
        default: throw .wrongClose
        }
    }
}
