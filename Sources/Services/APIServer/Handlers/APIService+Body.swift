internal import Admission
internal import Kinds
internal import ResourceModel

extension APIService {
    /// An object from a body, and what its client should be warned of.
    struct GivenObject: Sendable {
        var object: JSON
        var warnings: [String]

        /// As headers of the answer.
        var warningHeaders: [(name: String, value: String)] {
            warnings.map { ("warning", "299 - \(GoText.quoted($0))") }
        }
    }

    /// The body of a request, whatever it is.
    func body(of request: HTTPRequest) throws(APIFailure) -> RequestBody {
        let contents = registry.contents
        return try RequestBody(request) { apiVersion, kind in
            let known = contents.resources.first {
                $0.kind.apiVersion == apiVersion && $0.kind.kind == kind
            }
            return known?.kind.schema
                ?? BuiltInKinds.virtual.first {
                    $0.kind == kind
                        && ($0.group.isEmpty || apiVersion == "\($0.group)/\($0.version)")
                }?.schema
        }
    }

    /// The object in the body of a request for a resource, read as its kind has it.
    func object(
        of call: ResourceCall, _ options: WriteOptions
    ) throws(APIFailure) -> GivenObject {
        let body = try body(of: call.request)
        return try decoded(body.json, body.duplicates, call.resource, options)
    }

    /// Reads a parsed object as its kind has it.
    func decoded(
        _ json: JSON, _ duplicates: [String], _ resource: ServedResource, _ options: WriteOptions
    ) throws(APIFailure) -> GivenObject {
        var json = json
        let kind = resource.kind
        if case .object = json {
            if (json["apiVersion"].stringValue ?? "").isEmpty {
                json["apiVersion"] = .string(kind.apiVersion)
            }
            if (json["kind"].stringValue ?? "").isEmpty { json["kind"] = .string(kind.kind) }
        }
        if let version = json["apiVersion"].stringValue, let name = json["kind"].stringValue {
            guard version == kind.apiVersion else {
                throw .badRequest(
                    "the API version in the data (\(version)) does not match the expected API "
                        + "version (\(kind.apiVersion))")
            }
            guard name == kind.kind else {
                throw .badRequest(
                    "\(name) in version \(GoText.quoted(kind.version)) cannot be handled as a "
                        + kind.kind)
            }
        }
        let decoded = try resource.rules.decode(
            json, duplicates: duplicates, options.fieldValidation)
        return GivenObject(object: decoded.object, warnings: decoded.warnings)
    }
}
