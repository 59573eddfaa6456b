package import ResourceModel

extension KindDefinition {
    /// Who has the rights of a role within a namespace.
    package static let roleBinding = KindDefinition(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding",
        resource: "rolebindings", schema: .roleBinding, columns: Column.binding,
        strategy: Strategy(
            setDefaults: { $0.setSubjectGroups() },
            validate: { object, old in
                Findings.collect {
                    $0.binding(object, old, roleKinds: ["Role", "ClusterRole"])
                }
            },
            allowsCreateOnUpdate: true, nameIsPathSegment: true))
}

extension Column {
    /// The columns of bindings of both kinds.
    static let binding: [Column] = [
        .shown("Role", "The role whose rights are given.") { object in
            let kind = object.value(at: "roleRef.kind").stringValue ?? ""
            return "\(kind)/\(object.value(at: "roleRef.name").stringValue ?? "")"
        },
        .age,
        .shown("Users", priority: 1, "Users who get them.") { $0.subjects("User") },
        .shown("Groups", priority: 1, "Groups who get them.") { $0.subjects("Group") },
        .shown("ServiceAccounts", priority: 1, "Service accounts that get them.") {
            $0.subjects("ServiceAccount")
        },
    ]
}

extension JSON {
    fileprivate func subjects(_ kind: String) -> String {
        (self["subjects"].arrayValue ?? []).filter { $0["kind"].stringValue == kind }
            .map { subject in
                let name = subject["name"].stringValue ?? ""
                guard kind == "ServiceAccount" else { return name }
                return "\(subject["namespace"].stringValue ?? "")/\(name)"
            }.joined(separator: ", ")
    }

    /// Users and groups are of RBAC's group, service accounts of the core group.
    mutating func setSubjectGroups() {
        self["subjects"]?.withItems { subjects in
            for index in subjects.indices where subjects[index]["apiGroup"] == nil {
                let isUser = ["User", "Group"].contains(subjects[index]["kind"].stringValue ?? "")
                if isUser { subjects[index]["apiGroup"] = "rbac.authorization.k8s.io" }
            }
        }
    }
}

extension Findings {
    /// A binding of either kind.
    mutating func binding(_ object: JSON, _ old: JSON?, roleKinds: [String]) {
        let role = object["roleRef"]
        if !roleKinds.contains(role["kind"].stringValue ?? "") {
            unsupported("roleRef.kind", role["kind"], roleKinds)
        }
        if role["apiGroup"] != "rbac.authorization.k8s.io" {
            unsupported("roleRef.apiGroup", role["apiGroup"], ["rbac.authorization.k8s.io"])
        }
        if role["name"].stringValue?.isEmpty ?? true { required("roleRef.name") }
        if let old, old["roleRef"] != role { invalid("roleRef", role, "cannot change roleRef") }
        for (index, subject) in (object["subjects"].arrayValue ?? []).enumerated() {
            self.subject("subjects[\(index)]", subject, isNamespaced: roleKinds.count == 2)
        }
    }

    private mutating func subject(_ path: String, _ subject: JSON, isNamespaced: Bool) {
        if subject["name"].stringValue?.isEmpty ?? true { required(path + ".name") }
        switch subject["kind"].stringValue {
        case "ServiceAccount":
            form(path + ".name", subject["name"], .dns1123Subdomain)
            if !(subject["apiGroup"].stringValue ?? "").isEmpty {
                unsupported(path + ".apiGroup", subject["apiGroup"], [""])
            }
            if !isNamespaced, subject["namespace"].stringValue?.isEmpty ?? true {
                required(path + ".namespace")
            }
        case "User", "Group":
            if subject["apiGroup"] != "rbac.authorization.k8s.io" {
                unsupported(
                    path + ".apiGroup", subject["apiGroup"], ["rbac.authorization.k8s.io"])
            }
        default:
            unsupported(
                path + ".kind", subject["kind"], ["Group", "ServiceAccount", "User"])
        }
    }
}

extension ObjectSchema {
    static let roleBinding = resource(
        "io.k8s.api.rbac.v1.RoleBinding", "Gives somebody the rights of a role within a namespace.",
        [
            Field(2, "subjects", .list(.object(.subject)), "Who gets them."),
            Field(3, "roleRef", .object(.roleRef), "The role.", isRequired: true),
        ])

    static let subject = ObjectSchema(
        "io.k8s.api.rbac.v1.Subject", "Somebody who may be given rights.", isAtomic: true,
        [
            Field(1, "kind", .text, "User, Group or ServiceAccount.", isRequired: true),
            Field(2, "apiGroup", .text, "The group of the kind."),
            Field(3, "name", .text, "The name.", isRequired: true),
            Field(4, "namespace", .text, "The namespace of a service account."),
        ])

    static let roleRef = ObjectSchema(
        "io.k8s.api.rbac.v1.RoleRef", "A role.", isAtomic: true,
        [
            Field(
                1, "apiGroup", .text,
                "The role's API group.", default: "rbac.authorization.k8s.io"),
            Field(2, "kind", .text, "Role or ClusterRole.", isRequired: true),
            Field(3, "name", .text, "The name.", isRequired: true),
        ])
}
