/// Lines of cells in columns, aligned as kubectl aligns them.
package struct PrintedTable: Sendable {
    /// The heading of each column; not shown if empty.
    package var names: [String]
    /// As many cells as there are columns.
    package var rows: [[String]]

    /// Makes a table.
    package init(names: [String], rows: [[String]] = []) {
        self.names = names
        self.rows = rows
    }

    /// The lines. Columns are as wide as their widest cell and three blanks, and the last cell of
    /// a line has nothing behind it. Rows that are shown later can keep to the same `widths`.
    package func lines(_ widths: inout [Int], hasNames: Bool = true) -> [String] {
        let all = (hasNames ? [names] : []) + rows
        for row in all {
            for (column, cell) in row.dropLast().enumerated() {
                if column == widths.count { widths.append(Self.widthMin) }
                widths[column] = max(widths[column], cell.count + Self.gap)
            }
        }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column + 1 < row.count else { break }
                line += String(repeating: " ", count: widths[column] - cell.count)
            }
            return line
        }
    }

    /// The lines of a table that stands alone.
    package var lines: [String] {
        var widths: [Int] = []
        return lines(&widths)
    }

    /// The fewest characters of a column but the last, its gap included.
    private static let widthMin = 6
    /// The blanks between two columns.
    private static let gap = 3
}
