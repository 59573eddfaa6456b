internal import Primitives
internal import ResourceModel
internal import Transport

/// A client and a process that talk over a WebSocket, as `channel.k8s.io` has it: the first byte
/// of a message names its channel.
struct CommandConversation: Sendable {
    /// What is spoken, the newest first. Only v5 can tell that input ends.
    static let subprotocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
    /// Bytes of a message about the terminal at most; a longer one is passed over.
    private static let sizeBytesMax = 1_024

    private enum Channel: UInt8 {
        case input = 0
        case output = 1
        case errors = 2
        case status = 3
        case terminalSize = 4
        /// Its message names a channel that has ended.
        case end = 255
    }

    let socket: WebSocket
    let process: any PodProcess
    let streams: PodStreamSet

    /// Runs until the process has ended and the client knows, or until either has gone; no
    /// process is left behind.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await tell() }
            group.addTask { await listen() }
            // While the process takes no input nobody listens: who has gone is noticed here.
            group.addTask { await socket.ended() }
            await group.next()
            process.end()
            socket.close(.goingAway)
            group.cancelAll()
        }
    }

    /// Tells what the process says, and how it ends.
    private func tell() async {
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await tell(.stdout, on: streams.hasOutput ? .output : nil) }
                group.addTask { try await tell(.stderr, on: streams.hasErrors ? .errors : nil) }
                try await group.waitForAll()
            }
            let status = Self.status(exitCode: try await process.exitCode())
            try await socket.send([Channel.status.rawValue] + status.encoded)
            socket.close(.normal)
        } catch is WebSocketGone {
            // Nobody is there to be told.
        } catch is CancellationError {
            socket.close(.goingAway)
        } catch {
            await Self.refuse(.internalError("\(error)"), socket)
        }
    }

    private func tell(_ output: PodOutput, on channel: Channel?) async throws {
        try await process.pass(output) { bytes in
            guard let channel else { return }
            try await socket.send([channel.rawValue] + bytes)
        }
    }

    /// Tells a client why there is no process to talk to.
    static func refuse(_ failure: APIFailure, _ socket: WebSocket) async {
        // A client that has gone does not mind.
        try? await socket.send([Channel.status.rawValue] + failure.status.encoded)
        socket.close(.normal)
    }

    /// What Kubernetes calls the end of a process.
    static func status(exitCode code: Int32) -> JSON {
        guard code != 0 else { return ["metadata": [:], "status": "Success"] }
        return [
            "metadata": [:], "status": "Failure", "reason": "NonZeroExitCode",
            "message": .string("command terminated with exit code \(code)"),
            "details": ["causes": [["reason": "ExitCode", "message": .string("\(code)")]]],
        ]
    }

    /// Passes on what the client says, until it says no more.
    private func listen() async {
        var channel: Channel?
        var gathered: Bytes = []
        var takesInput = streams.hasInput
        do {
            while var piece = try await socket.next() {
                if piece.begins {
                    channel = nil
                    gathered = []
                }
                // A message may begin with a piece of nothing.
                if channel == nil, let first = piece.bytes.first {
                    channel = Channel(rawValue: first) ?? .status
                    piece.bytes.removeFirst()
                }
                switch channel {
                case .input where takesInput: takesInput = await give(piece.bytes)
                case .terminalSize, .end:
                    let room = Self.sizeBytesMax - gathered.count
                    gathered += piece.bytes.prefix(room)
                    guard piece.ends else { continue }
                    if channel == .terminalSize {
                        resize(gathered)
                    } else if gathered == [Channel.input.rawValue], takesInput {
                        takesInput = false
                        // It may have closed it itself.
                        try? await process.closeInput()
                    }
                default: break
                }
            }
        } catch {
            // Cancelled: the conversation is over.
        }
    }

    /// Gives the process input; answers whether it takes more.
    private func give(_ bytes: Bytes) async -> Bool {
        do {
            try await process.write(bytes)
            return true
        } catch {
            return false
        }
    }

    private func resize(_ message: Bytes) {
        // What is no size changes none.
        guard let json = try? JSON(parsing: message),
            let columns = json["Width"].integerValue.flatMap({ UInt16(exactly: $0) }),
            let rows = json["Height"].integerValue.flatMap({ UInt16(exactly: $0) })
        else { return }
        process.resize(columns: columns, rows: rows)
    }
}
