import ResourceModel

/// What is wrong with an object, gathered in the order in which it is found.
struct Findings {
    private(set) var errors: [FieldError] = []

    /// Gathers what `check` finds.
    static func collect(_ check: (inout Findings) -> Void) -> [FieldError] {
        var findings = Findings()
        check(&findings)
        return findings.errors
    }

    mutating func required(_ path: String, _ detail: String = "") {
        errors.append(.required(path, detail))
    }

    mutating func invalid(_ path: String, _ value: JSON?, _ detail: String) {
        errors.append(.invalid(path, value ?? .null, detail))
    }

    mutating func duplicate(_ path: String, _ value: JSON?) {
        errors.append(.duplicate(path, value ?? .null))
    }

    mutating func unsupported(_ path: String, _ value: JSON?, _ supported: [String]) {
        errors.append(.notSupported(path, value ?? .null, supported))
    }

    mutating func forbidden(_ path: String, _ detail: String) {
        errors.append(.forbidden(path, detail))
    }

    mutating func notFound(_ path: String, _ value: JSON?) {
        errors.append(.notFound(path, value ?? .null))
    }

    mutating func tooLong(_ path: String, bytesMax: Int) {
        errors.append(.tooLong(path, bytesMax: bytesMax))
    }

    mutating func tooMany(_ path: String, _ count: Int, most countMax: Int) {
        errors.append(.tooMany(path, count: count, countMax: countMax))
    }

    /// What cannot be changed is as it was.
    mutating func immutable(_ path: String, _ value: JSON?, was old: JSON?) {
        if value != old { errors.append(.immutable(path, value ?? .null)) }
    }

    /// A text that keeps a rule; an absent or empty one is not looked at.
    mutating func form(_ path: String, _ value: JSON?, _ rule: NameRule) {
        guard let text = value.stringValue, !text.isEmpty else { return }
        for problem in rule.problems(text) { invalid(path, value, problem) }
    }

    /// A text that must be there and keep a rule.
    mutating func requiredForm(_ path: String, _ value: JSON?, _ rule: NameRule) {
        if value.isUnset { required(path) }
        form(path, value, rule)
    }

    /// A whole number within bounds; an absent one is not looked at.
    mutating func range(_ path: String, _ value: JSON?, _ bounds: ClosedRange<Int64>) {
        guard let number = value.integerValue, !bounds.contains(number) else { return }
        let text = "must be between \(bounds.lowerBound) and \(bounds.upperBound), inclusive"
        invalid(path, value, text)
    }

    /// A whole number that is not negative; an absent one is not looked at.
    mutating func notNegative(_ path: String, _ value: JSON?) {
        guard let number = value.integerValue, number < 0 else { return }
        invalid(path, value, "must be greater than or equal to 0")
    }

    /// A number or a percentage, not negative; an absent one is not looked at.
    mutating func share(_ path: String, _ value: JSON?, percentMax: Int64?) {
        notNegative(path, value)
        form(path, value, .percent)
        if let percentMax, let percent = value.percent, percent > percentMax {
            invalid(path, value, "must not be greater than \(percentMax)%")
        }
    }

    /// Texts that must differ; absent and empty ones are not looked at.
    mutating func distinct(_ values: [(path: String, value: JSON?)]) {
        var seen: Set<String> = []
        for (path, value) in values where !value.isUnset {
            if !seen.insert(value.stringValue ?? "").inserted { duplicate(path, value) }
        }
    }
}

extension JSON? {
    /// Whether there is nothing, an empty text or a zero: what Go cannot tell from absence.
    var isUnset: Bool {
        switch self {
        case nil, .null, .string(""), .integer(0): true
        default: false
        }
    }

    /// The number before a percent sign.
    var percent: Int64? {
        guard let text = stringValue, text.hasSuffix("%") else { return nil }
        return Int64(text.dropLast())
    }

    /// Whether this is 0 or 0%.
    var isZeroShare: Bool { self == 0 || percent == 0 }
}

extension JSON {
    /// Sets the value at a path if there is none.
    mutating func setDefault(_ value: JSON, at path: String) {
        if self.value(at: path) == nil { setValue(value, at: path) }
    }
}

/// The ports that there are.
let portRange: ClosedRange<Int64> = 1...65_535
