package import Primitives
internal import ResourceModel

/// What a client hears on the channels of a command in a container, as `channel.k8s.io` has it:
/// the first byte of a message names its channel.
package struct CommandChannels: Sendable {
    /// What comes from the command.
    package enum Event: Sendable, Equatable {
        /// It has said something.
        case output(Bytes)
        /// It has said something on its standard error.
        case errors(Bytes)
        /// It has ended; with its exit code.
        case exited(Int32)
        /// It could not be run, or not to its end; why.
        case failed(String)
    }

    /// What is spoken, the best first. Only v5 can tell that input ends.
    package static let subprotocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
    /// Of the message about the end; what is behind that is passed over.
    private static let statusBytesMax = 1 << 20

    /// The first byte of a message.
    package enum Channel: UInt8, Sendable {
        /// What the command reads.
        case input = 0
        /// What it says.
        case output = 1
        /// What it says on its standard error.
        case errors = 2
        /// How it ended; the last message.
        case status = 3
        /// The size of its terminal.
        case terminalSize = 4
        /// Its message names a channel that has ended.
        case end = 255
    }

    private var channel: Channel?
    private var status: Bytes = []
    /// Nothing more will be heard.
    package private(set) var isOver = false

    /// Has heard nothing.
    package init() {}

    /// A message on a channel.
    package static func message(_ channel: Channel, _ bytes: Bytes) -> Bytes {
        [channel.rawValue] + bytes
    }

    /// The message that tells that no more input comes.
    package static let endOfInput = message(.end, [Channel.input.rawValue])

    /// The message that tells the size of the terminal.
    package static func terminalSize(columns: Int, rows: Int) -> Bytes {
        let size: JSON = ["Width": .integer(Int64(columns)), "Height": .integer(Int64(rows))]
        return message(.terminalSize, size.encoded)
    }

    /// Takes a part of a message.
    package mutating func take(_ bytes: Bytes, begins: Bool, ends: Bool) -> [Event] {
        var bytes = bytes[...]
        if begins { channel = nil }
        // A message may begin with a piece of nothing.
        if channel == nil, let first = bytes.popFirst() {
            channel = Channel(rawValue: first) ?? .end
        }
        switch channel {
        case .output where !bytes.isEmpty: return [.output(Bytes(bytes))]
        case .errors where !bytes.isEmpty: return [.errors(Bytes(bytes))]
        case .status:
            status += bytes.prefix(Self.statusBytesMax - status.count)
            guard ends else { return [] }
            isOver = true
            return [Self.outcome(status)]
        default: return []
        }
    }

    /// The server says no more.
    package mutating func close() -> [Event] {
        guard !isOver else { return [] }
        isOver = true
        return [.failed("the server did not say how the command ended")]
    }

    /// What a message about the end says.
    private static func outcome(_ status: Bytes) -> Event {
        // Whatever it is, it is shown.
        guard let json = try? JSON(parsing: status) else {
            return .failed(String(decoding: status.prefix(2_000), as: UTF8.self))
        }
        if json["status"] == "Success" { return .exited(0) }
        let causes = json["details"]["causes"].arrayValue ?? []
        let code = causes.first { $0["reason"] == "ExitCode" }?["message"].stringValue
        if json["reason"] == "NonZeroExitCode", let code = code.flatMap({ Int32($0) }) {
            return .exited(code)
        }
        return .failed(json["message"].stringValue ?? "the command failed")
    }
}
