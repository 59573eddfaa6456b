internal import Primitives

/// A segment's file name: its number in the log and the index that its first entry would have if
/// nothing were replaced, both in hexadecimal, such as `0000001f-00000000000003e9.wal`.
struct SegmentName: Equatable {
    var sequence: UInt32
    var firstIndex: LogIndex

    init(sequence: UInt32, firstIndex: LogIndex) {
        self.sequence = sequence
        self.firstIndex = firstIndex
    }

    /// Reads a name; nil if it is not one of a segment.
    init?(_ text: String) {
        guard text.hasSuffix(Self.suffix) else { return nil }
        let parts = text.dropLast(Self.suffix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt32(parts[0], radix: 16),
            let firstIndex = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(sequence: sequence, firstIndex: LogIndex(firstIndex))
        guard self.text == text else { return nil }
    }

    var text: String {
        Self.digits(UInt64(sequence), 8) + "-" + Self.digits(firstIndex.rawValue, 16) + Self.suffix
    }

    private static let suffix = ".wal"

    private static func digits(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A segment file of an open log.
struct Segment {
    let name: SegmentName
    let sizeBytes: Int
    /// The highest index of any entry that was ever written to it; zero for none.
    var highestIndex: LogIndex
}
