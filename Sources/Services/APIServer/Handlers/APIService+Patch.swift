internal import Patching
internal import Primitives
internal import ResourceModel

/// PATCH, in its four forms.
extension APIService {
    private static let jsonPatchType = "application/json-patch+json"
    private static let mergeType = "application/merge-patch+json"
    private static let strategicType = "application/strategic-merge-patch+json"

    /// Patches an object.
    func patch(
        _ call: ResourceCall, _ part: ObjectAdmission.Part = .main
    ) async throws(APIFailure) -> Answer {
        if call.request.contentType == RequestBody.applyType { return try await apply(call, part) }
        let options = try WriteOptions(call.request, type: "PatchOptions")
        if options.isForced {
            throw .invalidOptions(
                "PatchOptions",
                [.forbidden("force", "may not be specified for non-apply patch")])
        }
        let patch = try patcher(call, allowsStrategic: !call.resource.isCustom)
        let warnings = Warnings()
        var answer = try await modified(call, options, part) {
            (present: JSON?) throws(APIFailure) in
            guard let present else { throw .notFound(call.kind, call.name) }
            let given = try decoded(try patch(present), [], call.resource, options)
            warnings.set(given.warningHeaders)
            return given.object
        }
        answer.headers += warnings.headers
        return answer
    }

    /// What a patch makes of an object.
    typealias Patcher = (JSON) throws(APIFailure) -> JSON

    /// Reads the patch in a body.
    func patcher(_ call: ResourceCall, allowsStrategic: Bool) throws(APIFailure) -> Patcher {
        let type = call.request.contentType
        let allowed =
            [Self.jsonPatchType, Self.mergeType] + (allowsStrategic ? [Self.strategicType] : [])
            + [RequestBody.applyType]
        guard allowed.contains(type) else { throw .unsupportedMediaType(allowed) }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: call.request.body)
        } catch {
            throw .badRequest("invalid JSON: \(error)")
        }
        do throws(PatchFailure) {
            if type == Self.jsonPatchType {
                let patch = try JSONPatch(json)
                return { (object: JSON) throws(APIFailure) in
                    try Self.failing { () throws(PatchFailure) in try patch.applied(to: object) }
                }
            }
        } catch {
            throw error.apiFailure
        }
        if type == Self.mergeType {
            return { (object: JSON) throws(APIFailure) in
                try Self.failing { () throws(PatchFailure) in
                    try MergePatch.applied(json, to: object)
                }
            }
        }
        let patch = StrategicMergePatch(call.kind.schema, table: registry.table)
        return { (object: JSON) throws(APIFailure) in
            try Self.failing { () throws(PatchFailure) in try patch.applied(json, to: object) }
        }
    }

    private static func failing(
        _ body: () throws(PatchFailure) -> JSON
    ) throws(APIFailure) -> JSON {
        do throws(PatchFailure) {
            return try body()
        } catch {
            throw error.apiFailure
        }
    }
}

/// Warnings that are found while a change is worked out.
private final class Warnings {
    private(set) var headers: [(name: String, value: String)] = []

    func set(_ headers: [(name: String, value: String)]) {
        self.headers = headers
    }
}
