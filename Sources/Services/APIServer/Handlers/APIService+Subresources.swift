internal import Primitives
internal import ResourceModel

/// The parts of objects that have addresses of their own: status and scale.
extension APIService {
    /// Answers a request for a part of an object.
    func answer(
        subresource: String, _ call: ResourceCall, _ verb: String
    ) async throws(APIFailure) -> Answer {
        guard call.resource.kind.isNamespaced == (call.address.namespace != nil) else {
            throw .pageNotFound
        }
        switch subresource {
        case "status" where call.kind.hasStatus: return try await status(call, verb)
        case "scale":
            guard let paths = call.kind.scale else { throw .pageNotFound }
            return try await scale(call, verb, paths)
        case "proxy":
            guard call.kind.kind == "Pod" else { throw .pageNotFound }
            throw APIFailure(501, .unknown, "pods/\(subresource) is not served yet")
        default: throw .pageNotFound
        }
    }

    private func status(_ call: ResourceCall, _ verb: String) async throws(APIFailure) -> Answer {
        switch verb {
        case "get": return try await get(call)
        case "update":
            let body = try updateBody(call)
            let given = body.object
            return try await modified(call, body.options, .status, body.warnings) {
                (_: JSON?) throws(APIFailure) in given
            }
        case "patch": return try await patch(call, .status)
        default: throw .methodNotAllowed(call.kind, verb)
        }
    }

    private func scale(
        _ call: ResourceCall, _ verb: String, _ paths: ScalePaths
    ) async throws(APIFailure) -> Answer {
        switch verb {
        case "get":
            guard let object = try await store.object(call.key) else {
                throw .notFound(call.kind, call.name)
            }
            return scaleAnswer(try parse(object, call.kind), paths)
        case "update":
            let options = try WriteOptions(call.request, type: "UpdateOptions")
            let body = try body(of: call.request).json
            return try await rescaled(call, options, paths) { (_: JSON) throws(APIFailure) in body }
        case "patch":
            let options = try WriteOptions(call.request, type: "PatchOptions")
            let patch = try patcher(call, allowsStrategic: true)
            return try await rescaled(call, options, paths) { (present: JSON) throws(APIFailure) in
                try patch(present)
            }
        default: throw .methodNotAllowed(call.kind, verb)
        }
    }

    /// Changes what the Scale of an object shows, and with it the object.
    private func rescaled(
        _ call: ResourceCall, _ options: WriteOptions, _ paths: ScalePaths,
        _ change: (JSON) throws(APIFailure) -> JSON
    ) async throws(APIFailure) -> Answer {
        let (object, _) = try await modify(call, options, .main, isApply: false) {
            (present: JSON?) throws(APIFailure) in
            guard var object = present else { throw .notFound(call.kind, call.name) }
            let wanted = try change(Self.scale(of: object, paths))
            try Self.check(wanted, of: object, call)
            let replicas = wanted["spec"]["replicas"] ?? 0
            guard let count = replicas.integerValue else {
                throw .badRequest("spec.replicas must be a whole number")
            }
            object.setValue(.integer(count), at: paths.specReplicas)
            return object
        }
        return scaleAnswer(try parse(object, call.kind), paths)
    }

    private static func check(
        _ scale: JSON, of object: JSON, _ call: ResourceCall
    ) throws(APIFailure) {
        let version = scale["metadata"]["resourceVersion"].stringValue ?? ""
        if !version.isEmpty, version != object["metadata"]["resourceVersion"].stringValue {
            throw .modified(call.kind, call.name)
        }
        if let count = scale["spec"]["replicas"].integerValue, count < 0 {
            throw .invalid(
                GroupName("Scale", group: "autoscaling"), call.name,
                [
                    .invalid(
                        "spec.replicas", .integer(count), "must be greater than or equal to 0")
                ])
        }
    }

    private func scaleAnswer(_ object: JSON, _ paths: ScalePaths) -> Answer {
        Answer(body: Self.scale(of: object, paths).encoded + [UInt8(ascii: "\n")])
    }

    /// What autoscaling/v1 Scale shows of an object.
    private static func scale(of object: JSON, _ paths: ScalePaths) -> JSON {
        var metadata = JSONObject()
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = object["metadata"][name]
        }
        var status: JSON = ["replicas": object.value(at: paths.statusReplicas) ?? 0]
        if let path = paths.selector, let selector = object.value(at: path) {
            status["selector"] = .string(LabelSelectorText.text(of: selector))
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": ["replicas": object.value(at: paths.specReplicas) ?? 0], "status": status,
        ]
    }
}

/// A label selector of an object, as the text that lists take.
enum LabelSelectorText {
    static func text(of selector: JSON) -> String {
        if let text = selector.stringValue { return text }
        var parts: [String] = []
        for member in (selector["matchLabels"].objectValue?.members ?? [])
            .sorted(by: { $0.name < $1.name })
        {
            parts.append("\(member.name)=\(member.value.stringValue ?? "")")
        }
        for rule in selector["matchExpressions"].arrayValue ?? [] {
            let key = rule["key"].stringValue ?? ""
            let values = (rule["values"].arrayValue ?? []).compactMap(\.stringValue).sorted()
                .joined(separator: ",")
            switch rule["operator"].stringValue {
            case "In": parts.append("\(key) in (\(values))")
            case "NotIn": parts.append("\(key) notin (\(values))")
            case "Exists": parts.append(key)
            case "DoesNotExist": parts.append("!\(key)")
            default: break
            }
        }
        return parts.joined(separator: ",")
    }
}
