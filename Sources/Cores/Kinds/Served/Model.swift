package import ResourceModel

extension KindDefinition {
    /// Versions of trained models: the model metadata store.
    package static let model = KindDefinition(
        group: "models.keelson.dev", version: "v1alpha1", kind: "Model", resource: "models",
        shortNames: ["mdl"], categories: ["serving"], hasStatus: true, schema: .model,
        columns: [
            .shown("Model", "The name that all versions share.") { object in
                let name = object.value(at: "spec.modelName").stringValue ?? ""
                return name.isEmpty ? object.value(at: "metadata.name").stringValue ?? "" : name
            },
            .text("Format", at: "spec.format.name", "The format of its files."),
            .text("Version", at: "spec.version", "Its version."),
            .text("Phase", at: "status.phase", "Whether it can be used."),
            .age,
            .shown("Parents", priority: 1, "The models from which it was made.") { object in
                let parents = object.value(at: "spec.lineage.parents").arrayValue ?? []
                let names = parents.compactMap(\.stringValue).joined(separator: ",")
                return names.isEmpty ? "<none>" : names
            },
            .text("URI", at: "spec.uri", priority: 1, "Where its files are."),
            .shown("SHA256", priority: 1, "Their hash: as asked for, or as found.") { object in
                let wanted = object.value(at: "spec.sha256").stringValue ?? ""
                let found = object.value(at: "status.sha256").stringValue ?? "<none>"
                return wanted.isEmpty ? found : wanted
            },
        ],
        strategy: Strategy(
            prepareForCreate: { $0["status"] = ["phase": "Pending"] },
            validate: { object, old in
                Findings.collect { findings in
                    findings.modelSpec(object["spec"])
                    if let old { findings.modelUpdate(object, old) }
                }
            },
            selectableFields: { object in
                ["spec.modelName", "spec.version", "spec.format.name", "status.phase"].map {
                    ($0, object.value(at: $0).stringValue ?? "")
                }
            }))
}

/// How the files of a model may be fetched.
let modelSchemes = ["file", "https", "http", "s3", "oci"]

extension Findings {
    fileprivate mutating func modelSpec(_ spec: JSON?) {
        modelFormat("spec.format", spec["format"])
        if spec["version"].stringValue?.isEmpty ?? true { required("spec.version") }
        form("spec.version", spec["version"], .labelValue)
        form("spec.modelName", spec["modelName"], .dns1123Subdomain)
        modelURI("spec.uri", spec["uri"])
        modelHash("spec.sha256", spec["sha256"])
        for member in spec["metrics"].objectValue?.members ?? []
        where Double(member.value.stringValue ?? "") == nil {
            invalid("spec.metrics[\(member.name)]", member.value, "must be a decimal number")
        }
    }

    /// A version is what it is: another file is another version.
    fileprivate mutating func modelUpdate(_ object: JSON, _ old: JSON) {
        for path in ["spec.format", "spec.version", "spec.modelName"] {
            immutable(path, object.value(at: path), was: old.value(at: path))
        }
        for path in ["spec.uri", "spec.sha256"] where old.value(at: "spec.sha256") != nil {
            immutable(path, object.value(at: path), was: old.value(at: path))
        }
    }

    /// The format of a model's files.
    mutating func modelFormat(_ path: String, _ format: JSON?) {
        if format["name"].stringValue?.isEmpty ?? true { required(path + ".name") }
        form(path + ".name", format["name"], .labelValue)
        form(path + ".version", format["version"], .labelValue)
    }

    /// The hash of a model's files.
    mutating func modelHash(_ path: String, _ hash: JSON?) {
        guard let text = hash.stringValue, !text.isEmpty, !text.isSHA256 else { return }
        invalid(path, hash, "must be 64 lower-case hexadecimal digits")
    }

    /// Where a model's files are.
    mutating func modelURI(_ path: String, _ uri: JSON?) {
        guard let text = uri.stringValue, !text.isEmpty else { return required(path) }
        let parts = text.split(separator: ":", maxSplits: 1)
        // A small model may stand in its own address (RFC 2397).
        if parts.count == 2, parts[0] == "data", parts[1].contains(",") { return }
        guard parts.count == 2, parts[1].hasPrefix("//"), parts[1].utf8.count > 2 else {
            return invalid(path, uri, "must be a URI, as in s3://bucket/path")
        }
        if !modelSchemes.contains(String(parts[0])) {
            invalid(path, uri, "its scheme must be one of \(modelSchemes.joined(separator: ", "))")
        }
    }
}

extension String {
    /// Whether this is the text of such a hash: 64 lower-case hexadecimal digits.
    fileprivate var isSHA256: Bool {
        utf8.count == 64
            && utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension ObjectSchema {
    static let model = resource(
        "dev.keelson.models.v1alpha1.Model",
        "A version of a trained model: its files and where they come from.",
        [
            Field(
                2, "spec", .object(.modelSpec),
                "What it is, and where its files are.", isRequired: true),
            Field(3, "status", .object(.modelStatus), "Its state as last observed."),
        ])

    static let modelSpec = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelSpec", "What a model is, and where its files are.",
        [
            Field(1, "format", .object(.modelFormat), "The format of its files.", isRequired: true),
            Field(2, "version", .text, "Its version, as in `1` or `2026-05-01`.", isRequired: true),
            Field(
                3, "uri", .text,
                "Where its files are: `file`, `https`, `s3`, `oci`, or `data` for a small one.",
                isRequired: true),
            Field(4, "sha256", .text, "The hash of its files, in hexadecimal."),
            Field(
                5, "modelName", .text,
                "The name that all versions share; the object's own name if left out."),
            Field(6, "framework", .text, "What it was trained with."),
            Field(
                7, "metrics", .map(of: .text),
                "Figures of its quality by name, as decimal numbers."),
            Field(8, "parameters", .map(of: .text), "Settings of its training by name."),
            Field(9, "lineage", .object(.modelLineage), "Where it comes from."),
        ])

    static let modelFormat = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelFormat", "A format of model files.",
        [
            Field(1, "name", .text, "Its name, as in `onnx` or `sklearn`.", isRequired: true),
            Field(2, "version", .text, "Its version."),
        ])

    static let modelLineage = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelLineage", "Where a model comes from.",
        [
            Field(1, "parents", .list(.text), "Names of the models from which it was made."),
            Field(2, "datasets", .list(.text), "The data on which it was trained."),
            Field(3, "sourceURI", .text, "The code with which it was trained."),
            Field(4, "commit", .text, "The revision of that code."),
            Field(5, "runID", .text, "The training run."),
            Field(6, "createdBy", .text, "Who trained it."),
        ])

    static let modelStatus = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelStatus", "A model as last observed.",
        [
            Field(1, "observedGeneration", .int64, "The generation that was looked at."),
            Field(2, "phase", .oneOf("Failed", "Pending", "Ready"), "Whether it can be used."),
            Field(3, "sizeBytes", .int64, "The size of its files."),
            Field(4, "deployments", .list(.text), "Deployments that use it."),
            Field(
                5, "conditions", .list(.object(.condition), keys: ["type"], mergeKey: "type"),
                "Its state in single aspects."),
            Field(6, "sha256", .text, "The hash of its files, as a node has found it."),
        ])
}
