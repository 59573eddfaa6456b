/// Why a text is no JSON, and where. Lines and columns count from 1, columns in bytes.
public struct JSONError: Error, Sendable, Equatable {
    /// What is wrong, in the terms of Go's encoding/json, whose words clients know.
    public enum Problem: Sendable, Equatable {
        case unexpectedEnd
        /// A byte that cannot stand here; `place` says what was being read.
        case unexpected(UInt8, place: String)
        case tooDeep
        case invalidUTF8
        case loneSurrogate
        case numberOutOfRange(String)
    }

    /// What is wrong.
    public var problem: Problem
    /// Where, in bytes from 0.
    public var offset: Int
    /// The line of it.
    public var line: Int
    /// The column of it.
    public var column: Int

    /// Finds the line and column of an offset.
    init(_ problem: Problem, at offset: Int, in bytes: [UInt8]) {
        self.problem = problem
        self.offset = offset
        line = 1
        column = 1
        for byte in bytes.prefix(offset) {
            column += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            }
        }
    }
}

extension JSONError: CustomStringConvertible {
    /// What is wrong and where, in a sentence.
    public var description: String {
        "\(problemText) (line \(line), column \(column), offset \(offset))"
    }

    /// What is wrong, without the place.
    public var problemText: String {
        switch problem {
        case .unexpectedEnd: "unexpected end of JSON input"
        case .unexpected(let byte, let place): "invalid character \(Self.quoted(byte)) \(place)"
        case .tooDeep: "exceeded max depth"
        case .invalidUTF8: "invalid UTF-8 in string literal"
        case .loneSurrogate: "invalid surrogate in \\u hexadecimal character escape"
        case .numberOutOfRange(let text): "number \(text) is out of range"
        }
    }

    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): #"'\''"#
        case UInt8(ascii: "\""): #"'"'"#
        default: "'" + GoText.quoted(String(Unicode.Scalar(byte))).dropFirst().dropLast() + "'"
        }
    }
}
