package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Reads one page over HTTP/1.1, from servers that show pages beside gRPC.
package enum HTTPPage {
    /// Bytes of a page that are read at most.
    private static let bytesMax = 64 << 20

    /// The page's text. `tls` nil for plain text.
    /// - Throws: what went wrong, also a status other than 200.
    package static func get(
        _ path: String, host: String, port: Int, tls: ClientTLSFiles?, timeout: TimeAmount,
        loop: any EventLoop
    ) async throws -> String {
        let done = loop.makePromise(of: String.self)
        // Not an address means a name, whose certificate must be for that name.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(
                                context: try tls.makeContext(protocols: ["http/1.1"]),
                                serverHostname: isAddress ? nil : host))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        PageReader(path, "\(host):\(port)", bytesMax: bytesMax, done))
                }
            }
            .connect(host: host, port: port)
        connected.whenFailure { done.fail($0) }
        connected.whenSuccess { channel in
            channel.closeFuture.whenComplete { _ in done.fail(GRPCConnectFailure("hung up")) }
            loop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        }
        return try await done.futureResult.get()
    }
}

/// Asks for a page and collects it.
private final class PageReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let path: String
    private let host: String
    private let bytesMax: Int
    private let done: EventLoopPromise<String>
    private var text = ""

    init(_ path: String, _ host: String, bytesMax: Int, _ done: EventLoopPromise<String>) {
        self.path = path
        self.host = host
        self.bytesMax = bytesMax
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["host": host, "connection": "close"]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status == .ok else {
                done.fail(GRPCConnectFailure("HTTP status \(head.status.code)"))
                context.close(promise: nil)
                return
            }
        case .body(let part):
            text += String(buffer: part)
            if text.utf8.count > bytesMax { context.close(promise: nil) }
        case .end:
            done.succeed(text)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.close(promise: nil)
    }
}
