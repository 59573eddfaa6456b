internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import Transport

/// Collects a request and hands it over once it is complete. Belongs to the connection's event
/// loop.
///
/// SAFETY: the bytes that the connection shows are copied during the call.
final class RequestInlet: StreamReceiver {
    /// Bytes of a body, as sent and unpacked (as in Kubernetes).
    static let bodyBytesMax = 3 << 20

    let stream: HTTPStream
    private unowned let router: APIRouter
    private var request: HTTPRequest
    private var body: Bytes = []
    /// Counted as a request in flight.
    private var isCounted = false

    init(stream: HTTPStream, request: HTTPRequest, router: APIRouter) {
        self.stream = stream
        self.request = request
        self.router = router
    }

    // SAFETY: the bytes are valid for the time of the call, and copied.
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard !stream.isStarted else { return }
        guard body.count + bytes.count <= Self.bodyBytesMax else {
            router.refuse(stream, .bodyTooLarge)
            return
        }
        unsafe body.append(contentsOf: bytes)
    }

    func requestEnded() {
        guard !stream.isStarted else { return }
        request.body = body
        body = []
        if request.header("content-encoding") == "gzip", !request.body.isEmpty {
            do throws(GZIP.Failure) {
                request.body = try GZIP.unpack(request.body[...], bytesMax: Self.bodyBytesMax)
            } catch {
                router.refuse(
                    stream,
                    error == .tooLarge ? .bodyTooLarge : .badRequest("the body is no gzip data"))
                return
            }
        }
        isCounted = router.deliver(request, from: self)
    }

    /// The request stays in flight until its task is done with it.
    func cancelled() {}

    func becameWritable() {}

    /// Sends the whole answer.
    func finish(_ answer: Answer) {
        release()
        guard !stream.isStarted else { return }
        var headers = answer.headers
        headers.append(("content-type", answer.contentType))
        headers.append(("content-length", String(answer.body.count)))
        if request.method == "HEAD" || answer.body.isEmpty {
            stream.finishWithoutBody(status: answer.status, headers: headers)
            return
        }
        stream.start(status: answer.status, headers: headers)
        stream.send(answer.body)
        stream.finish()
    }

    /// Somebody else will write the answer: the request is no longer in flight. Answers whether
    /// there is still a client.
    func handOver(to receiver: any StreamReceiver) -> Bool {
        release()
        guard !stream.isGone, !stream.isStarted else { return false }
        stream.receiver = receiver
        return true
    }

    /// Has the stream upgraded for a conversation, until `conversationEnded`: the request is no
    /// longer in flight. Nil if the client has gone.
    /// - Throws: if there are too many conversations.
    func converse<Socket>(_ upgrade: (HTTPStream) -> Socket) throws(APIFailure) -> Socket? {
        guard !stream.isGone, !stream.isStarted else { return nil }
        try router.beginConversation()
        release()
        return upgrade(stream)
    }

    /// Makes room for another conversation.
    func conversationEnded() {
        router.endConversation()
    }

    private func release() {
        guard isCounted else { return }
        isCounted = false
        router.finished()
    }
}
