internal import ResourceModel

/// What a cluster looks like, from its objects.
struct ClusterOverview {
    var nodes: [JSON] = []
    var pods: [JSON] = []
    /// Deployments, stateful sets, daemon sets and jobs that nothing else controls.
    var workloads: [JSON] = []
    var models: [JSON] = []
    var services: [JSON] = []
    var slices: [JSON] = []

    /// Name, state, pods, version, addresses.
    var nodeRows: [[String]] {
        nodes.map { node in
            let addresses = (node["status"]["addresses"].arrayValue ?? [])
                .filter { $0["type"] == "InternalIP" }.compactMap { $0["address"].stringValue }
            let count = pods.count {
                $0["spec"]["nodeName"].stringValue == node.objectName && !ObjectState.isOver($0)
            }
            let version = node["status"]["nodeInfo"]["kubeletVersion"].stringValue ?? ""
            return [
                node.objectName, ObjectState.text(node), "\(count)", version,
                addresses.joined(separator: ","),
            ]
        }
    }

    /// Kind and name, desired, ready, images.
    var workloadRows: [[String]] {
        workloads.map { workload in
            let copies = ObjectState.copies(workload) ?? (desired: 0, ready: 0)
            let containers = workload["spec"]["template"]["spec"]["containers"].arrayValue ?? []
            return [
                workload.objectNamespace, Self.name(workload), "\(copies.desired)",
                "\(copies.ready)",
                containers.compactMap { $0["image"].stringValue }.joined(separator: ","),
            ]
        }
    }

    /// Name, state, model, copies, address.
    var modelRows: [[String]] {
        models.map { model in
            let spec = model["spec"]["model"]
            let version = spec["version"].stringValue.map { ":" + $0 } ?? ""
            let copies = ObjectState.copies(model) ?? (desired: 0, ready: 0)
            return [
                model.objectNamespace, model.objectName, ObjectState.text(model),
                (spec["name"].stringValue ?? spec["uri"].stringValue ?? "") + version,
                "\(copies.ready)/\(copies.desired)", model["status"]["url"].stringValue ?? "",
            ]
        }
    }

    /// Name, address, ports, how many endpoints are ready.
    var serviceRows: [[String]] {
        services.map { service in
            let ports = (service["spec"]["ports"].arrayValue ?? []).map { port in
                "\(port["port"].integerValue ?? 0)/\(port["protocol"].stringValue ?? "TCP")"
            }
            return [
                service.objectNamespace, service.objectName,
                service["spec"]["clusterIP"].stringValue ?? "", ports.joined(separator: ","),
                "\(endpointCount(of: service))",
            ]
        }
    }

    /// What is wrong and why, each a line; nothing if all is well.
    var problems: [String] {
        let lost = nodes.filter { !Readiness.hasCondition($0, "Ready", "True") }.map { node in
            "node/\(node.objectName): not ready" + Self.because(condition("Ready", of: node))
        }
        let tooFew = (workloads + models).filter { workload in
            guard let copies = ObjectState.copies(workload) else { return false }
            // A job that works is as it is to be.
            return copies.ready < copies.desired
                && (workload["kind"] != "Job" || isInTrouble(job: workload))
        }
        let short = tooFew.compactMap { workload -> String? in
            guard let copies = ObjectState.copies(workload) else { return nil }
            return "\(Self.place(workload)): \(copies.ready) of \(copies.desired) ready"
                + Self.because(reason(workload))
        }
        // What a workload lacks is told once.
        let told = Set(tooFew.flatMap { ownPods(of: $0) }.map { $0["metadata"]["uid"].stringValue })
        let failing = pods.compactMap { pod -> String? in
            guard !told.contains(pod["metadata"]["uid"].stringValue) else { return nil }
            // Somebody has seen to it that another one takes its place.
            guard !ObjectState.isOver(pod) || !ObjectState.isControlled(pod) else { return nil }
            guard let trouble = ObjectState.trouble(pod) else { return nil }
            return "\(Self.place(pod)): \(trouble)"
        }
        let empty = services.compactMap { service -> String? in
            guard service["spec"]["selector"] != nil, endpointCount(of: service) == 0 else {
                return nil
            }
            return "\(Self.place(service)): no ready pod stands behind it"
        }
        return lost + short + failing + empty
    }

    private static func name(_ object: JSON) -> String {
        (object["kind"].stringValue ?? "").lowercased() + "/" + object.objectName
    }

    /// `default: deployment/web`.
    private static func place(_ object: JSON) -> String {
        name(object) + " in " + object.objectNamespace
    }

    private static func because(_ reason: String) -> String { reason.isEmpty ? "" : ": " + reason }

    private func endpointCount(of service: JSON) -> Int {
        slices.filter {
            $0.objectNamespace == service.objectNamespace
                && $0["metadata"]["labels"]["kubernetes.io/service-name"].stringValue
                    == service.objectName
        }.flatMap { $0["endpoints"].arrayValue ?? [] }.count {
            $0["conditions"]["ready"] != false
        }
    }

    /// Why a workload has too few copies: what it says itself, or what one of its pods says.
    private func reason(_ workload: JSON) -> String {
        let failure = workload["status"]["modelStatus"]["lastFailureInfo"]["message"].stringValue
        if let failure, !failure.isEmpty { return failure }
        for type in ["ReplicaFailure", "Failed"]
        where Readiness.hasCondition(workload, type, "True") {
            return condition(type, of: workload)
        }
        if workload["kind"] == "ModelDeployment" { return condition("Ready", of: workload) }
        let own = ownPods(of: workload)
        guard !own.isEmpty else { return "it has no pods" }
        // What has ended was the reason once.
        let present = own.filter { !ObjectState.isOver($0) } + own.filter { ObjectState.isOver($0) }
        let trouble = present.lazy.compactMap { ObjectState.trouble($0) }.first
        return trouble ?? "its pods are starting"
    }

    private func isInTrouble(job: JSON) -> Bool {
        Readiness.hasCondition(job, "Failed", "True")
            || ownPods(of: job).contains {
                !ObjectState.isOver($0) && ObjectState.trouble($0) != nil
            }
    }

    private func ownPods(of workload: JSON) -> [JSON] {
        guard let object = workload["spec"]["selector"], object.objectValue != nil,
            // A selector that is none selects nothing.
            let selector = try? LabelSelector(object: object)
        else { return [] }
        return pods.filter {
            $0.objectNamespace == workload.objectNamespace
                && selector.matches($0["metadata"]["labels"])
        }
    }

    private func condition(_ type: String, of object: JSON) -> String {
        let conditions = object["status"]["conditions"].arrayValue ?? []
        let found = conditions.first { $0["type"].stringValue == type }
        return found["message"].stringValue ?? found["reason"].stringValue ?? ""
    }
}
