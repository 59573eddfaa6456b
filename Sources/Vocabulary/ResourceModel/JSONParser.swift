public import Primitives

/// Reads JSON as RFC 8259 defines it, and nothing beyond it: what is not UTF-8, lone surrogates,
/// numbers out of range and values nested deeper than `depthMax` are refused.
///
/// Of members with one name the last one counts, as in Go; their paths are kept, so that strict
/// decoding can name them.
struct JSONParser {
    /// How deep values may be nested.
    static let depthMax = 100
    /// How many duplicates are kept; Kubernetes keeps as many strict errors.
    static let duplicatesMax = 100

    let bytes: Bytes
    var position = 0
    /// Paths of members that stood in their object before, as in `spec.containers[0].name`.
    var duplicates: [String] = []

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    /// The one value that the text holds.
    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        if position < bytes.count { throw unexpected("after top-level value") }
        return value
    }

    /// The value that is next; what follows it does not matter.
    mutating func nextValue() throws(JSONError) -> JSON {
        try value(depth: 0)
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default: throw unexpected("looking for beginning of value")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        if depth > Self.depthMax { throw failure(.tooDeep) }
        position += 1
        var members: [JSONObject.Member] = []
        var positions: [String: Int] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        repeat {
            skipSpace()
            guard position < bytes.count else { throw failure(.unexpectedEnd) }
            guard bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("looking for beginning of object key string")
            }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("after object key") }
            let known = duplicates.count
            let value = try value(depth: depth)
            if duplicates.count > known { qualify(from: known) { "\(name)\($0)" } }
            if let earlier = place(of: name, in: members, &positions) {
                members[earlier].value = value
                addDuplicate(name)
            } else {
                members.append(JSONObject.Member(name, value))
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("after object key:value pair") }
        return .object(JSONObject(uniqueMembers: members))
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        if depth > Self.depthMax { throw failure(.tooDeep) }
        position += 1
        var items: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(items) }
        repeat {
            let known = duplicates.count
            let index = items.count
            items.append(try value(depth: depth))
            if duplicates.count > known { qualify(from: known) { "[\(index)]\($0)" } }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("after array element") }
        return .array(items)
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let word = String(describing: word)
        for byte in word.utf8 {
            guard position < bytes.count else { throw failure(.unexpectedEnd) }
            guard bytes[position] == byte else {
                let expected = Unicode.Scalar(byte)
                throw unexpected("in literal \(word) (expecting '\(expected)')")
            }
            position += 1
        }
    }

    @inline(__always)
    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// An error at the byte that is next, or at the end.
    func unexpected(_ place: String) -> JSONError {
        guard position < bytes.count else { return failure(.unexpectedEnd) }
        return failure(.unexpected(bytes[position], place: place))
    }

    /// An error at an offset, or where the parser is.
    func failure(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
        JSONError(problem, at: offset ?? position, in: bytes)
    }
}

extension JSONParser {
    /// Where a name already is among members. Large objects are indexed, small ones gone through.
    private func place(
        of name: String, in members: [JSONObject.Member], _ positions: inout [String: Int]
    ) -> Int? {
        guard members.count > JSONObject.scanMax else {
            for index in members.indices where members[index].name == name { return index }
            return nil
        }
        for index in positions.count..<members.count { positions[members[index].name] = index }
        return positions[name]
    }

    private mutating func addDuplicate(_ name: String) {
        guard duplicates.count < Self.duplicatesMax, !duplicates.contains(name) else { return }
        duplicates.append(name)
    }

    /// Puts what is around them in front of the paths found inside of a value.
    private mutating func qualify(from first: Int, _ qualified: (String) -> String) {
        for index in first..<duplicates.count {
            let path = duplicates[index]
            duplicates[index] = qualified(path.hasPrefix("[") ? path : "." + path)
        }
    }
}

extension JSON {
    /// Parses a text.
    public init(parsing bytes: Bytes) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// Parses a text.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Bytes(text.utf8))
    }

    /// Parses a text and adds the paths of members that stand twice in one object, 100 at most.
    public init(parsing bytes: Bytes, duplicates: inout [String]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
        duplicates += parser.duplicates
    }
}
