import NIOCore
import Primitives
import ResourceModel

@testable import APIServer
@testable import Transport

/// What a server has answered.
struct TestAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: Bytes

    /// The body as JSON; null for what is none.
    var json: JSON { (try? JSON(parsing: body)) ?? .null }  // Tests look at what comes out.
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Of a Status: its reason.
    var reason: String { json["reason"].stringValue ?? "" }
    /// Of a Status: its message.
    var message: String { json["message"].stringValue ?? "" }
    /// Of a Status: the fields of its causes.
    var fields: [String] {
        (json["details"]["causes"].arrayValue ?? []).map { $0["field"].stringValue ?? "" }
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension TestServer {
    /// Sends a request and waits for its whole answer.
    func send(
        _ method: String, _ target: String, _ body: Bytes = [],
        headers: [(name: String, value: String)] = [], token: String? = "admin-token",
        certificate: Bytes? = nil
    ) async throws -> TestAnswer {
        let stream = try await open(
            method, target, body, headers: headers, token: token, certificate: certificate)
        return try await stream.answer()
    }

    /// The same with an object as the body.
    func send(
        _ method: String, _ target: String, _ object: JSON, type: String = "application/json",
        headers: [(name: String, value: String)] = []
    ) async throws -> TestAnswer {
        try await send(
            method, target, object.encoded, headers: headers + [("content-type", type)])
    }

    /// Sends a request whose answer is a stream.
    func open(
        _ method: String, _ target: String, _ body: Bytes = [],
        headers: [(name: String, value: String)] = [], token: String? = "admin-token",
        certificate: Bytes? = nil, version: Int = 2
    ) async throws -> TestStream {
        var headers = headers
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        let head = RequestHead(method: method, target: target, headers: headers, version: version)
        let client = TestStream(loop: loop)
        let router = parts.router
        try await loop.submit {
            client.begin(head, body, certificate, router.value)
        }.get()
        return client
    }

    /// Asks for something many times in one turn of the loop, so that no answer comes between.
    func getAtOnce(_ count: Int, _ target: String) async throws -> [TestAnswer] {
        let headers = [(name: "authorization", value: "Bearer admin-token")]
        let head = RequestHead(method: "GET", target: target, headers: headers, version: 2)
        let clients = (0..<count).map { _ in TestStream(loop: loop) }
        let router = parts.router
        try await loop.submit {
            for client in clients { client.begin(head, [], nil, router.value) }
        }.get()
        var answers: [TestAnswer] = []
        for client in clients { answers.append(try await client.answer()) }
        return answers
    }
}

/// The client's end of a stream.
final class TestStream: Sendable {
    fileprivate let carrier: NIOLoopBoundBox<TestCarrier?>
    private let loop: any EventLoop
    let pieces: AsyncStream<Bytes>
    fileprivate let feed: AsyncStream<Bytes>.Continuation
    private let starts: AsyncStream<Void>
    fileprivate let start: AsyncStream<Void>.Continuation

    init(loop: any EventLoop) {
        self.loop = loop
        carrier = .makeBoxSendingValue(nil, eventLoop: loop)
        (pieces, feed) = AsyncStream.makeStream()
        (starts, start) = AsyncStream.makeStream()
    }

    /// Sends a request, on the loop.
    fileprivate func begin(
        _ head: RequestHead, _ body: Bytes, _ certificate: Bytes?, _ router: APIRouter
    ) {
        let carrier = TestCarrier(client: self, peerCertificate: certificate)
        let stream = HTTPStream(id: 1, head: head, carrier: carrier)
        carrier.stream = stream
        self.carrier.value = carrier
        router.accept(stream)
        body.withUnsafeBytes { bytes in stream.receiver?.received(bytes) }
        stream.receiver?.requestEnded()
    }

    /// Everything, once it has ended.
    func answer() async throws -> TestAnswer {
        var body: Bytes = []
        for await piece in pieces { body += piece }
        let (status, headers) = try await loop.submit { [carrier] in
            (carrier.value?.status ?? 0, carrier.value?.headers ?? [])
        }.get()
        return TestAnswer(status: status, headers: headers, body: body)
    }

    /// The lines of a watch as they come.
    func lines() -> WatchLines { WatchLines(iterator: pieces.makeAsyncIterator()) }

    /// Waits for the head of the answer. What is said before it is a part of the request.
    func started() async {
        for await _ in starts { break }
    }

    /// The client says more.
    func say(_ bytes: Bytes) async throws {
        try await loop.submit { [carrier] in
            bytes.withUnsafeBytes { carrier.value?.stream?.receiver?.received($0) }
        }.get()
    }

    /// The client goes.
    func hangUp() async throws {
        try await loop.submit { [carrier] in carrier.value?.stream?.vanish() }.get()
    }

    /// The client stops reading, or begins again.
    func setReading(_ isReading: Bool) async throws {
        try await loop.submit { [carrier] in
            guard let carrier = carrier.value else { return }
            carrier.isReading = isReading
            if let stream = carrier.stream { carrier.outgoingChanged(stream) }
        }.get()
    }
}

/// The events of a watch.
struct WatchLines {
    var iterator: AsyncStream<Bytes>.Iterator
    private var rest: Bytes = []

    init(iterator: AsyncStream<Bytes>.Iterator) {
        self.iterator = iterator
    }

    /// The next event; nil at the end.
    mutating func next() async -> JSON? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Bytes(rest[..<end])
                rest.removeSubrange(...end)
                return try? JSON(parsing: line)  // A line that is none ends the test's wait.
            }
            guard let piece = await iterator.next() else { return nil }
            rest += piece
        }
    }

    /// Type, name and value of the next event, in one text.
    mutating func summary() async -> String {
        guard let event = await next() else { return "end" }
        let name = event["object"]["metadata"]["name"].stringValue ?? ""
        let type = event["type"].stringValue ?? ""
        return "\(type) \(name) \(event["object"]["data"]["key"].stringValue ?? "")"
    }
}

/// The connection under a stream: takes all that is sent, at once. Belongs to the loop.
final class TestCarrier: StreamCarrier {
    private let client: TestStream
    let peerCertificate: Bytes?
    let outgoing: OutgoingBytes? = nil
    var stream: HTTPStream?
    var isReading = true
    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []

    init(client: TestStream, peerCertificate: Bytes?) {
        self.client = client
        self.peerCertificate = peerCertificate
    }

    func start(_ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]) {
        self.status = status
        self.headers = headers
        client.start.yield()
    }

    func startWithoutBody(
        _ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]
    ) {
        start(stream, status: status, headers: headers)
        client.feed.finish()
    }

    func outgoingChanged(_ stream: HTTPStream) {
        while isReading, !stream.isDrained {
            stream.take { bytes, from in
                client.feed.yield(Bytes(bytes[from...]))
                return bytes.count - from
            }
            if stream.mayBeRelieved {
                stream.awaitsRoom = false
                stream.receiver?.becameWritable()
            }
        }
        if stream.isFinished, stream.isDrained { client.feed.finish() }
    }

    func hasRoom(for stream: HTTPStream) -> Bool {
        stream.bufferedBytes < HTTPStream.bufferedBytesMax
    }

    func remember(waiting stream: HTTPStream) {}

    func reset(_ stream: HTTPStream, _ reason: ResetReason) {
        client.feed.finish()
    }
}
