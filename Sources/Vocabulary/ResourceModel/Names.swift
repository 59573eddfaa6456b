/// What names and short texts of objects must look like. Each rule answers with what is wrong,
/// in Kubernetes' words; nothing if all is well.
public enum NameRule: Sendable {
    case dns1123Label
    case dns1123Subdomain
    case dns1035Label
    /// A label's key, and much else: an optional prefix, a slash and a name.
    case qualifiedName
    case labelValue
    case portName
    case configMapKey
    case environmentName
    case percent
    /// Whatever can stand in an address, as in `system:node`: the names of RBAC.
    case pathSegment

    /// What is wrong with a text.
    public func problems(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        switch self {
        case .dns1123Label: return Self.label(bytes)
        case .dns1123Subdomain: return Self.subdomain(bytes)
        case .dns1035Label:
            let isValid = isDNSLabel(bytes[...]) && isLowerLetter(bytes[0])
            return tooLong(bytes, 63) + (isValid ? [] : [Self.dns1035Text])
        case .qualifiedName: return Self.qualified(text)
        case .labelValue:
            let isValid = bytes.isEmpty || isQualifiedPart(bytes[...])
            return tooLong(bytes, 63) + (isValid ? [] : [Self.labelValueText])
        case .portName: return Self.port(bytes)
        case .configMapKey: return Self.configMapKey(text, bytes)
        case .environmentName: return Self.environment(text, bytes)
        case .percent:
            let isValid =
                bytes.count > 1 && bytes.last == UInt8(ascii: "%")
                && bytes.dropLast().allSatisfy(isDigit)
            return isValid ? [] : [Self.percentText]
        case .pathSegment:
            if text == "." || text == ".." { return ["may not be '\(text)'"] }
            return ["/", "%"].filter(text.contains).map { "may not contain '\($0)'" }
        }
    }

    /// Whether a text keeps the rule.
    public func allows(_ text: String) -> Bool { problems(text).isEmpty }

    /// What is wrong with a name whose end the server will add (`generateName`): it may end
    /// with a hyphen.
    public func problemsOfPrefix(_ text: String) -> [String] {
        problems(text.count > 1 && text.hasSuffix("-") ? String(text.dropLast()) + "a" : text)
    }
}

extension NameRule {
    private static func label(_ bytes: [UInt8]) -> [String] {
        var problems = tooLong(bytes, 63)
        if !isDNSLabel(bytes[...]) {
            problems.append(isSubdomain(bytes) ? "must not contain dots" : labelText)
        }
        return problems
    }

    private static func subdomain(_ bytes: [UInt8]) -> [String] {
        tooLong(bytes, 253) + (isSubdomain(bytes) ? [] : [subdomainText])
    }

    private static func qualified(_ text: String) -> [String] {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let last = parts.last else {
            return [
                "a valid label key \(qualifiedText) with an optional DNS subdomain prefix and '/'"
                    + " (e.g. 'example.com/MyName')"
            ]
        }
        var problems: [String] = []
        if parts.count == 2 {
            let prefix = Array(parts[0])
            problems =
                prefix.isEmpty
                ? ["prefix part must be non-empty"]
                : subdomain(prefix).map { "prefix part \($0)" }
        }
        let name = Array(last)
        if name.isEmpty {
            problems.append("name part must be non-empty")
        } else {
            problems += tooLong(name, 63).map { "name part \($0)" }
        }
        if !isQualifiedPart(name[...]) { problems.append("name part \(qualifiedText)") }
        return problems
    }

    private static func port(_ bytes: [UInt8]) -> [String] {
        var problems = tooLong(bytes, 15)
        if bytes.isEmpty || !bytes.allSatisfy({ isLowerAlphanumeric($0) || $0 == hyphen }) {
            problems.append(
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: isLowerLetter) {
            problems.append("must contain at least one letter (a-z)")
        }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == hyphen && $1 == hyphen }) {
            problems.append("must not contain consecutive hyphens")
        }
        if bytes.first == hyphen || bytes.last == hyphen {
            problems.append("must not begin or end with a hyphen")
        }
        return problems
    }

    private static func configMapKey(_ text: String, _ bytes: [UInt8]) -> [String] {
        let isValid = !bytes.isEmpty && bytes.allSatisfy(isNameByte)
        return tooLong(bytes, 253) + (isValid ? [] : [configMapKeyText]) + dots(text)
    }

    private static func environment(_ text: String, _ bytes: [UInt8]) -> [String] {
        let isValid =
            !bytes.isEmpty && bytes.allSatisfy(isNameByte) && !isDigit(bytes[0])
        return (isValid ? [] : [environmentText]) + dots(text)
    }

    private static func dots(_ text: String) -> [String] {
        if text == "." { return ["must not be '.'"] }
        if text == ".." { return ["must not be '..'"] }
        return text.hasPrefix("..") ? ["must not start with '..'"] : []
    }
}

private func tooLong(_ bytes: [UInt8], _ countMax: Int) -> [String] {
    bytes.count > countMax ? ["must be no more than \(countMax) bytes"] : []
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
private func isDNSLabel(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
        && bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == hyphen }
}

private func isSubdomain(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy(isDNSLabel)
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
private func isQualifiedPart(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy(isNameByte)
}

private let hyphen = UInt8(ascii: "-")

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
private func isLowerLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
private func isLowerAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowerLetter(byte) }
private func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowerLetter(byte | 0x20) }
private func isNameByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == hyphen || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: ".")
}

/// A rule's sentence with examples and the regular expression that stands for it.
private func sentence(_ rule: String, _ pattern: String, _ examples: [String]) -> String {
    let list = examples.map { "'\($0)', " }.joined(separator: " or ")
    return "\(rule) (e.g. \(list)regex used for validation is '\(pattern)')"
}

extension NameRule {
    private static let labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    private static let qualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

    private static let labelText = sentence(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
            + " and must start and end with an alphanumeric character",
        labelPattern, ["my-name", "123-abc"])
    private static let subdomainText = sentence(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
            + " or '.', and must start and end with an alphanumeric character",
        "\(labelPattern)(\\.\(labelPattern))*", ["example.com"])
    private static let dns1035Text = sentence(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with"
            + " an alphabetic character, and end with an alphanumeric character",
        "[a-z]([-a-z0-9]*[a-z0-9])?", ["my-name", "abc-123"])
    private static let qualifiedText = sentence(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with"
            + " an alphanumeric character",
        qualifiedPattern, ["MyName", "my.name", "123-abc"])
    private static let labelValueText = sentence(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_'"
            + " or '.', and must start and end with an alphanumeric character",
        "(\(qualifiedPattern))?", ["MyValue", "my_value", "12345"])
    private static let configMapKeyText = sentence(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        "[-._a-zA-Z0-9]+", ["key.name", "KEY_NAME", "key-name"])
    private static let environmentText = sentence(
        "a valid environment variable name must consist of alphabetic characters, digits, '_',"
            + " '-', or '.', and must not start with a digit",
        "[-._a-zA-Z][-._a-zA-Z0-9]*", ["my.env-name", "MY_ENV.NAME", "MyEnvName1"])
    private static let percentText = sentence(
        "a valid percent string must be a numeric string followed by an ending '%'",
        "[0-9]+%", ["1%", "93%"])
}
