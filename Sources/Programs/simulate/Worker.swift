internal import Foundation
internal import Simulator

/// A process of this program that runs seeds, so that a broken invariant, which ends the process,
/// costs one seed and not the whole run.
final class Worker {
    private let process = Process()
    private let output = Pipe()
    private var rest = Data()
    /// The seed that it is at.
    private(set) var seed: UInt64?
    /// What it printed that is no report: the words of a broken invariant, or a trace.
    private(set) var words: [String] = []

    /// Starts a process with these arguments.
    /// - Parameter isHashSeeded: whether Swift's hashes differ from process to process.
    init(_ arguments: [String], isHashSeeded: Bool = false) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_DETERMINISTIC_HASHING"] = isHashSeeded ? nil : "1"
        // Says where a trap was, and no more.
        environment["SWIFT_BACKTRACE"] =
            "enable=yes,color=no,limit=24,threads=crashed,registers=none,images=none"
        process.environment = environment
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// The next report; nil once the process has ended.
    func next() -> RunReport? {
        while let line = nextLine() {
            if let report = RunReport(line: line) { return report }
            if line.hasPrefix("begin\t") {
                seed = UInt64(line.dropFirst(6))
                words = []
            } else if words.count < 100_000 {
                words.append(line)
            }
        }
        process.waitUntilExit()
        return nil
    }

    /// Whether the process ended by itself and well.
    var hasSucceeded: Bool {
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }

    /// Ends the process.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Why the process ended, where it says so.
    var trap: String {
        let why = words.first { $0.contains("Fatal error: ") }
            ?? words.first { $0.contains("Swift runtime failure: ") }
        let place = words.first { $0.contains("0x") && $0.contains("Sources/") }
        let known = [why, place].compactMap(\.self).map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: "* "))
        }
        if !known.isEmpty { return known.joined(separator: "; ") }
        process.waitUntilExit()
        return "the process ended with status \(process.terminationStatus)"
    }

    private func nextLine() -> String? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
                rest = Data(rest[(end + 1)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty {
                guard !rest.isEmpty else { return nil }
                defer { rest = Data() }
                return String(decoding: rest, as: UTF8.self)
            }
            rest.append(more)
        }
    }
}
