package import Primitives
package import ResourceModel
internal import Synchronization

/// What a watch tells of.
package enum ObjectEvent: Sendable, Equatable {
    /// An object has come, or come into view.
    case added(JSON)
    /// An object has changed.
    case modified(JSON)
    /// An object has gone, or out of view; as it was last, with the version of its going.
    case deleted(JSON)
    /// Everything up to this version has been told.
    case bookmark(resourceVersion: Int64)
}

/// An open watch. One task reads it.
package final class ObjectWatch: Sendable {
    private let answer: any APIAnswer
    private let lines = Mutex(LineBuffer())

    init(_ answer: any APIAnswer) {
        self.answer = answer
    }

    /// The next event; nil when the server ends the watch, which it does now and then.
    /// - Throws: `.expired` if the watch has fallen behind: list again.
    package func next() async throws(APIFailure) -> ObjectEvent? {
        while true {
            if let line = lines.withLock({ $0.take() }) { return try Self.event(line) }
            guard let piece = try await answer.next() else { return nil }
            guard lines.withLock({ $0.append(piece) }) else {
                throw .serviceUnavailable("an event does not end")
            }
        }
    }

    /// Ends the watch.
    package func close() {
        answer.close()
    }

    private static func event(_ line: Bytes) throws(APIFailure) -> ObjectEvent {
        let json: JSON
        do {
            json = try JSON(parsing: line)
        } catch {
            throw .serviceUnavailable("an event is no JSON: \(error)")
        }
        let object = json["object"] ?? .null
        switch json["type"].stringValue {
        case "ADDED": return .added(object)
        case "MODIFIED": return .modified(object)
        case "DELETED": return .deleted(object)
        case "BOOKMARK":
            let version = object["metadata"]["resourceVersion"].stringValue ?? ""
            return .bookmark(resourceVersion: Int64(version) ?? 0)
        case "ERROR": throw ObjectClient.failure(500, object)
        default: throw .serviceUnavailable("an event is of no known type")
        }
    }
}

/// Cuts what arrives into lines.
package struct LineBuffer: Sendable {
    /// More than any object takes.
    private static let lineBytesMax = 16 << 20

    private var bytes: Bytes = []
    private var start = 0
    /// There is no end of a line before it.
    private var searched = 0

    /// Nothing has arrived.
    package init() {}

    /// Answers no for a line that is too long.
    package mutating func append(_ piece: Bytes) -> Bool {
        bytes.removeFirst(start)
        searched -= start
        start = 0
        bytes += piece
        return searched <= Self.lineBytesMax
    }

    /// What has come behind the last end of a line.
    package var rest: Bytes { Bytes(bytes[start...]) }

    /// The next whole line, without its end.
    package mutating func take() -> Bytes? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return nil
        }
        let line = Bytes(bytes[start..<end])
        start = end + 1
        searched = start
        return line
    }
}
