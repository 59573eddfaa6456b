/// Reads values as etcd's flag library does.
enum GoValues {
    /// A flag's truth; nil for other words.
    static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// Nanoseconds of a duration such as `1h30m`, `1.5s` or `100ms`; nil for other texts and for
    /// what is negative or longer than 292 years.
    static func nanoseconds(_ text: String) -> Int64? {
        guard !text.isEmpty else { return nil }
        if text == "0" { return 0 }
        var rest = Substring(text)
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let count = Double(number) else { return nil }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(unit.count)
            guard let factor = factor(unit) else { return nil }
            total += count * factor
        }
        guard total < 9e18 else { return nil }
        return Int64(total)
    }

    private static func factor(_ unit: Substring) -> Double? {
        switch unit {
        case "ns": 1
        case "us", "µs", "μs": 1e3
        case "ms": 1e6
        case "s": 1e9
        case "m": 60e9
        case "h": 3_600e9
        default: nil
        }
    }
}
