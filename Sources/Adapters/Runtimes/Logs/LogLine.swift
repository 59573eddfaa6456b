internal import Primitives
internal import ResourceModel

/// A line of a log file.
struct LogLine: Equatable {
    /// As it stands there.
    var time: ArraySlice<UInt8>
    /// Whether it was said on standard error.
    var isError: Bool
    /// Whether it is the whole line or its end.
    var isWhole: Bool
    var text: ArraySlice<UInt8>

    /// Reads `TIME STREAM TAG TEXT`, without the end of the line; nil if it is nothing of the
    /// kind.
    init?(_ line: ArraySlice<UInt8>) {
        let parts = line.split(
            separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].count == 1 else { return nil }
        time = parts[0]
        isError = parts[1].elementsEqual("stderr".utf8)
        isWhole = parts[2].first == UInt8(ascii: "F")
        text = parts[3]
    }

    /// Nanoseconds since 1970; nil if it is no time.
    var nanoseconds: Int64? {
        let text = String(decoding: time, as: UTF8.self)
        guard let seconds = Timestamp.seconds(text) else { return nil }
        guard let point = text.firstIndex(of: ".") else { return seconds * 1_000_000_000 }
        let digits = text[point...].dropFirst().prefix { $0.isNumber }.prefix(9)
        let fraction = Int64(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        return seconds * 1_000_000_000 + fraction
    }
}
