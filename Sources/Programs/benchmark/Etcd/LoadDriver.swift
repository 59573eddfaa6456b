import Glibc
import Primitives

/// What a client's message is sent with.
enum LoadFill {
    case filled(Int)
    case ended(Int)
    case deferred
}

/// Decides what the clients do.
protocol LoadPattern: AnyObject {
    /// A client's call is over, at the driver's `readTime`.
    func finished(_ client: Int)
    /// Part of an answer has come.
    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer)
}

/// Many clients on few connections, on one thread: sends their calls and tells a pattern of the
/// answers.
///
/// SAFETY: bytes that the sessions hand over are used, and their buffers filled, only during the
/// call, and within the given counts; the scratch buffer belongs to this object.
@safe
final class LoadDriver {
    /// Clients on one connection, as etcd's own benchmark tool has it.
    static let clientsPerConnection = 10

    private(set) var connections: [LoadConnection] = []
    private(set) var streams: [LoadStream] = []
    /// When the bytes that are being looked at were read.
    var readTime: Int64 = 0
    /// Why the run cannot go on.
    private(set) var failure: String?
    /// The first message that came with an error.
    private(set) var firstMessage: String?
    /// Let go of in `close`.
    var pattern: (any LoadPattern)?
    private let headers = LoadHeaders()
    private let poller: Poller
    private var dirty: [LoadConnection] = []
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 256 << 10, alignment: 16)

    /// Connects `clients` clients, the connections spread over the members at `ports`, with TLS
    /// if there is `security`.
    init(
        clients: Int, ports: [Int], security: LoadSecurity? = nil,
        clientsPerConnection: Int = LoadDriver.clientsPerConnection
    ) throws {
        poller = try Poller()
        let count = (clients + clientsPerConnection - 1) / clientsPerConnection
        for index in 0..<count {
            let port = ports[index % ports.count]
            let connection = try LoadConnection(
                index: index, port: port, driver: self, security: security)
            connections.append(connection)
            try poller.add(connection.descriptor, number: index)
            markDirty(connection)
        }
        streams = (0..<clients).map { LoadStream(connection: $0 % count) }
    }

    deinit {
        unsafe scratch.deallocate()
    }

    /// Hangs up. To be called at the end, as connections and driver hold each other.
    func close() {
        connections = []
        dirty = []
        pattern = nil
    }

    /// Changes what a client is about to send.
    func edit(_ client: Int, _ body: (inout LoadStream) -> Void) {
        body(&streams[client])
    }

    /// Begins a call with the client's body.
    func submit(_ client: Int, _ method: LoadMethod) {
        streams[client].begin()
        let connection = connections[streams[client].connection]
        guard connection.submit(client: client, method, headers) else {
            failure = failure ?? "a session takes no more calls"
            return
        }
        markDirty(connection)
    }

    /// Begins an HTTP call with the client's body.
    func submit(_ client: Int, _ call: HTTPCall) {
        streams[client].begin()
        let connection = connections[streams[client].connection]
        let hasBody = !streams[client].body.isEmpty
        guard connection.submit(client: client, call, hasBody: hasBody) else {
            failure = failure ?? "a session takes no more calls"
            return
        }
        markDirty(connection)
    }

    /// Works until `deadline`, or as long as `isWanted`, or until a connection fails.
    func run(until deadline: Int64, while isWanted: () -> Bool = { true }) throws {
        flushDirty()
        while failure == nil, isWanted() {
            let left = deadline - nanoseconds()
            guard left > 0 else { return }
            try Interruption.check()
            poller.wait(milliseconds: Int(min(100, left / 1_000_000 + 1))) { number in
                let connection = connections[number]
                if unsafe !connection.receive(into: scratch) {
                    failure = failure ?? "the server hung up"
                }
                if connection.isBlocked || connection.wantsFlush { markDirty(connection) }
                flushDirty()
            }
        }
    }

    private func markDirty(_ connection: LoadConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    private func flushDirty() {
        while let connection = dirty.popLast() {
            connection.isDirty = false
            let wasBlocked = connection.isBlocked
            if !connection.flush() { failure = failure ?? "the server hung up" }
            if wasBlocked != connection.isBlocked {
                poller.update(
                    connection.descriptor, number: connection.index,
                    wantsWrites: connection.isBlocked)
            }
        }
    }
}

/// What the sessions report.
extension LoadDriver {
    /// Copies the next part of a client's message.
    func fill(_ client: Int, _ target: UnsafeMutableRawBufferPointer) -> LoadFill {
        let from = streams[client].sentBytes
        let total = streams[client].body.count
        let count = min(target.count, total - from)
        if count == 0, streams[client].staysOpen { return .deferred }
        unsafe streams[client].body.withUnsafeBytes { bytes in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + count]))
        }
        streams[client].sentBytes = from + count
        let isOver = from + count == total && !streams[client].staysOpen
        return isOver ? .ended(count) : .filled(count)
    }

    /// Part of an answer.
    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {
        streams[client].receivedBytes += bytes.count
        unsafe pattern?.received(client, bytes)
    }

    /// How the call ended: HTTP's status, and behind it gRPC's, where that is spoken.
    func received(_ client: Int, status: Int) {
        streams[client].status = status
    }

    /// What a server says about an error.
    func receivedMessage(_ text: String) {
        firstMessage = firstMessage ?? text
    }

    /// The client's call is over.
    func finished(_ client: Int) {
        pattern?.finished(client)
    }
}
