package import NIOCore
package import Primitives

/// Requests from within the process to a router, without a socket: they take the same path as
/// all others from `StreamRouter.accept` on.
package struct LocalConnection: Sendable {
    private let loop: any EventLoop
    private let router: NIOLoopBound<any StreamRouter>

    /// Leads to a router, which belongs to the loop.
    package init(loop: any EventLoop, router: NIOLoopBound<any StreamRouter>) {
        self.loop = loop
        self.router = router
    }

    /// Sends a request and waits for the head of its answer.
    /// - Throws: `LocalStreamGone` if there comes none.
    package func open(_ head: RequestHead, _ body: Bytes) async throws -> LocalAnswer {
        let router = router
        let answer = try await loop.submit {
            let carrier = LocalCarrier(loop: loop)
            let stream = HTTPStream(id: 1, head: head, carrier: carrier)
            carrier.stream = stream
            router.value.accept(stream)
            // SAFETY: the receiver copies the bytes during the call.
            unsafe body.withUnsafeBytes { unsafe stream.receiver?.received($0) }
            stream.receiver?.requestEnded()
            return LocalAnswer(loop: loop, carrier: NIOLoopBound(carrier, eventLoop: loop))
        }.get()
        return answer
    }
}

/// The answer to a local request.
package struct LocalAnswer: Sendable {
    fileprivate let loop: any EventLoop
    fileprivate let carrier: NIOLoopBound<LocalCarrier>

    /// The HTTP status, once it is known.
    /// - Throws: `LocalStreamGone` if the server gives the request up, or the task is cancelled.
    package func status() async throws -> Int {
        try await withTaskCancellationHandler {
            try await loop.flatSubmit { carrier.value.head() }.get()
        } onCancel: {
            close()
        }
    }

    /// What has come of the body since the last call; waits if that is nothing, and answers nil
    /// at the end. What is not fetched waits at the server, within its bounds.
    /// - Throws: `LocalStreamGone` if the server gives the request up, or the task is cancelled.
    package func next() async throws -> Bytes? {
        try await withTaskCancellationHandler {
            try await loop.flatSubmit { carrier.value.more() }.get()
        } onCancel: {
            close()
        }
    }

    /// Hangs up.
    package func close() {
        loop.execute { carrier.value.close() }
    }
}

/// The server has given a local request up.
package struct LocalStreamGone: Error {
    /// Says no more than that.
    package init() {}
}

/// The connection under a local stream. Belongs to the loop.
private final class LocalCarrier: StreamCarrier {
    let peerCertificate: Bytes? = nil
    let outgoing: OutgoingBytes? = nil
    var stream: HTTPStream?
    private let loop: any EventLoop
    private var status: Int?
    private var headWaiter: EventLoopPromise<Int>?
    private var bodyWaiter: EventLoopPromise<Bytes?>?
    private var isGone = false

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func head() -> EventLoopFuture<Int> {
        if let status { return loop.makeSucceededFuture(status) }
        if isGone { return loop.makeFailedFuture(LocalStreamGone()) }
        let promise = loop.makePromise(of: Int.self)
        headWaiter = promise
        return promise.futureResult
    }

    func more() -> EventLoopFuture<Bytes?> {
        if isGone { return loop.makeFailedFuture(LocalStreamGone()) }
        if let bytes = taken() { return loop.makeSucceededFuture(bytes) }
        if stream?.isFinished ?? true { return loop.makeSucceededFuture(nil) }
        let promise = loop.makePromise(of: Bytes?.self)
        bodyWaiter = promise
        return promise.futureResult
    }

    /// Everything that waits; nil if that is nothing.
    private func taken() -> Bytes? {
        guard let stream, !stream.isDrained else { return nil }
        var taken: Bytes = []
        while !stream.isDrained {
            stream.take { bytes, from in
                taken += bytes[from...]
                return bytes.count - from
            }
        }
        if stream.mayBeRelieved {
            stream.awaitsRoom = false
            stream.receiver?.becameWritable()
        }
        return taken
    }

    func close() {
        stream?.vanish()
        end()
    }

    private func end() {
        isGone = true
        headWaiter?.fail(LocalStreamGone())
        bodyWaiter?.fail(LocalStreamGone())
        (headWaiter, bodyWaiter) = (nil, nil)
    }

    func start(_ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]) {
        self.status = status
        headWaiter?.succeed(status)
        headWaiter = nil
    }

    func startWithoutBody(
        _ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]
    ) {
        start(stream, status: status, headers: headers)
        outgoingChanged(stream)
    }

    func outgoingChanged(_ stream: HTTPStream) {
        guard let waiter = bodyWaiter else { return }
        // Taking makes room, and whoever gets it may send at once.
        bodyWaiter = nil
        if let bytes = taken() {
            waiter.succeed(bytes)
        } else if stream.isFinished {
            waiter.succeed(nil)
        } else {
            bodyWaiter = waiter
        }
    }

    func hasRoom(for stream: HTTPStream) -> Bool {
        stream.bufferedBytes < HTTPStream.bufferedBytesMax
    }

    func remember(waiting stream: HTTPStream) {}

    func reset(_ stream: HTTPStream, _ reason: ResetReason) {
        end()
    }
}
