/// Times as Go writes them: `500ms`, `30s`, `1m30s`, `2h`.
enum ShortDuration {
    private static let units: [(name: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// Reads a time; a bare number counts seconds. Nil for none at all (`0`).
    /// - Throws: if the text is no time.
    static func parse(_ text: String, flag: String) throws -> Duration? {
        guard let seconds = seconds(text), seconds < 1e9 else {
            throw CommandFailure(
                "invalid argument \"\(text)\" for \"--\(flag)\" flag: "
                    + "expected a time such as 500ms, 5s or 1m30s")
        }
        return seconds == 0 ? nil : .seconds(seconds)
    }

    private static func seconds(_ text: String) -> Double? {
        if let number = Double(text) { return number }
        var rest = text[...]
        var isNegative = false
        if rest.first == "-" {
            isNegative = true
            rest.removeFirst()
        }
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits),
                let unit = units.first(where: { rest.hasPrefix($0.name) })
            else { return nil }
            rest = rest.dropFirst(unit.name.count)
            total += number * unit.seconds
        }
        return isNegative ? -total : total
    }
}
