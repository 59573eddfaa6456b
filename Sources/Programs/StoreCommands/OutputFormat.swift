internal import EtcdAPI

/// How etcdctl prints answers.
package enum OutputFormat: String, CaseIterable, Sendable {
    case simple
    case table
    case json
    case fields
}

/// A table as etcdctl draws it: names centred, cells flush right.
struct TextTable {
    var names: [String]
    var rows: [[String]] = []

    /// The lines of the table.
    var lines: [String] {
        let widths = names.indices.map { column in
            ([names] + rows).map { $0[column].count }.max() ?? 0
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) + "+" }.joined()
        let head = zip(names, widths).map(Self.centred)
        let body = rows.map { row in Self.line(zip(row, widths).map(Self.flushRight)) }
        return [rule, Self.line(head), rule] + body + [rule]
    }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let free = width - text.count
        return spaces(free / 2) + text + spaces(free - free / 2)
    }

    private static func flushRight(_ text: String, _ width: Int) -> String {
        spaces(width - text.count) + text
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}

/// Members of a JSON object in order; as in etcdctl, what is zero, false or empty is left out
/// unless the call says otherwise.
struct JSONFields {
    private var fields: [String] = []

    /// The object.
    var text: String { "{" + fields.joined(separator: ",") + "}" }

    mutating func add(_ name: String, _ number: some BinaryInteger) {
        if number != 0 { addRaw(name, "\(number)") }
    }

    mutating func add(_ name: String, _ flag: Bool) {
        if flag { addRaw(name, "true") }
    }

    mutating func add(_ name: String, _ text: String) {
        if !text.isEmpty { addRaw(name, Self.quoted(text)) }
    }

    mutating func add(_ name: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        addRaw(name, "[" + texts.map(Self.quoted).joined(separator: ",") + "]")
    }

    /// Adds what is JSON already, whatever it is.
    mutating func addRaw(_ name: String, _ json: String) {
        fields.append("\(Self.quoted(name)):\(json)")
    }

    /// A JSON string, with Go's care for HTML.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "<", ">", "&", "\u{0}"..."\u{1F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension WireHeader {
    /// As JSON.
    var json: String {
        var fields = JSONFields()
        fields.add("cluster_id", clusterID)
        fields.add("member_id", memberID)
        fields.add("revision", revision)
        fields.add("raft_term", term)
        return fields.text
    }

    /// As lines of the format `fields`.
    func fieldLines(_ hex: Bool) -> [String] {
        [
            "\"ClusterID\" : \(number(clusterID, hex))", "\"MemberID\" : \(number(memberID, hex))",
            "\"Revision\" : \(revision)", "\"RaftTerm\" : \(term)",
        ]
    }
}

/// A member's or a cluster's number.
func number(_ id: UInt64, _ hex: Bool) -> String { String(id, radix: hex ? 16 : 10) }

/// Bytes with a unit of thousands, as etcdctl shows sizes: `20 kB`, `1.2 MB`.
func sizeText(_ bytes: Int64) -> String {
    guard bytes >= 10 else { return "\(bytes) B" }
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1_000, unit + 1 < units.count {
        value /= 1_000
        unit += 1
    }
    let tenths = (value * 10 + 0.5).rounded(.down)
    let whole = Int64((tenths / 10).rounded(.toNearestOrEven))
    let text = tenths < 100 ? "\(Int64(tenths) / 10).\(Int64(tenths) % 10)" : "\(whole)"
    return "\(text) \(units[unit])"
}
