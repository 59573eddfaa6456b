/// Times in cron's five columns: minute, hour, day of the month, month, day of the week.
enum CronSchedule {
    private struct Column {
        var name: String
        var bounds: ClosedRange<Int>
        var names: [String] = []
    }

    private static let columns = [
        Column(name: "minute", bounds: 0...59),
        Column(name: "hour", bounds: 0...23),
        Column(name: "day of month", bounds: 1...31),
        Column(
            name: "month", bounds: 1...12,
            names: [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ]),
        Column(
            name: "day of week", bounds: 0...6,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static let words: Set<String> = [
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]

    /// What is wrong with a schedule; nil if it is right.
    static func problem(in text: String) -> String? {
        if text.hasPrefix("@") {
            let isEvery = text.hasPrefix("@every ") && text.utf8.count > 7
            return words.contains(text) || isEvery ? nil : "unrecognized descriptor: \(text)"
        }
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == columns.count else {
            return "expected exactly \(columns.count) fields, found \(parts.count): [\(text)]"
        }
        for (part, column) in zip(parts, columns) {
            for item in part.split(separator: ",", omittingEmptySubsequences: false) {
                if let problem = problem(in: item, of: column) { return problem }
            }
        }
        return nil
    }

    /// One item of a column: `*`, `?`, a number or a range, with or without a step.
    private static func problem(in item: Substring, of column: Column) -> String? {
        let steps = item.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count <= 2 else { return "too many slashes: \(item)" }
        if steps.count == 2, (Int(steps[1]) ?? 0) < 1 {
            return "step of \(column.name) should be a positive number: \(item)"
        }
        if steps[0] == "*" || steps[0] == "?" { return nil }
        let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { return "too many hyphens: \(item)" }
        let numbers = ends.compactMap { number($0, of: column) }
        guard numbers.count == ends.count else {
            return "failed to parse \(column.name) from \(item)"
        }
        for number in numbers where !column.bounds.contains(number) {
            let (low, high) = (column.bounds.lowerBound, column.bounds.upperBound)
            return "\(column.name) \(number) is not between \(low) and \(high): \(item)"
        }
        if numbers.count == 2, numbers[0] > numbers[1] {
            return "beginning of range (\(numbers[0])) beyond end of range (\(numbers[1])): \(item)"
        }
        return nil
    }

    private static func number(_ text: Substring, of column: Column) -> Int? {
        if let place = column.names.firstIndex(of: text.lowercased()) {
            return place + column.bounds.lowerBound
        }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
