package import ResourceModel

/// Keeps the addresses of the pods behind each service in slices: those that are ready, and those
/// that still serve on their way out, so that connections can be drained. Pods that are not ready
/// are left out.
package struct EndpointSlicePlanner: Planner {
    /// Its name.
    package static let name = "endpointslice-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.service, .pod, .endpointSlice]
    /// So many endpoints are in one slice at most.
    package static let endpointsMax = 100

    /// Pods with this label are shared out by it: they are in slices of their own that have it, so
    /// that a proxy can give each group its share.
    package static let groupLabel = "keelson.dev/traffic-group"
    static let serviceLabel = "kubernetes.io/service-name"
    static let managerLabel = "endpointslice.kubernetes.io/managed-by"
    static let managerName = "endpointslice-controller.k8s.io"

    /// Makes a planner.
    package init() {}

    /// The service itself, that of a slice, or those that select a pod.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        switch object.kind {
        case .service: return [object.reference]
        case .endpointSlice:
            guard let name = object.labels[Self.serviceLabel].stringValue else { return [] }
            return [ObjectReference(.service, object.namespace, name)]
        default:
            return observed[.service].inNamespace(object.namespace).filter { service in
                Self.selector(of: service)?.matches(object.labels) ?? false
            }.map(\.reference)
        }
    }

    /// The slices of a service.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let service = observed.object(reference), !service.isTerminating,
            let selector = Self.selector(of: service)
        else { return Plan() }
        let pods = observed[.pod].matching(selector, in: service.namespace).map { Pod($0) }
        var wanted: [EndpointPorts: [JSON]] = [:]
        for pod in pods {
            guard let endpoint = endpoint(pod, of: service) else { continue }
            wanted[EndpointPorts(of: service, for: pod), default: []].append(endpoint)
        }
        return SliceLayout(of: service, among: observed[.endpointSlice]).plan(wanted)
    }

    /// A service without a selector has its slices made by somebody else; one that is a mere name
    /// has none.
    private static func selector(of service: Resource) -> LabelSelector? {
        guard service.json.value(at: "spec.type") != "ExternalName",
            let wanted = service.json.value(at: "spec.selector").objectValue, !wanted.isEmpty
        else { return nil }
        return LabelSelector(
            wanted.members.map { .init($0.name, .equals, [$0.value.stringValue ?? ""]) })
    }

    /// A pod as an endpoint; nil if it is not to be one.
    private func endpoint(_ pod: Pod, of service: Resource) -> JSON? {
        guard let address = pod.address, !pod.isFinished else { return nil }
        let publishesAll = service.json.value(at: "spec.publishNotReadyAddresses") == true
        guard pod.isReady || publishesAll else { return nil }
        var endpoint: JSON = [
            "addresses": [.string(address)],
            "conditions": [
                "ready": .bool(publishesAll || !pod.isTerminating), "serving": .bool(pod.isReady),
                "terminating": .bool(pod.isTerminating),
            ],
        ]
        let spec = pod.json["spec"]
        if spec["hostname"] != nil, spec["subdomain"].stringValue == service.name {
            endpoint["hostname"] = spec["hostname"]
        }
        endpoint["targetRef"] = [
            "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
            "uid": .string(pod.uid),
        ]
        if let node = pod.nodeName { endpoint["nodeName"] = .string(node) }
        return endpoint
    }
}

/// What the endpoints of a slice have in common: the ports of the service as they are at a pod
/// (where they have names, pods may differ), and the share of traffic.
struct EndpointPorts: Hashable {
    private(set) var ports: [Port] = []

    struct Port: Hashable {
        var name: String
        var transport: String
        var number: Int64
        var application: String?
    }

    /// To which share of a service's traffic the pods belong; empty if it is not shared out.
    private(set) var group = ""

    init(of service: Resource, for pod: Pod) {
        group = pod.labels[EndpointSlicePlanner.groupLabel].stringValue ?? ""
        for port in service.json.value(at: "spec.ports").arrayValue ?? [] {
            let transport = port["protocol"].stringValue ?? "TCP"
            guard let number = Self.number(port, transport, at: pod) else { continue }
            ports.append(
                Port(
                    name: port["name"].stringValue ?? "", transport: transport, number: number,
                    application: port["appProtocol"].stringValue))
        }
    }

    private static func number(_ port: JSON, _ transport: String, at pod: Pod) -> Int64? {
        guard let name = port["targetPort"].stringValue else {
            return port["targetPort"].integerValue ?? port["port"].integerValue
        }
        let sidecars = pod.initContainers.filter { $0["restartPolicy"] == "Always" }
        return (pod.containers + sidecars).flatMap { $0["ports"].arrayValue ?? [] }.first {
            $0["name"].stringValue == name && $0["protocol"].stringValue ?? "TCP" == transport
        }["containerPort"].integerValue
    }

    /// Any fixed order does.
    var sortKey: String { group + json.encodedText }

    /// Whether a slice is for these.
    func isServed(by slice: Resource) -> Bool {
        slice.json["ports"] ?? [] == json
            && slice.labels[EndpointSlicePlanner.groupLabel].stringValue ?? "" == group
    }

