/// What somebody wants to do.
struct AccessAttributes: Sendable, Equatable {
    /// As in `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`;
    /// for a path the method in lower case.
    var verb: String
    /// The resource's group.
    var group = ""
    /// The resource's version.
    var version = ""
    /// Empty for a path.
    var resource = ""
    /// As in `status`.
    var subresource = ""
    /// Empty for none or all.
    var namespace = ""
    /// Empty for all.
    var name = ""
    /// The path of what is no resource.
    var path = ""
}

/// Decides who may do what. The one seam for it: rules of RBAC come behind the same protocol.
protocol Authorizer: Sendable {
    /// Whether the user may do it, and why not.
    func decide(_ attributes: AccessAttributes, by user: UserInfo) -> AccessDecision
}

/// What an authorizer says.
struct AccessDecision: Sendable, Equatable {
    /// Whether it is allowed.
    var isAllowed: Bool
    /// In words; may be empty.
    var reason = ""
}

/// Members of `system:masters` may do everything; everybody may ask for health and version; who
/// has shown a valid identity may look at the API itself and ask what they may do.
struct GroupAuthorizer: Authorizer {
    private static let openPaths: Set = ["healthz", "livez", "readyz", "version"]
    private static let discoveryPaths: Set = ["api", "apis", "openapi"]
    private static let reviews: Set = [
        "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews",
    ]

    func decide(_ attributes: AccessAttributes, by user: UserInfo) -> AccessDecision {
        if user.groups.contains(UserInfo.mastersGroup) { return AccessDecision(isAllowed: true) }
        let isAuthenticated = user.groups.contains(UserInfo.authenticatedGroup)
        if attributes.resource.isEmpty {
            let first = attributes.path.split(separator: "/").first.map(String.init) ?? ""
            let isRead = ["get", "head"].contains(attributes.verb)
            let isOpen = Self.openPaths.contains(first)
            let isDiscovery = isAuthenticated && Self.discoveryPaths.contains(first)
            return AccessDecision(isAllowed: isRead && (isOpen || isDiscovery))
        }
        let isReview = attributes.verb == "create" && Self.reviews.contains(attributes.resource)
        return AccessDecision(isAllowed: isAuthenticated && isReview)
    }
}
