import APIClient
import Planning
import ResourceModel
import Testing

@testable import Reconciliation

/// A workload's life in steps: what a user does, and what is there once all have come to rest.
struct Story: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        var act: @Sendable (Stage) async throws -> Void
        /// Lines of `summary`, sorted.
        var expected: [String]
    }

    var testDescription: String
    var planners: [any Planner]
    /// What is watched and told beside what the planners read.
    var watched: [GroupVersionKind] = []
    var steps: [Step]

    var kinds: [GroupVersionKind] {
        Set(planners.flatMap { type(of: $0).reads } + watched).sorted {
            $0.description < $1.description
        }
    }
}

/// Where a story is played: a namespace, and a node of its name.
struct Stage: Sendable {
    let plane: ControlPlane
    let namespace: String

    /// Makes an object.
    func create(_ object: JSON) async throws {
        var object = object
        let kind = Resource(object).kind
        let isNode = kind == .node || kind == .leaseResource
        if isNode { object["metadata"]["name"] = .string(namespace) }
        if kind != .node {
            object["metadata"]["namespace"] = isNode ? "kube-node-lease" : .string(namespace)
        }
        let place = object.value(at: "metadata.namespace").stringValue ?? ""
        let made = try await plane.client.create(
            object, at: ObjectClient.Address(kind, namespace: place))
        guard let status = object["status"] else { return }
        var address = Resource(made).reference.address
        address.subresource = "status"
        _ = try await plane.client.patch(address, ["status": status])
    }

    /// Changes an object.
    func patch(
        _ kind: GroupVersionKind, _ name: String, _ patch: JSON, status: Bool = false
    ) async throws {
        var address = address(kind, name)
        if status { address.subresource = "status" }
        _ = try await plane.client.patch(address, patch)
    }

    /// Deletes an object.
    func delete(
        _ kind: GroupVersionKind, _ name: String, _ propagation: String = "Background"
    ) async throws {
        let object = Resource(try await plane.client.get(address(kind, name)))
        try await plane.client.delete(
            object.reference.address, uid: object.uid, propagation: propagation)
    }

    /// Deletes all objects of a kind.
    func deleteAll(_ kind: GroupVersionKind) async throws {
        for object in try await objects(of: kind) {
            do {
                try await plane.client.delete(object.reference.address, uid: object.uid)
            } catch {
                // Controllers may have been faster.
                guard error.reason == .notFound else { throw error }
            }
        }
    }

    private func address(_ kind: GroupVersionKind, _ name: String) -> ObjectClient.Address {
        switch kind {
        case .node: ObjectClient.Address(kind, name: namespace)
        case .leaseResource:
            ObjectClient.Address(kind, namespace: "kube-node-lease", name: namespace)
        default: ObjectClient.Address(kind, namespace: namespace, name: name)
        }
    }

    /// The objects of a kind that belong to the story.
    func objects(of kind: GroupVersionKind) async throws -> [Resource] {
        let transport = PerturbedTransport(plane.transport, namespace: namespace)
        return try await ObjectClient(transport, manager: "test").list(kind).objects
            .map(Resource.init)
    }
}

/// What is there of a kind, without what may differ from run to run.
func summary(_ object: Resource) -> String {
    let owner = object.controller.map { " of \($0.json["kind"].stringValue ?? "")" } ?? ""
    var words = ["\(object.kind.kind)\(owner)"]
    let spec = object.json["spec"]
    let status = object.json["status"]
    if let replicas = spec["replicas"].integerValue {
        words.append("\(status["readyReplicas"].integerValue ?? 0)/\(replicas)")
    }
    words += ["succeeded", "failed"].compactMap { name in
        status[name].integerValue.map { "\(name) \($0)" }
    }
    if object.kind == .pod { words.append(status["phase"].stringValue ?? "") }
    if object.kind == .node {
        let ready = (status["conditions"].arrayValue ?? []).first { $0["type"] == "Ready" }
        words.append("ready \(ready["status"].stringValue ?? "")")
        words.append("taints \((spec["taints"].arrayValue ?? []).count)")
    }
    if let endpoints = object.json["endpoints"].arrayValue {
        words.append("\(endpoints.count) endpoints")
    }
    if object.isTerminating { words.append("terminating") }
    return words.joined(separator: " ")
}

extension ControllerLoop {
    /// Whether its caches leave nothing to do for a while, and show what is expected or exactly
    /// these versions.
    func isAtRest(with expected: [String]?, _ versions: [String]? = nil) -> Bool {
        let later = clockwork.monotonic().adding(seconds: 2)
        guard unlisted.isEmpty, performed == 0, blocked.isEmpty, queue.count == 0,
            queue.nextDeadline.map({ later < $0 }) ?? true
        else { return false }
        let known = observed.kinds.flatMap { observed[$0].all }
        if let expected, known.map(summary).sorted() != expected.sorted() { return false }
        guard let versions else { return true }
        return known.map { "\($0.reference) \($0.resourceVersion)" }.sorted() == versions
    }
}
