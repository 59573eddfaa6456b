internal import Logging
internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import StoreModel

/// Answers requests: everything that a handler needs, as one value. Its extensions hold a verb
/// each.
struct APIService: Sendable {
    let store: ObjectStore
    let registry: ResourceRegistry
    let authentication: Authentication
    let authorizer: any Authorizer
    let loop: any EventLoop
    let caches: NIOLoopBound<CacheDirectory>
    let surroundings: Surroundings
    let facts: ServerFacts
    let metrics: APIMetrics
    let eventLeases: EventLeases
    let podStreams: any PodStreams
    let wakeHousekeeper: @Sendable () -> Void
    let log: Logger

    /// Answers a request, whatever becomes of it.
    func answer(_ exchange: Exchange) async {
        let start = surroundings.monotonic()
        let request = exchange.request
        do throws(APIFailure) {
            switch try await outcome(of: exchange) {
            case .answer(let answer):
                exchange.answer(answer)
                metrics.count(request, answer.status, since: start, until: surroundings.monotonic())
            case .stream: metrics.count(request, 200, since: start, until: start)
            }
        } catch {
            if error.code >= 500 {
                log.warning(
                    "a request failed",
                    metadata: [
                        "method": "\(request.method)", "path": "\(request.path)",
                        "reason": "\(error.message)",
                    ])
            }
            exchange.answer(Answer(error))
            metrics.count(request, error.code, since: start, until: surroundings.monotonic())
        }
    }

    /// What a handler has made of a request.
    enum Outcome {
        case answer(Answer)
        /// Somebody writes to the stream from now on.
        case stream
    }

    private func outcome(of exchange: Exchange) async throws(APIFailure) -> Outcome {
        let request = exchange.request
        guard let client = authentication.user(of: request) else { throw .unauthorized }
        let user = try actor(of: request, client)
        guard case .resource(let address) = ResourcePath(request.segments) else {
            try authorize(
                AccessAttributes(verb: request.method.lowercased(), path: request.path), user)
            return .answer(try await page(request))
        }
        let isWatch = try request.query.flag("watch") ?? false
        let verb = address.verb(method: request.method, isWatch: isWatch)
        try authorize(
            AccessAttributes(
                verb: verb, group: address.group, version: address.version,
                resource: address.resource, subresource: address.subresource ?? "",
                namespace: address.namespace ?? "", name: address.name ?? ""), user)
        let resource = registry.contents.resource(
            group: address.group, version: address.version, resource: address.resource)
        guard let resource, address.remainder.isEmpty else { throw .pageNotFound }
        var call = ResourceCall(address: address, resource: resource, request: request, user: user)
        if resource.kind.group.isEmpty, resource.kind.resource == "namespaces" {
            // `namespaces/NAME/status`: the namespace is the object, not where it is.
            call.address.namespace = nil
        }
        guard resource.kind.isNamespaced || call.address.namespace == nil else {
            throw .pageNotFound
        }
        return try await outcome(of: call, verb, exchange)
    }

    private func outcome(
        of call: ResourceCall, _ verb: String, _ exchange: Exchange
    ) async throws(APIFailure) -> Outcome {
        if call.resource.isVirtual {
            guard verb == "create" else { throw .methodNotAllowed(call.kind, verb) }
            return .answer(try review(call))
        }
        if let subresource = call.address.subresource {
            return try await outcome(of: subresource, call, verb, exchange)
        }
        guard call.address.name != nil || !["update", "patch"].contains(verb) else {
            throw .methodNotAllowed(call.kind, verb)
        }
        let needsNamespace = call.resource.kind.isNamespaced && call.address.namespace == nil
        if needsNamespace, !["list", "watch", "create"].contains(verb) {
            throw verb == "deletecollection"
                ? .methodNotAllowed(call.kind, verb) : .pageNotFound
        }
        switch verb {
        case "get": return .answer(try await get(call))
        case "list": return .answer(try await list(call))
        case "watch":
            try await watch(call, exchange)
            return .stream
        case "create": return .answer(try await create(call))
        case "update": return .answer(try await update(call))
        case "patch": return .answer(try await patch(call))
        case "delete": return .answer(try await delete(call))
        case "deletecollection": return .answer(try await deleteCollection(call))
        default: throw .methodNotAllowed(call.kind, verb)
        }
    }

    private func outcome(
        of subresource: String, _ call: ResourceCall, _ verb: String, _ exchange: Exchange
    ) async throws(APIFailure) -> Outcome {
        let isOfPod = call.kind.kind == "Pod" && call.kind.group.isEmpty
        switch subresource {
        case "log" where isOfPod: try await log(call, verb, exchange)
        case "exec" where isOfPod: try await exec(call, verb, exchange)
        case "attach" where isOfPod: try await attach(call, verb, exchange)
        case "portforward" where isOfPod: try await forwardPorts(call, verb, exchange)
        default: return .answer(try await answer(subresource: subresource, call, verb))
        }
        return .stream
    }

    /// Lets a request through or says that it is forbidden, as Kubernetes words it.
    func authorize(
        _ attributes: AccessAttributes, _ user: UserInfo
    ) throws(APIFailure) {
        let decision = authorizer.decide(attributes, by: user)
        guard !decision.isAllowed else { return }
        var message = "User \(GoText.quoted(user.name)) cannot "
        guard !attributes.resource.isEmpty else {
            message += "\(attributes.verb) path \(GoText.quoted(attributes.path))"
            throw .forbidden(GroupName("", group: ""), "", message)
        }
        var qualified = attributes.resource
        if !attributes.subresource.isEmpty { qualified += "/\(attributes.subresource)" }
        message += "\(attributes.verb) resource \(GoText.quoted(qualified)) in API group "
        message += GoText.quoted(attributes.group)
        message +=
            attributes.namespace.isEmpty
            ? " at the cluster scope" : " in the namespace \(GoText.quoted(attributes.namespace))"
        if !decision.reason.isEmpty { message += ": \(decision.reason)" }
        throw .forbidden(
            GroupName(attributes.resource, group: attributes.group), attributes.name, message)
    }
}

/// A request for a resource.
struct ResourceCall: Sendable {
    /// What is addressed.
    var address: ResourceAddress
    /// The resource there.
    let resource: ServedResource
    /// The request.
    let request: HTTPRequest
    /// Who makes it.
    let user: UserInfo

    /// Its kind.
    var kind: KindDefinition { resource.kind }
    /// The name in the address; empty for the collection.
    var name: String { address.name ?? "" }
    /// The key of the object in the address.
    var key: Bytes { resource.keys.key(namespace: address.namespace, name: name) }
}

/// What the server takes from the world around it.
package struct Surroundings: Sendable {
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64
    /// Nanoseconds of a clock that never goes back.
    package var monotonic: @Sendable () -> Int64
    /// Bits that nobody can guess.
    package var random: @Sendable () -> UInt64
    /// What passes between attempts is measured by it.
    package var clock: any Clock<Duration>
    /// Watchers that wish it are told so often how far things are known.
    package var bookmarkMilliseconds: Int64 = 5_000

    /// Names them.
    package init(
        now: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> UInt64, clock: any Clock<Duration>
    ) {
        self.now = now
        self.monotonic = monotonic
        self.random = random
        self.clock = clock
    }
}

extension Answer {
    /// A refusal as a Status.
    init(_ failure: APIFailure) {
        self.init(status: failure.code, body: failure.status.encoded + [UInt8(ascii: "\n")])
        if let seconds = failure.details?.retryAfterSeconds, seconds > 0 {
            headers.append(("retry-after", "\(seconds)"))
        }
    }
}
