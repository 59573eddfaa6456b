internal import Primitives
internal import ResourceModel

/// Questions that are asked by creating an object which is answered and forgotten.
extension APIService {
    /// The groups whose resources are such questions.
    static let reviewGroups: Set = ["authentication.k8s.io", "authorization.k8s.io"]

    /// Answers a question.
    func review(_ call: ResourceCall) throws(APIFailure) -> Answer {
        let options = try WriteOptions(call.request, type: "CreateOptions")
        var object = try object(of: call, options).object
        switch call.kind.kind {
        case "SelfSubjectReview": object["status"] = ["userInfo": Self.describe(call.user)]
        case "SelfSubjectAccessReview":
            object["status"] = try decide(object["spec"], call.user)
        case "SubjectAccessReview", "LocalSubjectAccessReview":
            let spec = object["spec"]
            let groups = (spec["groups"].arrayValue ?? []).compactMap(\.stringValue)
            let user = UserInfo(name: spec["user"].stringValue ?? "", groups: groups)
            guard !user.name.isEmpty || !groups.isEmpty else {
                throw .invalid(
                    call.kind, "",
                    [
                        .invalid(
                            "spec.user", "", "at least one of user or group must be specified")
                    ])
            }
            object["status"] = try decide(spec, user)
        case "SelfSubjectRulesReview": object["status"] = rules(of: call.user)
        default: throw .methodNotAllowed(call.kind, "create")
        }
        return Answer(status: 201, body: object.encoded + [UInt8(ascii: "\n")])
    }

    private static func describe(_ user: UserInfo) -> JSON {
        var info: JSON = ["username": .string(user.name)]
        if !user.uid.isEmpty { info["uid"] = .string(user.uid) }
        info["groups"] = .array(user.groups.map { .string($0) })
        return info
    }

    private func decide(_ spec: JSON?, _ user: UserInfo) throws(APIFailure) -> JSON {
        func text(_ json: JSON?, _ name: String) -> String { json[name].stringValue ?? "" }
        let decision: AccessDecision
        if let resource = spec["resourceAttributes"] {
            decision = authorizer.decide(
                AccessAttributes(
                    verb: text(resource, "verb"), group: text(resource, "group"),
                    version: text(resource, "version"), resource: text(resource, "resource"),
                    subresource: text(resource, "subresource"),
                    namespace: text(resource, "namespace"), name: text(resource, "name")),
                by: user)
        } else if let page = spec["nonResourceAttributes"] {
            decision = authorizer.decide(
                AccessAttributes(verb: text(page, "verb"), path: text(page, "path")), by: user)
        } else {
            throw .badRequest(
                "exactly one of nonResourceAttributes or resourceAttributes must be specified")
        }
        var status: JSON = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return status
    }

    /// What `GroupAuthorizer` lets a user do.
    private func rules(of user: UserInfo) -> JSON {
        guard user.groups.contains(UserInfo.mastersGroup) else {
            return [
                "resourceRules": [
                    [
                        "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
                        "resources": ["selfsubjectreviews"],
                    ],
                    [
                        "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
                    ],
                ],
                "nonResourceRules": [["verbs": ["get"], "nonResourceURLs": Self.openPages]],
                "incomplete": false,
            ]
        }
        return [
            "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
            "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
            "incomplete": false,
        ]
    }

    private static let openPages: JSON = [
        "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
        "/readyz", "/version",
    ]
}
