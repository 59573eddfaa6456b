internal import Printing
internal import ResourceModel

/// Rows of one kind as a server tabulates them, and which of their columns are shown.
struct ServerTable {
    static let accept =
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

    /// What is shown beside the server's columns.
    struct Extras {
        var isWide = false
        var hasNamespaces = false
        var hasLabels = false
        var labelColumns: [String] = []
        /// In front of names, as in `pod/`.
        var namePrefix = ""
    }

    private(set) var columns: [JSON]
    private(set) var rows: [JSON]

    /// - Parameter answer: a Table, or an object where the server makes no table of it.
    init(_ answer: JSON) {
        columns = answer["columnDefinitions"].arrayValue ?? []
        rows = answer["rows"].arrayValue ?? []
    }

    /// Adds the rows of a later page or of another object.
    mutating func append(_ other: ServerTable) {
        if columns.isEmpty { columns = other.columns }
        rows += other.rows
    }

    /// Puts the rows in the order of what a path finds in their objects.
    mutating func sort(by path: JSONPath) {
        rows = ObjectOrder.sorted(rows, by: path) { $0["object"] ?? .null }
    }

    func printed(_ extras: Extras) -> PrintedTable {
        let shown = columns.indices.filter {
            extras.isWide || (columns[$0]["priority"].integerValue ?? 0) == 0
        }
        var names = shown.map { columns[$0]["name"].stringValue?.uppercased() ?? "" }
        if extras.hasNamespaces { names.insert("NAMESPACE", at: 0) }
        names += extras.labelColumns.map { label in
            (label.split(separator: "/").last.map(String.init) ?? label).uppercased()
        }
        if extras.hasLabels { names.append("LABELS") }
        return PrintedTable(names: names, rows: rows.map { cells($0, shown, extras) })
    }

    private func cells(_ row: JSON, _ shown: [Int], _ extras: Extras) -> [String] {
        let metadata = row["object"]["metadata"]
        let labels = metadata["labels"].objectValue?.members ?? []
        var cells: [String] = []
        if extras.hasNamespaces { cells.append(metadata["namespace"].stringValue ?? "") }
        for (position, column) in shown.enumerated() {
            let cell = Self.text(row["cells"][column] ?? .null)
            cells.append(position == 0 ? extras.namePrefix + cell : cell)
        }
        cells += extras.labelColumns.map { label in
            labels.first { $0.name == label }?.value.stringValue ?? ""
        }
        if extras.hasLabels { cells.append(LabelText.joined(labels, separator: ",")) }
        return cells
    }

    /// A cell on one line, with nothing in it that a terminal would obey.
    private static func text(_ cell: JSON) -> String {
        guard case .string(let text) = cell else { return cell.isNull ? "" : cell.goText }
        let line = text.prefix { !"\n\r\u{C}".contains($0) }
        let plain = line.unicodeScalars.map { $0.value < 0x20 && $0 != "\t" ? "^" : String($0) }
        return plain.joined() + (line.endIndex == text.endIndex ? "" : "...")
    }
}

/// Labels as text.
enum LabelText {
    static func joined(_ labels: [JSONObject.Member], separator: String) -> String {
        guard !labels.isEmpty else { return "<none>" }
        return labels.sorted { $0.name < $1.name }
            .map { $0.name + "=" + ($0.value.stringValue ?? "") }.joined(separator: separator)
    }
}

/// `--sort-by`.
enum ObjectOrder {
    static func path(_ text: String) throws -> JSONPath {
        do {
            return try JSONPath(relaxed: text)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// What has no value at the path comes first, as do values that cannot be compared.
    static func sorted<Element>(
        _ elements: [Element], by path: JSONPath, object: (Element) -> JSON
    ) -> [Element] {
        let keyed = elements.enumerated().map { place, element in
            (key: path.values(in: object(element)).first, place: place)
        }
        return keyed.sorted { left, right in
            switch (left.key, right.key) {
            case (nil, nil): return left.place < right.place
            case (nil, _): return true
            case (_, nil): return false
            case (let a?, let b?):
                let order = a.printedOrder(b) ?? 0
                return order == 0 ? left.place < right.place : order < 0
            }
        }.map { elements[$0.place] }
    }
}
