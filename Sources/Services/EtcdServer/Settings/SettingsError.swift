/// What is wrong with the settings of a member; says which flag or text.
package enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownFlag(String)
    case notAFlag(String)
    case missingValue(flag: String)
    case badValue(flag: String, value: String, expected: String)
    case url(String, String)
    case unsupported(flag: String, reason: String)
    case contradiction(String)

    /// For the operator.
    package var description: String {
        switch self {
        case .unknownFlag(let name): "flag provided but not defined: --\(name)"
        case .notAFlag(let text): "'\(text)' is not a valid flag"
        case .missingValue(let flag): "flag needs an argument: --\(flag)"
        case .badValue(let flag, let value, let expected):
            "invalid value \"\(value)\" for flag --\(flag): expected \(expected)"
        case .url(let text, let problem): "URL \"\(text)\" \(problem)"
        case .unsupported(let flag, let reason): "flag --\(flag) is not supported: \(reason)"
        case .contradiction(let text): text
        }
    }
}
