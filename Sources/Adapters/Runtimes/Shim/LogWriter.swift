internal import Glibc
internal import Primitives
internal import ResourceModel

/// A container's output on its way to the log file: `TIME STREAM TAG text`, as CRI has it; the
/// tag is `F` for a whole line, `P` for a part of one.
struct LogWriter {
    enum Stream: Int, CaseIterable {
        case stdout
        case stderr

        var name: String { self == .stdout ? "stdout" : "stderr" }
    }

    /// A longer line is written in parts.
    static let partBytesMax = 16 << 10

    private let policy: LogPolicy
    private var file: Descriptor
    private var sizeBytes: Int
    /// What each stream said of a line that has not ended yet.
    private var beginnings: [Bytes] = [[], []]

    init(_ policy: LogPolicy) throws(HostFailure) {
        self.policy = policy
        if let slash = policy.path.lastIndex(of: "/") {
            try HostFiles.makeFolder(String(policy.path[..<slash]))
        }
        file = try Self.open(policy)
        sizeBytes = HostFiles.status(of: file.number).map { Int($0.st_size) } ?? 0
    }

    /// Takes what a stream said.
    mutating func take(_ bytes: ArraySlice<UInt8>, from stream: Stream, at time: Int64)
        throws(HostFailure)
    {
        var pending = beginnings[stream.rawValue]
        beginnings[stream.rawValue] = []
        let prefix = Bytes("\(LogTime.text(time)) \(stream.name) ".utf8)
        var entries = Bytes()
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                try append("F", pending, prefix, to: &entries)
                pending.removeAll(keepingCapacity: true)
                continue
            }
            pending.append(byte)
            if pending.count == Self.partBytesMax {
                try append("P", pending, prefix, to: &entries)
                pending.removeAll(keepingCapacity: true)
            }
        }
        beginnings[stream.rawValue] = pending
        try write(entries)
    }

    /// Writes what has no end of line yet.
    mutating func finish(at time: Int64) throws(HostFailure) {
        for stream in Stream.allCases where !beginnings[stream.rawValue].isEmpty {
            var entries = Bytes()
            let prefix = Bytes("\(LogTime.text(time)) \(stream.name) ".utf8)
            try append("P", beginnings[stream.rawValue], prefix, to: &entries)
            beginnings[stream.rawValue] = []
            try write(entries)
        }
    }

    /// Adds an entry to those that are to be written at once; makes room for it first.
    private mutating func append(
        _ tag: String, _ text: Bytes, _ prefix: Bytes, to entries: inout Bytes
    ) throws(HostFailure) {
        let count = prefix.count + tag.utf8.count + text.count + 2
        let used = sizeBytes + entries.count
        if used > 0, used + count > policy.sizeBytesMax {
            try write(entries)
            entries.removeAll(keepingCapacity: true)
            try rotate()
        }
        entries += prefix
        entries += tag.utf8
        entries.append(UInt8(ascii: " "))
        entries += text
        entries.append(UInt8(ascii: "\n"))
    }

    private mutating func write(_ entries: Bytes) throws(HostFailure) {
        sizeBytes += entries.count
        try HostFiles.write(entries, to: file.number, path: policy.path)
    }

    private mutating func rotate() throws(HostFailure) {
        let kept = max(1, policy.filesMax)
        for number in stride(from: kept - 1, through: 1, by: -1) {
            let older = number == 1 ? policy.path : "\(policy.path).\(number - 1)"
            // The first rotations find no older files.
            try? HostFiles.rename(older, to: "\(policy.path).\(number)")
        }
        if kept == 1 { try HostFiles.remove(policy.path) }
        file = try Self.open(policy)
        sizeBytes = 0
    }

    private static func open(_ policy: LogPolicy) throws(HostFailure) -> Descriptor {
        try HostFiles.open(policy.path, O_WRONLY | O_APPEND | O_CREAT)
    }
}

/// The times of log lines.
enum LogTime {
    /// RFC 3339 with nanoseconds, as in `2026-11-25T03:00:00.000000001Z`.
    static func text(_ nanoseconds: Int64) -> String {
        let rest = String(nanoseconds % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - rest.utf8.count)
        let seconds = Timestamp.text(seconds: nanoseconds / 1_000_000_000)
        return "\(seconds.dropLast()).\(zeros)\(rest)Z"
    }
}
