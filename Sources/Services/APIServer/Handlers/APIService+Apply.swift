internal import Patching
internal import ResourceModel

/// Who manages which fields, and server-side apply.
extension APIService {
    /// Makes an object be as a configuration says, as far as it says something.
    func apply(
        _ call: ResourceCall, _ part: ObjectAdmission.Part
    ) async throws(APIFailure) -> Answer {
        let options = try WriteOptions(call.request, type: "PatchOptions")
        guard options.hasManager else {
            throw .invalidOptions(
                "PatchOptions", [.required("fieldManager", "is required for apply patch")])
        }
        let view = try view(call)
        let given = try object(of: call, options)
        let name = given.object["metadata"]["name"].stringValue ?? ""
        guard name == call.name else {
            throw .badRequest(
                "the name of the object (\(name)) does not match the name on the URL "
                    + "(\(call.name))")
        }
        let ownership = ownership(call, part)
        let manager = manager(call, options, .apply)
        let time = Timestamp.text(seconds: surroundings.now())
        let (object, isNew) = try await modify(call, options, part, isApply: true) {
            (present: JSON?) throws(APIFailure) in
            do throws(Ownership.Failure) {
                return try ownership.applied(
                    given.object, to: present, by: manager, isForced: options.isForced,
                    time: time)
            } catch {
                throw error.apiFailure
            }
        }
        return Answer(
            status: isNew ? 201 : 200, headers: given.warningHeaders,
            body: view.bytes(of: object) + [UInt8(ascii: "\n")])
    }

    /// The object with its managers up to date after a write that is no apply.
    func recorded(
        _ call: ResourceCall, _ object: JSON, old: JSON?, _ options: WriteOptions,
        _ part: ObjectAdmission.Part
    ) -> JSON {
        ownership(call, part).updated(
            object, from: old, by: manager(call, options, .update),
            time: Timestamp.text(seconds: surroundings.now()))
    }

    private func ownership(_ call: ResourceCall, _ part: ObjectAdmission.Part) -> Ownership {
        let isMain = part == .main && call.kind.hasStatus
        return Ownership(call.resource.shape, resetPaths: isMain ? ["status"] : [])
    }

    private func manager(
        _ call: ResourceCall, _ options: WriteOptions, _ operation: FieldOwner.Operation
    ) -> FieldOwner {
        FieldOwner(
            options.manager, operation, apiVersion: call.kind.apiVersion,
            subresource: call.address.subresource ?? "")
    }
}
