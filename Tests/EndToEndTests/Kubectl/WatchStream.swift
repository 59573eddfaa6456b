import ResourceModel

/// A watch as clients see it: an event a line.
final class WatchStream {
    /// What they look at first in an event.
    struct Event: Equatable, CustomStringConvertible {
        var type: String
        var name: String
        var version: Int64

        /// Without the version, which tests do not know.
        var description: String { "\(type) \(name)" }
    }

    private let process: ChildProcess

    /// Opens a watch by curl.
    init(_ plane: ControlPlane, _ path: String, _ options: String...) throws {
        process = try plane.open(path, options)
    }

    /// Waits for so many events.
    func events(_ count: Int) throws -> [JSON] {
        let text = try process.listen(for: "\(count) events") {
            $0.filter(\.isNewline).count >= count
        }
        return try Self.parse(text)
    }

    /// Waits until the server ends the watch, or dies.
    func rest() throws -> [JSON] { try Self.parse(try process.finish().output) }

    /// Waits for an event about an object of this name.
    func events(until name: String) throws -> [JSON] {
        try Self.parse(try process.listen(for: name) { $0.contains("\"name\":\"\(name)\"") })
    }

    /// A line that is not whole is no event.
    private static func parse(_ text: String) throws -> [JSON] {
        let whole = text.prefix(upTo: text.lastIndex(of: "\n") ?? text.startIndex)
        return try whole.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    static func summary(_ event: JSON) -> Event {
        let metadata = event["object"]["metadata"]
        return Event(
            type: event["type"].stringValue ?? "", name: metadata["name"].stringValue ?? "",
            version: Int64(metadata["resourceVersion"].stringValue ?? "") ?? 0)
    }
}
