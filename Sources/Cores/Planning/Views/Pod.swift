package import ResourceModel

/// What planners ask of a pod.
package struct Pod: ObjectView {
    /// The object.
    package let json: JSON

    /// Looks at an object.
    package init(_ json: JSON) {
        self.json = json
    }

    /// Looks at a pod.
    package init(_ object: Resource) {
        json = object.json
    }

    /// Where it is in its life.
    package var phase: String { json["status"]["phase"].stringValue ?? "Pending" }
    /// Whether its containers have ended for good.
    package var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }
    /// Whether it counts as a replica.
    package var isActive: Bool { !isFinished && !isTerminating }
    /// The node that runs it; nil while it has none.
    package var nodeName: String? {
        guard let name = json["spec"]["nodeName"].stringValue, !name.isEmpty else {
            return nil
        }
        return name
    }
    /// Its address; nil while it has none.
    package var address: String? {
        guard let address = json["status"]["podIP"].stringValue, !address.isEmpty else {
            return nil
        }
        return address
    }

    /// Whether it serves.
    package var isReady: Bool { Conditions(self).isTrue("Ready") }

    /// Since when its readiness is what it is.
    var readinessChange: WallTime? { WallTime(Conditions(self)["Ready"]["lastTransitionTime"]) }

    /// How often its containers were started again.
    var restartCount: Int64 {
        (json["status"]["containerStatuses"].arrayValue ?? []).reduce(0) {
            $0 + ($1["restartCount"].integerValue ?? 0)
        }
    }

    /// In how many seconds it will have been ready for long enough; 0 if it is available, nil if
    /// it is not ready.
    func secondsUntilAvailable(minReadySeconds: Int, at now: WallTime) -> Int64? {
        guard isReady else { return nil }
        guard minReadySeconds > 0 else { return 0 }
        guard let since = readinessChange else { return nil }
        return max(0, since.adding(seconds: Int64(minReadySeconds)).seconds(since: now))
    }

    /// The containers, those aside that run first.
    var containers: [JSON] { json["spec"]["containers"].arrayValue ?? [] }
    /// The containers that run first.
    var initContainers: [JSON] { json["spec"]["initContainers"].arrayValue ?? [] }
}

extension Pod {
    /// A pod as a template has it.
    static func make(from template: JSON?, name: String, ownedBy owner: some ObjectView) -> JSON {
        var metadata: JSON = ["name": .string(name), "namespace": .string(owner.namespace)]
        for field in ["labels", "annotations", "finalizers"] {
            metadata[field] = template["metadata"][field]
        }
        metadata["ownerReferences"] = [owner.controllerReference]
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": template["spec"] ?? .emptyObject,
        ]
    }
}