    var json: JSON {
        .array(
            ports.map { port in
                var json: JSON = [
                    "name": .string(port.name), "protocol": .string(port.transport),
                    "port": .integer(port.number),
                ]
                json["appProtocol"] = port.application.map(JSON.string)
                return json
            })
    }
}

/// Which endpoint is in which slice. An endpoint stays in its slice while it can, so that a
/// change of one pod changes one slice.
private struct SliceLayout {
    private let service: Resource
    private let slices: [Resource]
    private let cache: ObjectCache

    init(of service: Resource, among cache: ObjectCache) {
        self.service = service
        self.cache = cache
        let selector = LabelSelector([
            .init(EndpointSlicePlanner.serviceLabel, .equals, [service.name]),
            .init(EndpointSlicePlanner.managerLabel, .equals, [EndpointSlicePlanner.managerName]),
        ])
        slices = cache.matching(selector, in: service.namespace).filter { slice in
            !slice.isTerminating && slice.controller?.uid == service.uid
        }
    }

    func plan(_ wanted: [EndpointPorts: [JSON]]) -> Plan {
        var plan = Plan()
        var unused = slices
        var missing: [(EndpointPorts, [JSON])] = []
        for (ports, endpoints) in wanted.sorted(by: { $0.key.sortKey < $1.key.sortKey }) {
            var rest = endpoints
            for slice in slices where ports.isServed(by: slice) {
                let kept = take(from: &rest, for: slice)
                guard !kept.isEmpty else { continue }
                update(slice, to: ports, kept, &plan)
                unused.removeAll { $0.uid == slice.uid }
            }
            let most = EndpointSlicePlanner.endpointsMax
            while !rest.isEmpty {
                missing.append((ports, Array(rest.prefix(most))))
                rest.removeFirst(min(most, rest.count))
            }
        }
        // A slice whose endpoints are gone takes others, before it is deleted.
        for (slice, (ports, endpoints)) in zip(unused, missing) {
            update(slice, to: ports, endpoints, &plan)
        }
        let names = ChildNames.free(max(0, missing.count - unused.count), of: service, in: cache)
        for (name, (ports, endpoints)) in zip(names, missing.dropFirst(unused.count)) {
            plan.append(.create(slice(name, ports, endpoints)))
        }
        for slice in unused.dropFirst(missing.count) {
            plan.append(.delete(slice.reference, uid: slice.uid, .background))
        }
        return plan
    }

    /// The endpoints that a slice keeps, and as many others as it has room for once those that
    /// stay elsewhere are there.
    private func take(from rest: inout [JSON], for slice: Resource) -> [JSON] {
        let present = Self.uids(in: slice)
        let elsewhere = slices.reduce(into: Set<String>()) { uids, other in
            if other.uid != slice.uid { uids.formUnion(Self.uids(in: other)) }
        }
        let kept = rest.map(Self.uid).filter(present.contains)
        let newcomers = rest.map(Self.uid).filter {
            !present.contains($0) && !elsewhere.contains($0)
        }
        let taken = Set((kept + newcomers).prefix(EndpointSlicePlanner.endpointsMax))
        defer { rest.removeAll { taken.contains(Self.uid(of: $0)) } }
        return rest.filter { taken.contains(Self.uid(of: $0)) }
    }

    /// The pod that an endpoint is.
    private static func uid(of endpoint: JSON) -> String {
        endpoint["targetRef"]["uid"].stringValue ?? ""
    }

    private static func uids(in slice: Resource) -> Set<String> {
        Set((slice.json["endpoints"].arrayValue ?? []).map(uid))
    }

    private func update(
        _ slice: Resource, to ports: EndpointPorts, _ endpoints: [JSON], _ plan: inout Plan
    ) {
        var patch = JSON.emptyObject
        if slice.json["endpoints"] ?? [] != .array(endpoints) {
            patch["endpoints"] = .array(endpoints)
        }
        if slice.json["ports"] ?? [] != ports.json { patch["ports"] = ports.json }
        let group: JSON? = ports.group.isEmpty ? nil : .string(ports.group)
        if slice.labels[EndpointSlicePlanner.groupLabel] != group {
            patch["metadata"]["labels"] = [EndpointSlicePlanner.groupLabel: group ?? .null]
        }
        guard patch != .emptyObject else { return }
        patch["metadata"]["resourceVersion"] = .string(slice.resourceVersion)
        plan.append(.patch(slice.reference, patch))
    }

    private func slice(_ name: String, _ ports: EndpointPorts, _ endpoints: [JSON]) -> JSON {
        var labels = service.labels ?? .emptyObject
        labels[EndpointSlicePlanner.serviceLabel] = .string(service.name)
        labels[EndpointSlicePlanner.managerLabel] = .string(EndpointSlicePlanner.managerName)
        if !ports.group.isEmpty {
            labels[EndpointSlicePlanner.groupLabel] = .string(ports.group)
        }
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "name": .string(name), "namespace": .string(service.namespace), "labels": labels,
                "ownerReferences": [service.controllerReference],
            ],
            "addressType": "IPv4", "endpoints": .array(endpoints), "ports": ports.json,
        ]
    }
}
