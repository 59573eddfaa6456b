internal import Foundation
internal import Synchronization

/// The streams of the process.
enum Standard {
    /// Whether somebody looks at a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether output may be coloured.
    static var isColoured: Bool {
        isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
            && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Says lines.
    static func say(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.joined(separator: "\n") + "\n")
    }

    /// Says a line.
    static func say(_ line: String) {
        write(line + "\n")
    }

    /// Says a text without an end of line. Who no longer listens ends the process, as a signal
    /// would.
    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    static func write(_ bytes: [UInt8]) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            exit(141)
        }
    }

    /// Says a line on standard error.
    static func complain(_ line: String) {
        complain(Array((line + "\n").utf8))
    }

    static func complain(_ bytes: [UInt8]) {
        // Nobody is there to be told that nobody listens.
        try? FileHandle.standardError.write(contentsOf: Data(bytes))
    }

    /// A file's bytes; `-` stands for standard input.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("open \(path): no such file or directory")
        }
        do {
            let file = FileHandle(forReadingAtPath: path)
            guard let data = try file?.readToEnd() ?? (file == nil ? nil : Data()) else {
                throw CommandFailure("open \(path): permission denied")
            }
            return [UInt8](data)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("read \(path): it is no file that can be read")
        }
    }

    /// A variable of the environment; nil if it is empty.
    static func variable(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name]
        return value == "" ? nil : value
    }

    /// Does nothing for a while.
    static func pause(_ duration: Duration) {
        Thread.sleep(forTimeInterval: duration / .seconds(1))
    }

    /// Seconds since 1970.
    static var nowSeconds: Int64 { Int64(Date().timeIntervalSince1970) }
}
