package import ResourceModel

extension KindDefinition {
    /// Settings that pods read.
    package static let configMap = KindDefinition(
        group: "", version: "v1", kind: "ConfigMap", resource: "configmaps", shortNames: ["cm"],
        schema: .configMap,
        columns: [
            Column("Data", type: "string", "How many entries it has.") { object, _ in
                let texts = object["data"].objectValue?.count ?? 0
                let bytes = object["binaryData"].objectValue?.count ?? 0
                return .integer(Int64(texts + bytes))
            },
            .age,
        ],
        strategy: Strategy(
            validate: { object, old in
                Findings.collect { findings in
                    let texts = object["data"].objectValue?.members ?? []
                    let binaries = object["binaryData"].objectValue?.members ?? []
                    findings.dataKeys("data", texts)
                    findings.dataKeys("binaryData", binaries)
                    for member in texts where object["binaryData"][member.name] != nil {
                        findings.invalid(
                            "data[\(member.name)]", .string(member.name),
                            "duplicate of key present in binaryData")
                    }
                    let sizeBytes =
                        texts.reduce(0) { $0 + ($1.value.stringValue?.utf8.count ?? 0) }
                        + binaries.reduce(0) { $0 + $1.value.decodedByteCount }
                    if sizeBytes > dataBytesMax {
                        findings.tooLong("", bytesMax: dataBytesMax)
                    }
                    findings.immutableData(object, old, fields: ["data", "binaryData"])
                }
            }))
}

/// The most that a config map or a secret may hold.
let dataBytesMax = 1 << 20

extension Findings {
    /// Names of entries.
    mutating func dataKeys(_ path: String, _ members: [JSONObject.Member]) {
        for member in members {
            for problem in NameRule.configMapKey.problems(member.name) {
                invalid("\(path)[\(member.name)]", .string(member.name), problem)
            }
        }
    }

    /// What was declared immutable stays as it is.
    mutating func immutableData(_ object: JSON, _ old: JSON?, fields: [String]) {
        guard let old, old["immutable"] == true else { return }
        if object["immutable"] != true {
            forbidden("immutable", "field is immutable when `immutable` is set")
        }
        for field in fields where object[field] != old[field] {
            forbidden(field, "field is immutable when `immutable` is set")
        }
    }
}

extension JSON {
    /// How many bytes a Base64 text stands for.
    var decodedByteCount: Int {
        guard let text = stringValue else { return 0 }
        let padding = text.utf8.reversed().prefix { $0 == 0x3D }.count
        return text.utf8.count / 4 * 3 - padding
    }
}

extension ObjectSchema {
    static let configMap = resource(
        "io.k8s.api.core.v1.ConfigMap", "Settings that pods read.",
        [
            Field(
                4, "immutable", .boolean, "Whether its entries can no longer change.").keepingZero,
            Field(2, "data", .map(of: .text), "Entries with texts."),
            Field(3, "binaryData", .map(of: .bytes), "Entries with bytes."),
        ])
}
