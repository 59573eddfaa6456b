/// RFC 3339 times, as the API writes them: UTC, with whole seconds or with microseconds.
public enum Timestamp {
    /// Whole seconds, as in `2026-11-25T03:00:00Z`.
    public static func text(seconds: Int64) -> String {
        let (day, second) = seconds.quotientAndRemainderFloored(dividingBy: 86_400)
        let (year, month, dayOfMonth) = date(daysSince1970: day)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
            + ":\(padded(second % 60, 2))Z"
    }

    /// Microseconds, as in `2026-11-25T03:00:00.000001Z`.
    public static func text(microseconds: Int64) -> String {
        let (seconds, rest) = microseconds.quotientAndRemainderFloored(dividingBy: 1_000_000)
        return "\(text(seconds: seconds).dropLast()).\(padded(rest, 6))Z"
    }

    /// The seconds since 1970 that a text stands for, fractions dropped; nil if it is no time.
    public static func seconds(_ text: String) -> Int64? {
        // The wording of the error is for those who ask for it.
        try? parse(text).microseconds.quotientAndRemainderFloored(dividingBy: 1_000_000).0
    }

    /// Why a text is no time, as Go says it; nil if it is one.
    public static func problem(_ text: String) -> String? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    /// A time with its microseconds since 1970.
    struct Moment {
        var microseconds: Int64
    }

    /// Why a text is no time.
    struct Failure: Error {
        var description: String
    }

    static func parse(_ text: String) throws(Failure) -> Moment {
        let layout = "2006-01-02T15:04:05Z07:00"
        func failure(_ problem: String) -> Failure {
            Failure(
                description: "parsing time \(GoText.quoted(text)) as \(GoText.quoted(layout)): "
                    + problem)
        }
        var bytes = Array(text.utf8)[...]
        func missing(_ element: String) -> Failure {
            let rest = String(decoding: bytes, as: UTF8.self)
            return failure("cannot parse \(GoText.quoted(rest)) as \(GoText.quoted(element))")
        }
        var numbers: [Int64] = []
        for (element, end) in [
            ("2006", "-"), ("01", "-"), ("02", "T"), ("15", ":"), ("04", ":"), ("05", ""),
        ] {
            let digits = bytes.prefix(element.utf8.count)
            guard digits.count == element.utf8.count, digits.allSatisfy({ $0 &- 0x30 < 10 }) else {
                throw missing(element)
            }
            numbers.append(digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) })
            bytes = bytes.dropFirst(digits.count)
            guard bytes.starts(with: end.utf8) else { throw missing(end) }
            bytes = bytes.dropFirst(end.utf8.count)
        }
        var micros: Int64 = 0
        if bytes.first == UInt8(ascii: "."), bytes.count > 1, bytes.dropFirst().first! &- 0x30 < 10
        {
            let fraction = bytes.dropFirst().prefix { $0 &- 0x30 < 10 }
            let six = fraction.prefix(6) + Array(repeating: 0x30, count: max(0, 6 - fraction.count))
            micros = six.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            bytes = bytes.dropFirst(fraction.count + 1)
        }
        guard let offset = zone(bytes) else { throw missing("Z07:00") }
        if let part = outOfRange(numbers) {
            throw Failure(description: "parsing time \(GoText.quoted(text)): \(part) out of range")
        }
        let days = daysSince1970(year: numbers[0], month: numbers[1], day: numbers[2])
        let seconds = days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5] - offset
        return Moment(microseconds: seconds * 1_000_000 + micros)
    }

    /// The seconds that a zone is ahead of UTC; nil if the bytes are no zone.
    private static func zone(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(bytes)
        if bytes == [UInt8(ascii: "Z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-")
        else { return nil }
        let digits = [bytes[1], bytes[2], bytes[4], bytes[5]].map { Int64($0 &- 0x30) }
        guard digits.allSatisfy({ $0 < 10 }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return bytes[0] == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func outOfRange(_ numbers: [Int64]) -> String? {
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month) else { return "month" }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...days[Int(month) - 1]).contains(day) else { return "day" }
        if numbers[3] > 23 { return "hour" }
        if numbers[4] > 59 { return "minute" }
        return numbers[5] > 59 ? "second" : nil
    }

    // Both by counting years from March on, in cycles of 400 years with 146,097 days.

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (cycle, yearOfCycle) = shifted.quotientAndRemainderFloored(dividingBy: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - 719_468
    }

    private static func date(
        daysSince1970 days: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let (cycle, day) = (days + 719_468).quotientAndRemainderFloored(dividingBy: 146_097)
        let yearOfCycle = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    /// The quotient rounded down and the remainder, which is never negative.
    fileprivate func quotientAndRemainderFloored(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Durations as tables show them.
public enum HumanDuration {
    /// Two or three digits' worth of a duration, as kubectl shows it: `45s`, `3m10s`, `2d4h`.
    public static func text(seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if seconds < 120 { return "\(seconds)s" }
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        if days < 8 { return pair(days, "d", hours % 24, "h") }
        if days < 730 { return "\(days)d" }
        if days < 2920 { return pair(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }

    /// The age of what was made at a time; `<unknown>` without one.
    public static func age(_ timestamp: String?, nowSeconds: Int64) -> String {
        guard let timestamp, let seconds = Timestamp.seconds(timestamp) else { return "<unknown>" }
        return text(seconds: nowSeconds - seconds)
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ part: String)
        -> String
    {
        small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(part)"
    }
}
