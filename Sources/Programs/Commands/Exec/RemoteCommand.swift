internal import ClusterAccess
internal import HTTPClient
internal import Primitives
internal import Transport

/// A command in a container that talks over a WebSocket. For one thread, which waits at
/// `descriptor`.
final class RemoteCommand {
    private let connection: UpgradedConnection
    private var socket: WebSocketClient
    private var channels = CommandChannels()

    /// Connects and has the command started.
    /// - Parameter path: with its query; `/api/v1/namespaces/N/pods/P/exec?command=…`.
    init(_ client: ClusterClient, _ path: String) throws {
        socket = WebSocketClient(
            offering: CommandChannels.subprotocols, entropy: SystemRandomNumberGenerator())
        let connection = try client.upgrade(
            path, headers: socket.headers.map { HTTPHeader($0.name, $0.value) })
        self.connection = connection
        do {
            try socket.accept { connection.head[$0] }
        } catch {
            throw HTTPFailure.lost("the server speaks no protocol for commands: \(error)")
        }
    }

    /// What to wait at: for readability always, for writability if `hasUnsent`.
    var descriptor: Int32 { connection.descriptor }

    /// Whether something waits for room.
    var hasUnsent: Bool { connection.hasUnsent }

    /// Gives the command input, which must not be empty.
    func send(input: Bytes) { send(CommandChannels.message(.input, input)) }

    /// Tells the command that no more input comes; older servers cannot be told.
    func endInput() {
        guard socket.subprotocol == CommandChannels.subprotocols[0] else { return }
        send(CommandChannels.endOfInput)
    }

    /// Tells the command the size of its terminal.
    func resize(columns: Int, rows: Int) {
        send(CommandChannels.terminalSize(columns: columns, rows: rows))
    }

    /// Sends what there is room for, and answers with what has come.
    func exchange() throws -> [CommandChannels.Event] {
        try connection.flush()
        var events: [CommandChannels.Event] = []
        while !channels.isOver, let bytes = try connection.receive() {
            guard !bytes.isEmpty else { throw HTTPFailure.lost("the command is out of reach") }
            for event in try socket.take(bytes) {
                switch event {
                case .ping(let payload): connection.send(socket.frame(.pong, payload))
                case .pong: break
                case .close: events += channels.close()
                case .data(let bytes, let begins, let ends):
                    events += channels.take(bytes, begins: begins, ends: ends)
                }
            }
        }
        if channels.isOver { connection.send(socket.close(.normal)) }
        try connection.flush()
        return events
    }

    private func send(_ message: Bytes) {
        connection.send(socket.frame(.binary, message))
    }
}
