internal import ResourceModel

/// Acting as somebody else, as with `kubectl --as`.
extension APIService {
    /// As whom a request is made: its client, or whom its headers name if the client may act so.
    func actor(of request: HTTPRequest, _ client: UserInfo) throws(APIFailure) -> UserInfo {
        let headers = request.headers.filter { $0.name.hasPrefix("impersonate-") }
        guard !headers.isEmpty else { return client }
        func values(_ name: String) -> [String] {
            headers.filter { $0.name == name }.map(\.value)
        }
        guard let name = values("impersonate-user").first, !name.isEmpty else {
            throw .badRequest("a user must be named to be impersonated (Impersonate-User)")
        }
        try impersonate("users", name, client)
        var user = UserInfo(name: name, groups: values("impersonate-group"))
        for group in user.groups { try impersonate("groups", group, client) }
        if let uid = values("impersonate-uid").first {
            try impersonate("uids", group: "authentication.k8s.io", uid, client)
            user.uid = uid
        }
        for header in headers where header.name.hasPrefix("impersonate-extra-") {
            try impersonate(
                "userextras", group: "authentication.k8s.io", header.value, client)
        }
        let own =
            name == UserInfo.anonymous.name
            ? UserInfo.unauthenticatedGroup : UserInfo.authenticatedGroup
        if !user.groups.contains(own) { user.groups.append(own) }
        return user
    }

    private func impersonate(
        _ resource: String, group: String = "", _ name: String, _ client: UserInfo
    ) throws(APIFailure) {
        try authorize(
            AccessAttributes(verb: "impersonate", group: group, resource: resource, name: name),
            client)
    }
}
