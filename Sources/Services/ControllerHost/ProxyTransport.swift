public import APIClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Primitives
public import ResourceModel

/// The API for controllers outside of the server's process: HTTP/1.1 to `kubectl proxy`, which
/// knows the server's address and certificate, and who its user is. A connection for each request.
public struct ProxyTransport: APITransport {
    private let host: String
    private let port: Int

    /// Where the proxy listens.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Sends a request.
    public func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let parts = AnswerPartsBox.makeEmptyBox(valueType: AnswerParts.self, eventLoop: loop)
        do {
            // What has been read and not been asked for yet is at most one read of the socket.
            let channel = try await ClientBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        let handler = AnswerParts()
                        // The pipeline lets go of it when the connection ends, maybe before all
                        // has been asked for.
                        parts.value = handler
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: host, port: port).get()
            return try await ask(request, channel, parts)
        } catch let failure as APIFailure {
            throw failure
        } catch {
            throw .serviceUnavailable("\(host):\(port): \(error)")
        }
    }

    private func ask(
        _ request: APIRequest, _ channel: any Channel, _ parts: AnswerPartsBox
    ) async throws -> ProxyAnswer {
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.target)
        head.headers = ["host": "\(host):\(port)", "connection": "close"]
        if !request.contentType.isEmpty {
            head.headers.add(name: "content-type", value: request.contentType)
        }
        if request.method != "GET" {
            head.headers.add(name: "content-length", value: String(request.body.count))
        }
        return try await withTaskCancellationHandler {
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            let body = ByteBuffer(bytes: request.body)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            guard case .head(let head) = try await AnswerParts.next(parts, channel) else {
                throw APIFailure.serviceUnavailable("the proxy hung up")
            }
            return ProxyAnswer(channel: channel, parts: parts, status: Int(head.status.code))
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// Where the handler is kept, on its loop.
private typealias AnswerPartsBox = NIOLoopBoundBox<AnswerParts?>

/// An answer through the proxy.
private struct ProxyAnswer: APIAnswer {
    let channel: any Channel
    let parts: AnswerPartsBox
    let status: Int

    func next() async throws(APIFailure) -> Bytes? {
        do {
            return try await withTaskCancellationHandler {
                guard case .body(let part) = try await AnswerParts.next(parts, channel) else {
                    close()
                    return nil
                }
                return Bytes(part.readableBytesView)
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            throw .serviceUnavailable("the proxy: \(error)")
        }
    }

    func close() {
        channel.close(promise: nil)
    }
}

/// Hands out the parts of an answer one at a time, reading when there is none left.
private final class AnswerParts: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var parts = CircularBuffer<HTTPClientResponsePart>()
    private var waiting: EventLoopPromise<HTTPClientResponsePart>?
    private var isOver = false

    /// The next part.
    /// - Throws: once the connection has ended.
    static func next(
        _ parts: AnswerPartsBox, _ channel: any Channel
    ) async throws -> HTTPClientResponsePart {
        try await channel.eventLoop.flatSubmit {
            parts.value?.next(channel)
                ?? channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }.get()
    }

    private func next(_ channel: any Channel) -> EventLoopFuture<HTTPClientResponsePart> {
        let promise = channel.eventLoop.makePromise(of: HTTPClientResponsePart.self)
        if let part = parts.popFirst() {
            promise.succeed(part)
        } else if isOver {
            promise.fail(ChannelError.eof)
        } else {
            waiting = promise
            channel.read()
        }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parts.append(unwrapInboundIn(data))
        guard let promise = waiting, let part = parts.popFirst() else { return }
        waiting = nil
        promise.succeed(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What came was not a whole part.
        if waiting != nil { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        waiting?.fail(ChannelError.eof)
        waiting = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
