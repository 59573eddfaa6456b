internal import Primitives

extension JSONParser {
    /// The string whose opening quote is next.
    mutating func string() throws(JSONError) -> String {
        let start = position + 1
        let (end, isASCII) = plainEnd(of: bytes.span, from: start)
        position = end
        guard end < bytes.count else { throw failure(.unexpectedEnd) }
        if bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
            return try text(start..<end, isASCII: isASCII)
        }
        return try escapedString(start: start, isASCII: isASCII)
    }

    /// A string with escapes; the parser is at the first byte that is not plain.
    private mutating func escapedString(start: Int, isASCII: Bool) throws(JSONError) -> String {
        var isASCII = isASCII
        var text = try text(start..<position, isASCII: isASCII)
        while true {
            guard position < bytes.count else { throw failure(.unexpectedEnd) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                text.unicodeScalars.append(try escape())
            default: throw unexpected("in string literal")
            }
            let begin = position
            (position, isASCII) = plainEnd(of: bytes.span, from: begin)
            text += try self.text(begin..<position, isASCII: isASCII)
        }
    }

    /// The bytes of a range as text.
    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSONError) -> String {
        if isASCII { return String(decoding: bytes[range], as: UTF8.self) }
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw failure(.invalidUTF8, at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    /// What stands after a backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        let scalar: Unicode.Scalar
        switch bytes[position] {
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{c}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"):
            position += 1
            return try unicodeEscape()
        default: throw unexpected("in string escape code")
        }
        position += 1
        return scalar
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position - 2
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), bytes.count >= position + 2,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure(.loneSurrogate, at: start) }
        position += 2
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw failure(.unexpectedEnd) }
            let digit: UInt8
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[position] - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[position] - 0x57
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[position] - 0x37
            default: throw unexpected("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// A whole number that fits 64 bits stays exact; every other one becomes a `Double`.
    mutating func number() throws(JSONError) -> JSON {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var magnitude: UInt64 = 0
        var isExact = true
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        if bytes[position] == UInt8(ascii: "0") {
            // Nothing but a fraction or an exponent may follow.
            position += 1
        } else {
            let count = digits { digit in
                let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
                magnitude = sum
                isExact = isExact && !overflow && !carry
            }
            if count == 0 { throw unexpected("in numeric literal") }
        }
        if try !fractionAndExponent(), isExact {
            if isNegative, magnitude <= 1 << 63 {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
            if !isNegative, let value = Int64(exactly: magnitude) { return .integer(value) }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure(.numberOutOfRange(text), at: start)
        }
        return .number(value)
    }

    /// Reads digits and says how many there were.
    private mutating func digits(_ each: (UInt8) -> Void = { _ in }) -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- 0x30 < 10 {
            each(bytes[position] - 0x30)
            position += 1
        }
        return position - start
    }

    /// Whether the number had a fraction or an exponent, which are then behind.
    private mutating func fractionAndExponent() throws(JSONError) -> Bool {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            if digits() == 0 { throw unexpected("after decimal point in numeric literal") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let isSigned =
                position < bytes.count
                && (bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-"))
            if isSigned { position += 1 }
            if digits() == 0 { throw unexpected("in exponent of numeric literal") }
        }
        return position > start
    }
}
