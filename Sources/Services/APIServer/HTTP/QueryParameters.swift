/// The parameters behind `?`, decoded; a name may come several times.
struct QueryParameters: Sendable, Equatable {
    /// Names and values in order.
    private(set) var pairs: [(name: String, value: String)] = []

    /// Parameters allowed in one request.
    static let countMax = 1_000

    init() {}

    /// Decodes a query.
    /// - Throws: `MalformedTarget` for bad percent-encoding or too many parameters.
    init(_ query: Substring) throws(MalformedTarget) {
        for part in query.split(separator: "&") {
            guard pairs.count < Self.countMax else { throw MalformedTarget() }
            let mark = part.firstIndex(of: "=") ?? part.endIndex
            let value = mark == part.endIndex ? "" : part[part.index(after: mark)...]
            pairs.append(
                (
                    try Self.decoded(part[..<mark], plusIsSpace: true),
                    try Self.decoded(value, plusIsSpace: true)
                ))
        }
    }

    /// The first value under a name.
    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values under a name.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    static func == (left: Self, right: Self) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    /// Replaces `%XX`; what comes out must be UTF-8.
    static func decoded(
        _ text: Substring, plusIsSpace: Bool = false
    ) throws(MalformedTarget) -> String {
        let source = Array(text.utf8)
        guard source.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") })
        else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < source.count,
                    let high = Character(Unicode.Scalar(source[index + 1])).hexDigitValue,
                    let low = Character(Unicode.Scalar(source[index + 2])).hexDigitValue
                else { throw MalformedTarget() }
                bytes.append(UInt8(high << 4 | low))
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                bytes.append(byte)
                index += 1
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw MalformedTarget()
        }
        return decoded
    }
}

/// A path or query that is not percent-encoded UTF-8.
struct MalformedTarget: Error, Equatable {}
