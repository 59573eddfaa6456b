package import Primitives

/// What the owner of a request is told, on the connection's event loop.
package protocol StreamReceiver: AnyObject {
    /// Bytes of the body, in order.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The request is complete.
    func requestEnded()
    /// The stream is over before its answer was complete: reset by the client, or the connection
    /// is gone. Nothing may be sent any more. Called at most once, never after a complete answer.
    func cancelled()
    /// `HTTPStream.isWritable` has become true again.
    func becameWritable()
}

/// Who decides what becomes of a request.
package protocol StreamRouter: AnyObject {
    /// A request's head has arrived: set `stream.receiver`, or answer at once.
    func accept(_ stream: HTTPStream)
}

/// One request and its answer on a connection of either HTTP version. Belongs to the
/// connection's event loop; not for use from elsewhere.
package final class HTTPStream {
    /// Bytes that may wait to be sent before `isWritable` becomes false.
    package static let bufferedBytesMax = 1 << 20

    /// What was asked for.
    package let head: RequestHead
    /// Who is told about the body and the end.
    package var receiver: (any StreamReceiver)?
    /// The client's certificate in DER, if it showed a valid one.
    package var peerCertificate: Bytes? { carrier?.peerCertificate }

    let id: Int32
    /// Bytes of the body still to come by the client's own word (content-length), over HTTP/2.
    var announcedBytes: Int?
    weak var carrier: (any StreamCarrier)?
    /// What is to be sent, the first from `sent` on.
    private var queue: [Bytes] = []
    private var first = 0
    private var sent = 0
    /// Bytes that wait to be sent.
    package private(set) var bufferedBytes = 0
    /// The owner was told that there is no room, and will be told when there is.
    var awaitsRoom = false
    /// The answer's head has been given.
    package private(set) var isStarted = false
    /// The answer is complete as far as its owner is concerned.
    package private(set) var isFinished = false
    /// Sent behind the body; nil until the end is known.
    private(set) var trailers: [(name: String, value: String)]?
    /// The transport waits for more of the body.
    var isDeferred = false
    /// The client has reset the stream, or the connection is gone.
    package private(set) var isGone = false

    init(id: Int32, head: RequestHead, carrier: any StreamCarrier) {
        self.id = id
        self.head = head
        self.carrier = carrier
    }

    /// Whether more should be sent now. Who is told no is told by `becameWritable` when there is
    /// room again.
    package var isWritable: Bool {
        guard !isGone, let carrier else { return false }
        if bufferedBytes < Self.bufferedBytesMax, carrier.hasRoom(for: self) { return true }
        if !awaitsRoom {
            awaitsRoom = true
            carrier.remember(waiting: self)
        }
        return false
    }

    /// Begins the answer. Does nothing once the stream is gone.
    package func start(status: Int, headers: [(name: String, value: String)]) {
        guard !isGone, !isStarted else { return }
        isStarted = true
        carrier?.start(self, status: status, headers: headers)
    }

    /// Sends a part of the body.
    package func send(_ bytes: Bytes) {
        guard !isGone, isStarted, !isFinished, !bytes.isEmpty else { return }
        queue.append(bytes)
        bufferedBytes += bytes.count
        carrier?.outgoing?.add(bytes.count)
        carrier?.outgoingChanged(self)
    }

    /// Ends the answer, with trailers if there are any.
    package func finish(trailers: [(name: String, value: String)] = []) {
        guard !isGone, isStarted, !isFinished else { return }
        isFinished = true
        self.trailers = trailers
        carrier?.outgoingChanged(self)
        receiver = nil
    }

    /// Begins and ends an answer that has no body.
    package func finishWithoutBody(status: Int, headers: [(name: String, value: String)]) {
        guard !isGone, !isStarted else { return }
        isStarted = true
        isFinished = true
        trailers = nil
        carrier?.startWithoutBody(self, status: status, headers: headers)
        receiver = nil
    }

    /// Stops or resumes reading what the client sends; only where the answer was 101, from which
    /// on `received` and `send` carry the bytes of the new protocol.
    package func setReading(_ isReading: Bool) {
        if !isGone { carrier?.setReading(isReading) }
    }

    /// Gives the stream up (RST_STREAM, or the end of an HTTP/1.1 connection).
    package func reset(_ reason: ResetReason = .cancel) {
        guard !isGone else { return }
        isGone = true
        receiver = nil
        dropQueue()
        carrier?.reset(self, reason)
    }

    private func dropQueue() {
        carrier?.outgoing?.remove(bufferedBytes)
        queue = []
        first = 0
        sent = 0
        bufferedBytes = 0
    }

    /// The transport lost the stream.
    func vanish() {
        guard !isGone else { return }
        isGone = true
        dropQueue()
        let receiver = receiver
        self.receiver = nil
        if !isFinished { receiver?.cancelled() }
    }

    /// Whether nothing waits to be sent.
    var isDrained: Bool { first == queue.count }

    /// Calls `body` with the next bytes to send, which answers how many of them it took.
    func take(_ body: (Bytes, _ from: Int) -> Int) {
        guard first < queue.count else { return }
        let taken = body(queue[first], sent)
        sent += taken
        bufferedBytes -= taken
        carrier?.outgoing?.remove(taken)
        guard sent == queue[first].count else { return }
        queue[first] = []
        sent = 0
        first += 1
        if first == queue.count {
            queue.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    /// Whether the owner waits for room and so much was sent that there may be some.
    var mayBeRelieved: Bool { awaitsRoom && bufferedBytes < Self.bufferedBytesMax / 4 }
}

/// What RST_STREAM says (RFC 9113 §7).
package enum ResetReason: UInt32 {
    /// The stream is not needed any more.
    case cancel = 8
    /// The client asks for too much.
    case enhanceYourCalm = 11
}

/// The connection under a stream.
protocol StreamCarrier: AnyObject {
    var peerCertificate: Bytes? { get }
    /// Counts what waits to be sent, where that is bounded over all streams.
    var outgoing: OutgoingBytes? { get }
    /// Whether the connection takes more for this stream.
    func hasRoom(for stream: HTTPStream) -> Bool
    /// The stream's owner is to be told when there is room.
    func remember(waiting stream: HTTPStream)
    func start(_ stream: HTTPStream, status: Int, headers: [(name: String, value: String)])
    func startWithoutBody(
        _ stream: HTTPStream, status: Int, headers: [(name: String, value: String)])
    func outgoingChanged(_ stream: HTTPStream)
    func reset(_ stream: HTTPStream, _ reason: ResetReason)
    /// Of a connection that was upgraded.
    func setReading(_ isReading: Bool)
}

extension StreamCarrier {
    /// Not upgraded, it reads on.
    func setReading(_ isReading: Bool) {}
}
