package import APIClient
internal import Patching
package import Planning
package import ResourceModel

/// Does through the API what plans say.
package struct PlanPerformer: Sendable {
    private let client: ObjectClient

    /// Writes through a client.
    package init(_ client: ObjectClient) {
        self.client = client
    }

    /// Performs a write.
    /// - Returns: what a cache must show before the key is planned again; nil for what is no
    ///   write.
    /// - Throws: what the server says.
    package func perform(_ action: Action) async throws(APIFailure) -> Expectations.Sign? {
        switch action {
        case .create(let object):
            let resource = Resource(object)
            let made = try await client.create(
                object, at: ObjectClient.Address(resource.kind, namespace: resource.namespace))
            return .version(resource.kind, Resource(made).version)
        case .patch(let reference, let patch):
            return try await written(reference, patch)
        case .updateStatus(let reference, let status, let version):
            return try await written(reference, subresource: "status", [
                "metadata": ["resourceVersion": .string(version)],
                "status": try await replacement(of: reference, by: status),
            ])
        case .scale(let reference, _, let count, let version):
            return try await written(reference, [
                "metadata": ["resourceVersion": .string(version)],
                "spec": ["replicas": .integer(Int64(count))],
            ])
        case .bind(let reference, let uid, let node):
            return try await written(reference, [
                "metadata": ["uid": .string(uid)], "spec": ["nodeName": .string(node)],
            ])
        case .delete(let reference, let uid, let propagation):
            try await client.delete(
                reference.address, uid: uid, propagation: propagation.rawValue)
            return .gone(reference.kind, uid: uid)
        case .remove(let reference, let uid):
            try await client.delete(reference.address, uid: uid, graceSeconds: 0)
            return .gone(reference.kind, uid: uid)
        case .emit, .requeue: return nil
        }
    }

    private func written(
        _ reference: ObjectReference, subresource: String = "", _ patch: JSON
    ) async throws(APIFailure) -> Expectations.Sign {
        var address = reference.address
        address.subresource = subresource
        let made = try await client.patch(address, patch)
        return .version(reference.kind, Resource(made).version)
    }

    private func replacement(
        of reference: ObjectReference, by status: JSON
    ) async throws(APIFailure) -> JSON {
        let present = try await client.get(reference.address)["status"]
        return MergePatch.between(present ?? .emptyObject, status)
    }
}

extension ObjectReference {
    /// Where the API has it.
    package var address: ObjectClient.Address {
        ObjectClient.Address(kind, namespace: namespace, name: name)
    }
}
