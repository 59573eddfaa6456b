package import NIOCore
package import Wire

/// What a gRPC method does with a call.
package enum GRPCMethod {
    /// One request, one answer: called once with the request.
    case unary((GRPCCall, ProtobufReader) -> Void)
    /// Any kind of stream: called when the call opens.
    case streaming((GRPCCall) -> any GRPCMessageReceiver)
}

/// What the handler of a streaming call is told.
package protocol GRPCMessageReceiver: AnyObject {
    /// A message has arrived.
    func received(_ message: ProtobufReader)
    /// The client will send no more.
    func requestsEnded()
    /// The call is over: cancelled by the client, its time is up, or its connection is gone.
    func cancelled()
    /// There is room for answers again.
    func becameWritable()
}

/// Answers requests that are not gRPC.
package protocol HTTPResponder: AnyObject {
    /// A request's head has arrived: set `stream.receiver`, or answer at once.
    func accept(_ stream: HTTPStream)
}

/// Finds the method for each gRPC call and hands other requests on. Belongs to one event loop.
package final class GRPCRouter: StreamRouter {
    private var methods: [String: GRPCMethod] = [:]
    private var services: Set<String> = []
    private let http: any HTTPResponder
    /// Bytes of one request message (etcd: its request limit and 512 KiB).
    package let messageBytesMax: Int
    /// Calls that have a deadline.
    private var timed: [GRPCCall] = []
    /// Called when a call has ended: service and method, and its status code.
    package var ended: (_ path: String, _ code: GRPCStatus.Code) -> Void = { _, _ in }

    /// Called with the ticket of a call that nobody waits for any more.
    package var dropped: (_ ticket: UInt64) -> Void = { _ in }

    /// A router without methods.
    package init(http: any HTTPResponder, messageBytesMax: Int) {
        self.http = http
        self.messageBytesMax = messageBytesMax
    }

    /// Adds a method, `service` with its package.
    package func register(_ service: String, _ name: String, _ method: GRPCMethod) {
        services.insert(service)
        methods["/\(service)/\(name)"] = method
    }

    /// Takes a request in.
    package func accept(_ stream: HTTPStream) {
        let head = stream.head
        let type = head.header("content-type") ?? ""
        let isGRPC =
            type == "application/grpc" || type.hasPrefix("application/grpc+")
            || type.hasPrefix("application/grpc;")
        // gRPC needs HTTP/2; pages may be asked for in both versions (etcd).
        if head.version != 2 || (!isGRPC && ["GET", "HEAD"].contains(head.method)) {
            http.accept(stream)
            return
        }
        if let (status, refusal) = objection(to: head, type, isGRPC) {
            refuse(stream, status, refusal)
            return
        }
        let call = GRPCCall(stream: stream, router: self)
        guard let method = methods[head.target] else {
            call.finish(unknown(head.target))
            return
        }
        if let refusal = call.readHead() {
            call.finish(refusal)
            return
        }
        call.begin(method)
    }

    /// What is wrong with a head whatever its method, with the HTTP status: grpc-go's.
    private func objection(
        to head: RequestHead, _ type: String, _ isGRPC: Bool
    ) -> (Int, GRPCStatus)? {
        guard isGRPC else {
            let text = "invalid gRPC request content-type: \"\(type)\""
            return (415, GRPCStatus(.invalidArgument, text))
        }
        guard head.method == "POST" else {
            let text =
                "Received a HEADERS frame with :method \"\(head.method)\" which should be POST"
            return (405, GRPCStatus(.internal, text))
        }
        guard let timeout = head.header("grpc-timeout") else { return nil }
        do throws(GRPCTimeoutError) {
            _ = try GRPCTimeout(timeout)
            return nil
        } catch {
            return (400, GRPCStatus(.internal, "malformed grpc-timeout: \(error.description)"))
        }
    }

    private func refuse(_ stream: HTTPStream, _ status: Int, _ refusal: GRPCStatus) {
        stream.finishWithoutBody(
            status: status,
            headers: [
                ("content-type", "application/grpc"),
                ("grpc-status", "\(refusal.code.rawValue)"),
                ("grpc-message", refusal.encodedMessage),
            ])
    }

    /// grpc-go's texts.
    private func unknown(_ target: String) -> GRPCStatus {
        let name = target.dropFirst()
        guard target.hasPrefix("/"), let slash = name.lastIndex(of: "/") else {
            return GRPCStatus(.unimplemented, "malformed method name: \"\(target)\"")
        }
        let (service, method) = (name[..<slash], name[name.index(after: slash)...])
        guard services.contains(String(service)) else {
            return GRPCStatus(.unimplemented, "unknown service \(service)")
        }
        return GRPCStatus(.unimplemented, "unknown method \(method) for service \(service)")
    }

    /// Remembers a call that has a deadline.
    func watch(_ call: GRPCCall) {
        call.position = timed.count
        timed.append(call)
    }

    /// Forgets it.
    func unwatch(_ call: GRPCCall) {
        guard let position = call.position else { return }
        call.position = nil
        let last = timed.removeLast()
        guard last !== call else { return }
        timed[position] = last
        last.position = position
    }

    /// Ends the calls whose deadline has passed; to be called at every tick.
    package func expire(_ now: NIODeadline) {
        for call in timed where (call.deadline ?? .distantFuture) <= now {
            call.expire()
        }
    }
}
