internal import ClusterAccess
internal import ResourceModel

/// The pods and containers that commands about them mean.
enum PodChoice {
    /// What `POD` or `TYPE/NAME` names: a pod, or one of the pods of a workload.
    /// - Parameter tells: whether to say which one.
    static func pod(_ text: String, _ session: Session, tells: Bool = false) throws -> JSON {
        let podKind = try session.directory.kind(named: "pods")
        let place = text.contains("/")
            ? try ResourceArguments.places([text], session)[0]
            : ObjectPlace(podKind, namespace: session.namespace, name: text)
        let object = try session.get(place)
        guard place.kind.kind != "Pod" else { return object }
        guard let selector = object["spec"]["selector"] else {
            throw CommandFailure("\(place.printed) selects no pods")
        }
        // Services and replication controllers select by labels alone.
        let isPlain = selector["matchLabels"] == nil && selector["matchExpressions"] == nil
        let labels = try LabelSelector(object: isPlain ? ["matchLabels": selector] : selector)
        let pods = try session.list(
            podKind, namespace: place.namespace, labels: labels.description
        ).items.sorted { $0.objectName < $1.objectName }
        let ready = pods.first { Readiness.hasCondition($0, "Ready", "True") }
        guard let pod = ready ?? pods.first else {
            throw CommandFailure("\(place.printed) has no pods")
        }
        if tells, pods.count > 1 {
            Standard.complain("Found \(pods.count) pods, using pod/\(pod.objectName)")
        }
        return pod
    }

    /// The container that is named, or the one that the pod or its order says.
    /// - Parameter isQuiet: not to say which one of several.
    static func container(
        of pod: JSON, named name: String?, isQuiet: Bool = false
    ) throws -> String {
        let lists = [
            ("containers", ""), ("ephemeralContainers", " (ephem)"), ("initContainers", " (init)"),
        ]
        let all = lists.flatMap { list, label in
            (pod["spec"][list].arrayValue ?? []).compactMap { $0["name"].stringValue }
                .map { (name: $0, label: $0 + label) }
        }
        let labels = all.map(\.label).joined(separator: ", ")
        let annotations = pod["metadata"]["annotations"]
        let usual = annotations["kubectl.kubernetes.io/default-container"].stringValue
        guard let chosen = name ?? usual ?? all.first?.name else {
            throw CommandFailure("no containers found in the pod")
        }
        guard all.contains(where: { $0.name == chosen }) else {
            throw CommandFailure(
                "container \(chosen) is not valid for pod \(pod.objectName) out of: \(labels)")
        }
        if name == nil, usual == nil, all.count > 1, !isQuiet {
            Standard.complain(
                "Defaulted container \(GoText.quoted(chosen)) out of: \(labels)")
        }
        return chosen
    }
}
