/// Tabs as Go's text/tabwriter sets them for kubectl: a cell that ends with a tab is as wide as
/// the widest of its column in the lines right above and below that have that column too.
package enum AlignedText {
    /// Blanks behind the widest cell of a column.
    private static let gap = 2

    private struct Cell {
        var bytes: ArraySlice<UInt8>
        var width: Int

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            // Continuation bytes of UTF-8 take no place.
            width = bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        }
    }

    /// The text with blanks in place of its tabs.
    package static func aligned(_ text: String) -> String {
        let lines = Array(text.utf8).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).map { line in
            line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                .map(Cell.init)
        }
        let widths = widths(of: lines)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 2)
        for (row, line) in lines.enumerated() {
            if row > 0 { bytes.append(UInt8(ascii: "\n")) }
            for (column, cell) in line.enumerated() {
                bytes += cell.bytes
                guard column + 1 < line.count else { break }
                let blanks = widths[row][column] - cell.width
                bytes += repeatElement(UInt8(ascii: " "), count: blanks)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// For each line the widths of the cells that end with a tab.
    private static func widths(of lines: [[Cell]]) -> [[Int]] {
        var widths = lines.map { Array(repeating: 0, count: $0.count - 1) }
        for column in 0..<(widths.map(\.count).max() ?? 0) {
            var start = 0
            while start < lines.count {
                guard widths[start].count > column else {
                    start += 1
                    continue
                }
                var end = start
                var widest = 0
                while end < lines.count, widths[end].count > column {
                    widest = max(widest, lines[end][column].width)
                    end += 1
                }
                for row in start..<end { widths[row][column] = widest + gap }
                start = end
            }
        }
        return widths
    }
}
