internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import Transport

extension APIService {
    /// `pods/NAME/log`: the answer is a stream of text.
    func log(_ call: ResourceCall, _ verb: String, _ exchange: Exchange) async throws(APIFailure) {
        guard verb == "get" else { throw .methodNotAllowed(call.kind, verb) }
        guard let object = try await store.object(call.key) else {
            throw .notFound(call.kind, call.name)
        }
        let pod = try parse(object, call.kind)
        let container = try Self.container(
            of: pod, named: call.request.query["container"] ?? "", call.name)
        let query = try PodLogQuery(
            call.request.query, container: container, nowSeconds: surroundings.now())
        guard pod.value(at: "spec.nodeName").stringValue != nil else {
            throw .badRequest("pod \(call.name) does not have a host assigned")
        }
        let inlet = exchange.inlet
        let writer: NIOLoopBound<StreamWriter>?
        do {
            writer = try await loop.submit { [loop] in
                let writer = StreamWriter(stream: inlet.value.stream, loop: loop)
                return inlet.value.handOver(to: writer)
                    ? NIOLoopBound(writer, eventLoop: loop) : nil
            }.get()
        } catch {
            throw .stopping
        }
        guard let writer else { return }
        await write(to: writer) { give in try await podStreams.readLog(of: pod, query, give) }
    }

    /// Has an answer written in pieces; who writes is cancelled when the client goes.
    private func write(
        to writer: NIOLoopBound<StreamWriter>,
        _ body: @escaping @Sendable (_ give: ([UInt8]) async throws -> Void) async throws -> Void
    ) async {
        await withTaskGroup { group in
            group.addTask { [loop] in
                do {
                    try await body { bytes in
                        try await loop.flatSubmit { writer.value.write(bytes) }.get()
                    }
                    loop.execute { writer.value.finish() }
                } catch {
                    let failure = error as? APIFailure ?? .internalError("\(error)")
                    loop.execute { writer.value.fail(Answer(failure)) }
                }
            }
            group.addTask { [loop] in
                // It ends, one way or the other.
                try? await loop.flatSubmit { writer.value.end }.get()
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// The container that is meant, in kubectl's words where that is not clear.
    static func container(
        of pod: JSON, named name: String, _ podName: String
    ) throws(APIFailure) -> String {
        let lists = ["initContainers", "containers", "ephemeralContainers"]
        let names = lists.flatMap { pod["spec"][$0].arrayValue ?? [] }
            .compactMap { $0["name"].stringValue }
        if !name.isEmpty {
            guard names.contains(name) else {
                throw .badRequest("container \(name) is not valid for pod \(podName)")
            }
            return name
        }
        let main = (pod["spec"]["containers"].arrayValue ?? []).compactMap {
            $0["name"].stringValue
        }
        guard main.count == 1 else {
            throw .badRequest(
                "a container name must be specified for pod \(podName), choose one of: "
                    + "[\(main.joined(separator: " "))]")
        }
        return main[0]
    }
}

/// Writes an answer in pieces, each when the client has room for it. Belongs to the event loop.
final class StreamWriter: StreamReceiver {
    private let stream: HTTPStream
    private let loop: any EventLoop
    private var waiting: EventLoopPromise<Void>?
    private let ended: EventLoopPromise<Void>

    init(stream: HTTPStream, loop: any EventLoop) {
        self.stream = stream
        self.loop = loop
        ended = loop.makePromise()
    }

    /// Done when the answer is complete or its client gone.
    var end: EventLoopFuture<Void> { ended.futureResult }

    /// Sends a piece; done once there is room for more. Fails when the client has gone.
    func write(_ bytes: Bytes) -> EventLoopFuture<Void> {
        if stream.isGone { return loop.makeFailedFuture(StreamGone()) }
        start()
        stream.send(bytes)
        if stream.isWritable { return loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        waiting = promise
        return promise.futureResult
    }

    /// Ends the answer.
    func finish() {
        start()
        stream.finish()
        ended.succeed(())
    }

    /// Ends the answer with a failure; once something was sent it can only be cut off.
    func fail(_ answer: Answer) {
        ended.succeed(())
        guard !stream.isStarted else { return stream.reset() }
        stream.start(status: answer.status, headers: [("content-type", answer.contentType)])
        stream.send(answer.body)
        stream.finish()
    }

    private func start() {
        if !stream.isStarted {
            stream.start(status: 200, headers: [("content-type", "text/plain")])
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer) {}
    func requestEnded() {}

    func cancelled() {
        waiting?.fail(StreamGone())
        waiting = nil
        ended.succeed(())
    }

    func becameWritable() {
        waiting?.succeed(())
        waiting = nil
    }
}

/// The client has gone.
struct StreamGone: Error {}
