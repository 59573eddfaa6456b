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
        let type = stream.head.header("content-type")
        let isGRPC =
            type == "application/grpc" || type?.hasPrefix("application/grpc+") == true
            || type?.hasPrefix("application/grpc;") == true
        guard isGRPC else {
            http.accept(stream)
            return
        }
        guard stream.head.version == 2, stream.head.method == "POST" else {
            stream.finishWithoutBody(status: 405, headers: [("allow", "POST")])
            return
        }
        let call = GRPCCall(stream: stream, router: self)
        guard let method = methods[stream.head.target] else {
            call.finish(unknown(stream.head.target))
            return
        }
        if let refusal = call.readHead() {
            call.finish(refusal)
            return
        }
        call.begin(method)
    }

    /// grpc-go's texts.
    private func unknown(_ target: String) -> GRPCStatus {
        let parts = target.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else {
            return GRPCStatus(.unimplemented, "malformed method name: \"\(target)\"")
        }
        if services.contains(String(parts[1])) {
            return GRPCStatus(
                .unimplemented, "unknown method \(parts[2]) for service \(parts[1])")
        }
        return GRPCStatus(.unimplemented, "unknown service \(parts[1])")
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
