internal import NIOCore
internal import Primitives
internal import ResourceModel

extension APIService {
    /// The form in which a client wants objects.
    func view(_ call: ResourceCall) throws(APIFailure) -> ObjectView {
        let text = call.request.query["includeObject"] ?? ""
        guard let inclusion = ObjectView.TableInclusion(rawValue: text.isEmpty ? "Metadata" : text)
        else {
            throw .invalidOptions(
                "TableOptions",
                [.notSupported("includeObject", .string(text), ["Metadata", "None", "Object"])])
        }
        let negotiation = Negotiation(call.request.header("accept"))
        guard let form = negotiation.form(includeObject: inclusion) else {
            throw .notAcceptable(["application/json"])
        }
        return ObjectView(kind: call.kind, form: form, now: surroundings.now)
    }

    /// One object.
    func get(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        let view = try view(call)
        let wanted = try call.request.query.resourceVersion() ?? 0
        guard let object = try await store.object(call.key) else {
            throw .notFound(call.kind, call.name)
        }
        if wanted > 0 {
            let current = try await store.revision(of: call.resource.keys)
            guard wanted <= current.rawValue else {
                throw .tooLargeResourceVersion(wanted, current: current.rawValue)
            }
        }
        return Answer(body: view.bytes(of: object) + [UInt8(ascii: "\n")])
    }

    /// Runs code on the event loop, where the caches are.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (CacheDirectory) -> Value
    ) async throws(APIFailure) -> Value {
        do {
            return try await loop.submit { [caches] in body(caches.value) }.get()
        } catch {
            throw .stopping
        }
    }
}
