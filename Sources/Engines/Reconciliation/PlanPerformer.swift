package import APIClient
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
    /// - Parameter known: the object that the action is about, where a cache has it; saves a
    ///   request for what replaces a whole status.
    /// - Returns: what a cache must show before the key is planned again; nil for what is no
    ///   write.
    /// - Throws: what the server says.
    package func perform(
        _ action: Action, on known: JSON? = nil
    ) async throws(APIFailure) -> Expectations.Sign? {
        switch action {
        case .create(let object):
            let resource = Resource(object)
            let address = ObjectClient.Address(resource.kind, namespace: resource.namespace)
            return action.sign(answer: try await client.create(object, at: address))
        case .patch(let reference, let patch):
            return action.sign(answer: try await client.patch(reference.address, patch))
        case .updateStatus(let reference, let status, let version):
            var object: JSON
            if let known {
                object = known
            } else {
                object = try await client.get(reference.address)
            }
            object["metadata", default: .emptyObject]["resourceVersion"] = .string(version)
            object["status"] = status
            var address = reference.address
            address.subresource = "status"
            return action.sign(answer: try await client.update(object, at: address))
        case .scale(let reference, _, let count, let version):
            let patch: JSON = [
                "metadata": ["resourceVersion": .string(version)],
                "spec": ["replicas": .integer(Int64(count))],
            ]
            return action.sign(answer: try await client.patch(reference.address, patch))
        case .bind(let reference, let uid, let node):
            let patch: JSON = [
                "metadata": ["uid": .string(uid)], "spec": ["nodeName": .string(node)],
            ]
            return action.sign(answer: try await client.patch(reference.address, patch))
        case .delete(let reference, let uid, let propagation):
            try await client.delete(
                reference.address, uid: uid, propagation: propagation.rawValue)
            return action.sign(answer: .null)
        case .remove(let reference, let uid):
            try await client.delete(reference.address, uid: uid, graceSeconds: 0)
            return action.sign(answer: .null)
        case .emit, .requeue: return nil
        }
    }
}

extension ObjectReference {
    /// Where the API has it.
    package var address: ObjectClient.Address {
        ObjectClient.Address(kind, namespace: namespace, name: name)
    }
}
