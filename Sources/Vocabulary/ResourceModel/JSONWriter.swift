public import Primitives

extension JSON {
    /// The value as compact JSON, escaped as Go's encoding/json does, members in their order.
    public var encoded: Bytes {
        var bytes: Bytes = []
        bytes.reserveCapacity(1024)
        write(to: &bytes)
        return bytes
    }

    /// The same as text.
    public var encodedText: String { String(decoding: encoded, as: UTF8.self) }

    /// Appends the value as compact JSON.
    public func write(to bytes: inout Bytes) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): appendDecimal(value, to: &bytes)
        // JSON has no word for what is not finite; a parsed number always is.
        case .number(let value): bytes += (value.isFinite ? GoText.number(value) : "null").utf8
        case .string(let text): appendQuoted(text, to: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for index in items.indices {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                items[index].write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): object.write(to: &bytes)
        }
    }
}

extension JSONObject {
    /// Appends the members as a compact JSON object.
    public func write(to bytes: inout Bytes) {
        bytes.append(UInt8(ascii: "{"))
        for index in members.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendQuoted(members[index].name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            members[index].value.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

/// Appends a whole number in decimal.
func appendDecimal(_ value: Int64, to bytes: inout Bytes) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
        bytes.append(UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0"))
        rest /= 10
    } while rest > 0
    bytes[start...].reverse()
}
