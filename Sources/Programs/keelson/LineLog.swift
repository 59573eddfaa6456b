internal import Glibc
internal import Logging

/// Writes a line for each message to standard error: time, level, message, facts as `name=value`.
///
/// SAFETY: the C functions are given buffers with their sizes and keep none of them.
struct LineLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var text = "\(Self.time()) \(Self.name(event.level)) \(event.message)"
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            text += " \(name)=\(Self.quoted("\(value)"))"
        }
        if let error = event.error { text += " error=\(Self.quoted("\(error)"))" }
        text += "\n"
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count)
            }
            // Nobody can be told that the log cannot be written.
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error: "error"
        case .critical: "fatal"
        }
    }

    /// In quotes where it could be taken for more than one word.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
        if isPlain, !text.isEmpty { return text }
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": quoted += "\\\(character)"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }

    private static func time() -> String {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        var parts = unsafe tm()
        _ = unsafe gmtime_r(&now.tv_sec, &parts)
        func digits(_ number: some BinaryInteger, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = unsafe [
            digits(parts.tm_year + 1_900, 4), digits(parts.tm_mon + 1, 2),
            digits(parts.tm_mday, 2),
        ].joined(separator: "-")
        let clock = unsafe [
            digits(parts.tm_hour, 2), digits(parts.tm_min, 2), digits(parts.tm_sec, 2),
        ].joined(separator: ":")
        return "\(date)T\(clock).\(digits(now.tv_nsec / 1_000_000, 3))Z"
    }
}

extension LineLog {
    /// A logger that writes to standard error from a level on, named as etcd does.
    static func logger(level: String) -> Logger {
        var log = Logger(label: "keelson") { _ in LineLog() }
        log.logLevel = self.level(level)
        return log
    }

    /// etcd's names of levels.
    private static func level(_ name: String) -> Logger.Level {
        switch name {
        case "debug": .debug
        case "warn": .warning
        case "error", "dpanic", "panic", "fatal": .error
        default: .info
        }
    }
}
