package import Primitives

/// What a client says over SPDY/3.1, as far as it concerns tunnels.
package enum SPDYEvent: Equatable, Sendable {
    /// It opens a stream; the last it says there if `ends`.
    case open(stream: UInt32, headers: [String: String], ends: Bool)
    /// A part of what it says on a stream.
    case data(stream: UInt32, Bytes, ends: Bool)
    /// It gives a stream up.
    case reset(stream: UInt32)
    /// It wants to hear the same number.
    case ping(UInt32)
    /// It opens no more streams.
    case goAway
}

/// What a client may not send; each ends its connection.
package enum SPDYFailure: Error, Equatable {
    case wrongVersion(UInt16)
    case wrongLength
    case wrongHeaders
}

/// Reads a client's frames from bytes that come in any pieces. Data are handed on as they come;
/// no more is held than one control frame.
package struct SPDYDecoder {
    /// Bytes of a control frame at most.
    static let controlBytesMax = 16 << 10
    private static let headBytes = 8

    private enum Frame: UInt16 {
        case open = 1
        case reset = 3
        case ping = 6
        case goAway = 7
    }

    private struct OpenData {
        var stream: UInt32
        var leftBytes: Int
        var ends: Bool
    }

    private let headers = SPDYHeaderReader()
    /// Of the head, or of the control frame with its head, that is being read.
    private var kept: Bytes = []
    private var data: OpenData?

    /// Bytes that are kept until more come.
    var keptBytes: Int { kept.count }

    /// Knows nothing yet.
    package init() {}

    /// Takes bytes in and answers what they say.
    package mutating func take(_ bytes: ArraySlice<UInt8>) throws(SPDYFailure) -> [SPDYEvent] {
        var events: [SPDYEvent] = []
        var rest = bytes
        while true {
            if let open = data {
                guard open.leftBytes == 0 || !rest.isEmpty else { return events }
                events.append(takeData(open, &rest))
                continue
            }
            guard fill(to: Self.headBytes, from: &rest) else { return events }
            let length = Int(number(at: 4) & 0xFF_FFFF)
            let isLast = kept[4] & 1 != 0
            guard kept[0] & 0x80 != 0 else {
                data = OpenData(stream: number(at: 0), leftBytes: length, ends: isLast)
                kept = []
                continue
            }
            guard length <= Self.controlBytesMax else { throw .wrongLength }
            guard fill(to: Self.headBytes + length, from: &rest) else { return events }
            if let event = try control(ends: isLast) { events.append(event) }
            kept = []
        }
    }

    /// Keeps bytes until there are so many.
    private mutating func fill(to count: Int, from rest: inout ArraySlice<UInt8>) -> Bool {
        let missing = max(0, count - kept.count)
        kept += rest.prefix(missing)
        rest = rest.dropFirst(missing)
        return kept.count >= count
    }

    private func number(at place: Int) -> UInt32 {
        kept[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func takeData(
        _ open: OpenData, _ rest: inout ArraySlice<UInt8>
    ) -> SPDYEvent {
        let bytes = rest.prefix(open.leftBytes)
        rest = rest.dropFirst(bytes.count)
        let isWhole = bytes.count == open.leftBytes
        data = isWhole ? nil : open
        data?.leftBytes -= bytes.count
        return .data(stream: open.stream, Bytes(bytes), ends: isWhole && open.ends)
    }

    /// What the control frame says that is kept; nil if it is of no concern.
    private func control(ends: Bool) throws(SPDYFailure) -> SPDYEvent? {
        let version = UInt16(kept[0] & 0x7F) << 8 | UInt16(kept[1])
        guard version == 3 else { throw .wrongVersion(version) }
        guard let frame = Frame(rawValue: UInt16(kept[2]) << 8 | UInt16(kept[3])) else {
            return nil
        }
        let body = kept[Self.headBytes...]
        guard body.count >= (frame == .open ? 10 : 4) else { throw .wrongLength }
        let first = number(at: Self.headBytes)
        switch frame {
        case .open:
            // Behind the number: the stream it belongs to, its priority, its slot.
            let headers = try headers.read(body.dropFirst(10))
            return .open(stream: first & 0x7FFF_FFFF, headers: headers, ends: ends)
        case .reset: return .reset(stream: first & 0x7FFF_FFFF)
        case .ping: return .ping(first)
        case .goAway: return .goAway
        }
    }
}

/// The frames of one server to one client.
package struct SPDYEncoder: Sendable {
    private var hasReplied = false

    /// Has said nothing yet.
    package init() {}

    /// Accepts a stream, without headers.
    package mutating func reply(_ stream: UInt32) -> Bytes {
        // The block is a count of none, in a stored block of zlib's, and an empty one that has
        // readers look at it at once; the first begins the stream.
        let block: Bytes =
            (hasReplied ? [] : [0x78, 0x01])
            + [0, 4, 0, 0xFB, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        hasReplied = true
        return Self.control(2, Self.bytes(stream) + block)
    }

    /// Says something on a stream, perhaps the last.
    package static func data(_ stream: UInt32, _ payload: Bytes, ends: Bool = false) -> Bytes {
        bytes(stream) + bytes((ends ? 1 << 24 : 0) | UInt32(payload.count)) + payload
    }

    /// Gives a stream up.
    package static func reset(_ stream: UInt32, _ reason: SPDYResetReason) -> Bytes {
        control(3, bytes(stream) + bytes(reason.rawValue))
    }

    /// Answers a ping.
    package static func ping(_ number: UInt32) -> Bytes { control(6, bytes(number)) }

    private static func control(_ kind: UInt8, _ body: Bytes) -> Bytes {
        [0x80, 3, 0, kind] + bytes(UInt32(body.count)) + body
    }

    private static func bytes(_ number: UInt32) -> Bytes {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// What RST_STREAM says (SPDY/3.1 §2.4.2).
package enum SPDYResetReason: UInt32, Sendable {
    /// Nothing was done with it.
    case refused = 3
    /// It is not needed any more.
    case cancel = 5
}
