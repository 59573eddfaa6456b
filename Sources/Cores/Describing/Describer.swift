import ResourceModel

/// Writes a description: lines with labels, tabs and values.
struct Describer {
    /// A line with what is at a path of an object.
    struct Row: Sendable {
        enum Form: Sendable {
            case plain
            /// A time, as RFC 1123 has it.
            case time
            /// `True` or `False`.
            case capital
        }

        var label: String
        var path: String
        /// What stands there if there is nothing; nil if there is to be no line then.
        var absent: String?
        var form: Form
        /// Behind the value.
        var suffix: String

        init(
            _ label: String, _ path: String, _ absent: String? = "", _ form: Form = .plain,
            suffix: String = ""
        ) {
            self.label = label
            self.path = path
            self.absent = absent
            self.form = form
            self.suffix = suffix
        }
    }

    let subject: ObjectDescription
    private var text = ""

    init(_ subject: ObjectDescription) {
        self.subject = subject
    }

    var object: JSON { subject.object }

    /// What is written, with tabs, and with nothing in it that a terminal would obey.
    var plainText: String {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { $0 == "\u{1B}" || $0 == "\r" }) else { return text }
        return scalars.reduce(into: "") { plain, scalar in
            switch scalar {
            case "\u{1B}": plain += "^["
            case "\r": plain += "\\r"
            default: plain.unicodeScalars.append(scalar)
            }
        }
    }

    /// Writes a text as it is.
    mutating func put(_ text: String) { self.text += text }

    /// Writes a line, two blanks further in for each level.
    mutating func line(_ level: Int, _ text: String) {
        put(String(repeating: "  ", count: level) + text + "\n")
    }

    /// Writes a line of cells.
    mutating func cells(_ level: Int, _ cells: [String]) {
        line(level, cells.joined(separator: "\t"))
    }

    /// Writes a line with a label.
    mutating func pair(_ level: Int, _ label: String, _ value: String) {
        line(level, label + ":\t" + value)
    }

    /// Writes lines with what is at paths of an object, the described one if none is named.
    mutating func rows(_ level: Int, _ rows: [Row], of other: JSON? = nil) {
        let source = other ?? object
        for row in rows {
            let value = source.value(at: row.path)
            let isAbsent = value == nil || row.absent == nil && value?.plain == ""
            guard !isAbsent, let value else {
                if let absent = row.absent { pair(level, row.label, absent) }
                continue
            }
            pair(level, row.label, shown(value, row.form) + row.suffix)
        }
    }

    private func shown(_ value: JSON, _ form: Row.Form) -> String {
        switch form {
        case .plain: value.plain
        case .time: time(value)
        case .capital: value == true ? "True" : "False"
        }
    }

    /// Writes a table whose headings are underlined.
    mutating func table(_ level: Int, _ headings: [String], _ rows: [[String]]) {
        cells(level, headings)
        cells(level, headings.map { String(repeating: "-", count: $0.count) })
        for row in rows { cells(level, row) }
    }

    /// A time at the reader's place, as in `Mon, 02 Jan 2006 15:04:05 +0000`.
    func time(_ value: JSON?) -> String {
        guard let seconds = value.stringValue.flatMap(Timestamp.seconds) else {
            return "Mon, 01 Jan 0001 00:00:00 +0000"
        }
        return CalendarText.rfc1123(seconds: seconds, offset: subject.clock.offset(seconds))
    }

    /// How long ago a time was.
    func age(_ value: JSON?) -> String {
        HumanDuration.age(value.stringValue, nowSeconds: subject.clock.nowSeconds)
    }
}

/// Dates as mail has them.
enum CalendarText {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter offset: how many seconds the clock is ahead of UTC.
    static func rfc1123(seconds: Int64, offset: Int64) -> String {
        let local = seconds + offset
        // 2006-01-02T15:04:05Z
        let parts = Timestamp.text(seconds: local).split { "-T:Z".contains($0) }.map(String.init)
        let day = (local - ((local % 86_400) + 86_400) % 86_400) / 86_400
        let weekday = days[Int(((day % 7) + 7) % 7)]
        let month = months[(Int(parts[1]) ?? 1) - 1]
        let minutes = offset.magnitude / 60
        let zone = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        let clock = parts[3...5].joined(separator: ":")
        let date = "\(weekday), \(parts[2]) \(month) \(parts[0])"
        return "\(date) \(clock) \(offset < 0 ? "-" : "+")\(zone)"
    }
}

extension JSON {
    /// A text as it is, anything else as JSON has it.
    var plain: String { stringValue ?? encodedText }

    /// The members in the order of their names.
    var sortedMembers: [JSONObject.Member] {
        (objectValue?.members ?? []).sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
    }

    /// The items at a path; none if there is no list.
    func items(_ path: String) -> [JSON] { value(at: path).arrayValue ?? [] }

    /// What is at a path, as text; empty if there is nothing.
    func text(_ path: String) -> String { value(at: path)?.plain ?? "" }

    /// The number at a path; 0 if there is none.
    func count(_ path: String) -> Int64 { value(at: path).integerValue ?? 0 }

    /// The texts in the list at a path.
    func texts(_ path: String) -> [String] { items(path).map(\.plain) }
}

extension String {
    /// The text, or another one if it is empty.
    func or(_ other: String) -> String { isEmpty ? other : self }
}
