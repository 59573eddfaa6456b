package import ResourceModel

extension KindDefinition {
    /// Confidential settings that pods read.
    package static let secret = KindDefinition(
        group: "", version: "v1", kind: "Secret", resource: "secrets", schema: .secret,
        columns: [
            .text("Type", at: "type", "What it holds, by convention."),
            Column("Data", type: "string", "How many entries it has.") { object, _ in
                .integer(Int64(object["data"].objectValue?.count ?? 0))
            },
            .age,
        ],
        strategy: Strategy(
            setDefaults: { object in
                if object["type"].stringValue?.isEmpty ?? true { object["type"] = "Opaque" }
                for member in object["stringData"].objectValue?.members ?? [] {
                    let text = member.value.stringValue ?? ""
                    object["data"][member.name] = .string(Base64.encode(Array(text.utf8)))
                }
                object["stringData"] = nil
            },
            validate: { object, old in
                Findings.collect { findings in
                    let members = object["data"].objectValue?.members ?? []
                    findings.dataKeys("data", members)
                    if members.reduce(0, { $0 + $1.value.decodedByteCount }) > dataBytesMax {
                        findings.tooLong("data", bytesMax: dataBytesMax)
                    }
                    findings.neededKeys(of: object)
                    if let old { findings.immutable("type", object["type"], was: old["type"]) }
                    findings.immutableData(object, old, fields: ["data"])
                }
            },
            selectableFields: { [("type", $0["type"].stringValue ?? "")] }))
}

/// Entries that secrets of a type must have.
private let keysByType: [String: [String]] = [
    "kubernetes.io/dockercfg": [".dockercfg"],
    "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
    "kubernetes.io/ssh-auth": ["ssh-privatekey"],
    "kubernetes.io/tls": ["tls.crt", "tls.key"],
]

extension Findings {
    fileprivate mutating func neededKeys(of object: JSON) {
        let type = object["type"].stringValue ?? ""
        for key in keysByType[type] ?? [] where object["data"][key] == nil {
            required("data[\(key)]")
        }
        let isLogin = type == "kubernetes.io/basic-auth"
        if isLogin, object["data"]["username"] == nil, object["data"]["password"] == nil {
            required("data[username]")
            required("data[password]")
        }
        let account = "kubernetes.io/service-account.name"
        if type == "kubernetes.io/service-account-token",
            object["metadata"]["annotations"][account].stringValue?.isEmpty ?? true
        {
            required("metadata.annotations[\(account)]")
        }
    }
}

extension ObjectSchema {
    static let secret = resource(
        "io.k8s.api.core.v1.Secret", "Confidential settings that pods read.",
        [
            Field(
                5, "immutable", .boolean, "Whether its entries can no longer change.").keepingZero,
            Field(2, "data", .map(of: .bytes), "The entries, in Base64."),
            Field(
                4, "stringData", .map(of: .text),
                "Entries as plain texts; moved into `data` when written."),
            Field(3, "type", .text, "What it holds, by convention."),
        ])
}
