/// What the path of a request names (Kubernetes' API conventions).
enum ResourcePath: Sendable, Equatable {
    /// A resource, one of its objects or a part of one.
    case resource(ResourceAddress)
    /// Anything else: discovery, health, metrics.
    case page

    /// Reads a path's segments.
    init(_ segments: [String]) {
        var rest = segments[...]
        var address = ResourceAddress(group: "", version: "", resource: "")
        switch rest.popFirst() {
        case "api":
            guard let version = rest.popFirst() else { self = .page; return }
            address.version = version
        case "apis":
            guard let group = rest.popFirst(), let version = rest.popFirst() else {
                self = .page
                return
            }
            address.group = group
            address.version = version
        default:
            self = .page
            return
        }
        guard !rest.isEmpty else { self = .page; return }
        // `namespaces/NAME/status` is a part of the namespace; `namespaces/NAME/pods` is in it.
        let parts = Array(rest)
        let isInside =
            parts[0] == "namespaces" && parts.count > 2
            && !(parts.count == 3 && ["status", "finalize"].contains(parts[2]))
        if isInside {
            address.namespace = parts[1]
            rest = rest.dropFirst(2)
        }
        address.resource = rest.removeFirst()
        address.name = rest.popFirst()
        address.subresource = rest.popFirst()
        address.remainder = Array(rest)
        self = .resource(address)
    }
}

/// Names a resource, an object or a part of one.
struct ResourceAddress: Sendable, Equatable {
    /// Empty for the core group.
    var group: String
    /// As in `v1`.
    var version: String
    /// In the plural.
    var resource: String
    /// Nil for a resource of the cluster, or all namespaces.
    var namespace: String?
    /// Nil for the collection.
    var name: String?
    /// As in `status`.
    var subresource: String?
    /// What follows the subresource.
    var remainder: [String] = []

    /// The verb that authorization speaks of.
    func verb(method: String, isWatch: Bool) -> String {
        switch method {
        case "GET", "HEAD": name != nil ? "get" : isWatch ? "watch" : "list"
        case "POST": "create"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": name != nil ? "delete" : "deletecollection"
        default: method.lowercased()
        }
    }
}
