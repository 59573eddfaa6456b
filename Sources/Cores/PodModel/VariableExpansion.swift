internal import Primitives

/// `$(NAME)` in commands, arguments and variables, as Kubernetes replaces it.
package enum VariableExpansion {
    /// Replaces `$(NAME)` by what `value` knows, and `$$` by `$`; what it does not know, or what
    /// has no closing parenthesis, stays as it is.
    package static func expand(_ text: String, _ value: (String) -> String?) -> String {
        let bytes = Bytes(text.utf8)
        var result = Bytes()
        var index = 0
        while index < bytes.count {
            guard bytes[index] == dollar, index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case dollar:
                result.append(dollar)
                index += 2
            case UInt8(ascii: "("):
                guard let end = bytes[index...].firstIndex(of: UInt8(ascii: ")")) else {
                    result += bytes[index...index + 1]
                    index += 2
                    continue
                }
                let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
                result += (value(name) ?? "$(\(name))").utf8
                index = end + 1
            default:
                result += bytes[index...index + 1]
                index += 2
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let dollar = UInt8(ascii: "$")
}
