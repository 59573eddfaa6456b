internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import Transport

/// Takes requests from the connections and puts them in line for the tasks that answer them.
/// Belongs to the event loop.
final class APIRouter: StreamRouter {
    /// Requests that may be in flight, watches not counted; more are told to come again (429).
    static let inFlightMax = 400
    /// Clients that may talk to processes at a time; more are told the same.
    static let conversationsMax = 400

    /// The requests, in order. Bounded by the number in flight.
    let incoming: AsyncStream<Exchange>
    private let line: AsyncStream<Exchange>.Continuation
    private let loop: any EventLoop
    private var inFlight = 0
    private var conversations = 0
    private var isStopping = false

    init(loop: any EventLoop) {
        self.loop = loop
        (incoming, line) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.inFlightMax))
    }

    func accept(_ stream: HTTPStream) {
        do throws(MalformedTarget) {
            let request = try HTTPRequest(stream.head, peerCertificate: stream.peerCertificate)
            stream.receiver = RequestInlet(stream: stream, request: request, router: self)
        } catch {
            refuse(stream, .badRequest("the address is not percent-encoded UTF-8"))
        }
    }

    /// Puts a complete request in line; answers whether it did.
    func deliver(_ request: HTTPRequest, from inlet: RequestInlet) -> Bool {
        guard !isStopping else {
            refuse(inlet.stream, .stopping)
            return false
        }
        guard inFlight < Self.inFlightMax else {
            refuse(inlet.stream, .busy)
            return false
        }
        inFlight += 1
        line.yield(
            Exchange(
                request: request, loop: loop, inlet: NIOLoopBound(inlet, eventLoop: loop)))
        return true
    }

    /// A request in flight is answered, or its client gone.
    func finished() {
        inFlight -= 1
    }

    /// A client is about to talk to a process.
    func beginConversation() throws(APIFailure) {
        guard conversations < Self.conversationsMax else { throw .busy }
        conversations += 1
    }

    /// One that did talks no more.
    func endConversation() {
        conversations -= 1
    }

    /// Answers without asking anybody.
    func refuse(_ stream: HTTPStream, _ failure: APIFailure) {
        let answer = Answer(failure)
        stream.start(
            status: answer.status,
            headers: answer.headers + [
                ("content-type", answer.contentType),
                ("content-length", String(answer.body.count)),
            ])
        stream.send(answer.body)
        stream.finish()
    }

    /// Lets no more requests in; the line ends behind those that wait.
    func stop() {
        isStopping = true
        line.finish()
    }
}
