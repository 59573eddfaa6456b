internal import ClusterAccess
internal import ResourceModel

/// Whether objects are as they are to be.
enum Readiness {
    /// How far a roll-out is.
    enum Progress: Equatable {
        /// In kubectl's words.
        case waiting(String)
        case done(String)
        case failed(String)
        /// Kinds that roll nothing out are always as they are to be.
        case none
    }

    static func progress(_ object: JSON) -> Progress {
        switch object["kind"].stringValue {
        case "Deployment": deployment(object)
        case "StatefulSet": statefulSet(object)
        case "DaemonSet": daemonSet(object)
        case "Pod": pod(object)
        case "Job": job(object)
        case "Node", "ModelDeployment": condition(object, "Ready")
        case "CustomResourceDefinition": condition(object, "Established")
        default: .none
        }
    }

    /// Waits until an object is as it is to be.
    /// - Parameter isSaid: whether how far it is may be said.
    static func wait(for place: ObjectPlace, _ waiting: Waiting, isSaid: Bool) throws {
        let line = isSaid ? LiveLine(isSaidOnPipes: true) : nil
        defer { line?.end() }
        var problem: String?
        let isReady = try waiting.follow(place) { object in
            guard let object else { throw CommandFailure("\(place.printed) has been deleted") }
            switch progress(place.kind.naming(object)) {
            case .none: return true
            case .done(let text):
                line?.end(text)
                return true
            case .waiting(let text):
                line?.show(text)
                return false
            case .failed(let why):
                problem = why
                return true
            }
        }
        if let problem { throw CommandFailure(problem) }
        guard isReady else {
            throw CommandFailure.timedOut(place)
        }
    }

    /// Whether a condition of an object has a status, and the object is observed as it is.
    static func hasCondition(_ object: JSON, _ type: String, _ status: String) -> Bool {
        let conditions = object["status"]["conditions"].arrayValue ?? []
        let found = conditions.first {
            $0["type"].stringValue?.lowercased() == type.lowercased()
        }
        guard found["status"].stringValue?.lowercased() == status.lowercased() else { return false }
        guard let generation = object["metadata"]["generation"].integerValue,
            let observed = found["observedGeneration"].integerValue
                ?? object["status"]["observedGeneration"].integerValue
        else { return true }
        return observed >= generation
    }

    private static func condition(_ object: JSON, _ type: String) -> Progress {
        let name = (object["kind"].stringValue ?? "").lowercased() + "/" + object.objectName
        return hasCondition(object, type, "True")
            ? .done("\(name) is ready") : .waiting("Waiting for \(name) to be ready...")
    }

    /// A pod that has ended does not become ready any more.
    private static func pod(_ object: JSON) -> Progress {
        switch object["status"]["phase"].stringValue {
        case "Succeeded": .done("pod/\(object.objectName) has ended")
        case "Failed": .failed("pod/\(object.objectName) has failed")
        default: condition(object, "Ready")
        }
    }

    private static func job(_ object: JSON) -> Progress {
        guard hasCondition(object, "Failed", "True") else { return condition(object, "Complete") }
        let conditions = object["status"]["conditions"].arrayValue ?? []
        let reason = conditions.first { $0["type"] == "Failed" }?["message"].stringValue ?? ""
        return .failed("job/\(object.objectName) has failed: \(reason)")
    }

    private static func number(_ object: JSON, _ path: String) -> Int64 {
        object.value(at: path).integerValue ?? 0
    }

    private static func isObserved(_ object: JSON) -> Bool {
        number(object, "metadata.generation") <= number(object, "status.observedGeneration")
    }

    private static func deployment(_ object: JSON) -> Progress {
        let name = GoText.quoted(object.objectName)
        guard isObserved(object) else {
            return .waiting("Waiting for deployment spec update to be observed...")
        }
        let conditions = object["status"]["conditions"].arrayValue ?? []
        if conditions.contains(where: { $0["reason"] == "ProgressDeadlineExceeded" }) {
            return .failed("deployment \(name) exceeded its progress deadline")
        }
        let updated = number(object, "status.updatedReplicas")
        let replicas = number(object, "status.replicas")
        let available = number(object, "status.availableReplicas")
        let desired = object["spec"]["replicas"].integerValue ?? 1
        let start = "Waiting for deployment \(name) rollout to finish:"
        if updated < desired {
            return .waiting(
                "\(start) \(updated) out of \(desired) new replicas have been updated...")
        }
        if replicas > updated {
            return .waiting(
                "\(start) \(replicas - updated) old replicas are pending termination...")
        }
        if available < updated {
            return .waiting("\(start) \(available) of \(updated) updated replicas are available...")
        }
        return .done("deployment \(name) successfully rolled out")
    }

    private static func daemonSet(_ object: JSON) -> Progress {
        let name = GoText.quoted(object.objectName)
        guard isObserved(object) else {
            return .waiting("Waiting for daemon set spec update to be observed...")
        }
        let desired = number(object, "status.desiredNumberScheduled")
        let updated = number(object, "status.updatedNumberScheduled")
        let available = number(object, "status.numberAvailable")
        let start = "Waiting for daemon set \(name) rollout to finish:"
        if updated < desired {
            return .waiting("\(start) \(updated) out of \(desired) new pods have been updated...")
        }
        if available < desired {
            return .waiting("\(start) \(available) of \(desired) updated pods are available...")
        }
        return .done("daemon set \(name) successfully rolled out")
    }

    private static func statefulSet(_ object: JSON) -> Progress {
        guard isObserved(object) else {
            return .waiting("Waiting for statefulset spec update to be observed...")
        }
        let desired = object["spec"]["replicas"].integerValue ?? 1
        let ready = number(object, "status.readyReplicas")
        if ready < desired { return .waiting("Waiting for \(desired - ready) pods to be ready...") }
        let partition = number(object, "spec.updateStrategy.rollingUpdate.partition")
        let updated = number(object, "status.updatedReplicas")
        if partition > 0 {
            guard updated < desired - partition else {
                return .done(
                    "partitioned roll out complete: \(updated) new pods have been updated...")
            }
            return .waiting(
                "Waiting for partitioned roll out to finish: \(updated) out of "
                    + "\(desired - partition) new pods have been updated...")
        }
        let update = object["status"]["updateRevision"].stringValue ?? ""
        guard update == object["status"]["currentRevision"].stringValue ?? "" else {
            return .waiting(
                "waiting for statefulset rolling update to complete \(updated) pods at revision"
                    + " \(update)...")
        }
        return .done(
            "statefulset rolling update complete \(number(object, "status.currentReplicas")) pods"
                + " at revision \(object["status"]["currentRevision"].stringValue ?? "")...")
    }
}
