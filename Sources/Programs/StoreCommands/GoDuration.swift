internal import NIOCore

/// Durations as etcdctl reads and writes them.
enum GoDuration {
    /// Reads `5s`, `1m30s`, `1.5h`, `100ms`; nil for other texts and for what is not positive.
    static func parse(_ text: String) -> TimeAmount? {
        var rest = Substring(text)
        var nanoseconds = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let count = Double(number) else { return nil }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(unit.count)
            guard let factor = units[String(unit)] else { return nil }
            nanoseconds += count * factor
        }
        guard nanoseconds >= 1, nanoseconds < 9e18 else { return nil }
        return .nanoseconds(Int64(nanoseconds))
    }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3_600e9,
    ]

    /// Writes the largest unit below a minute that fits, as `1.5ms`, `250µs` or `5.000546762s`.
    static func text(_ duration: TimeAmount) -> String {
        let nanoseconds = duration.nanoseconds
        switch nanoseconds {
        case ..<1_000: return "\(nanoseconds)ns"
        case ..<1_000_000: return decimal(nanoseconds, 3) + "µs"
        case ..<1_000_000_000: return decimal(nanoseconds, 6) + "ms"
        default: return decimal(nanoseconds, 9) + "s"
        }
    }

    /// The number with its last `digits` digits behind the point, without zeros at the end.
    private static func decimal(_ number: Int64, _ digits: Int) -> String {
        var text = String(number)
        let whole = text.dropLast(digits)
        var fraction = text.suffix(digits)
        while fraction.last == "0" { fraction.removeLast() }
        text = whole.isEmpty ? "0" : String(whole)
        return fraction.isEmpty ? text : "\(text).\(fraction)"
    }
}
