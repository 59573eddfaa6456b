package import ResourceModel

extension KindDefinition {
    /// Programs that serve models.
    package static let servingRuntime = KindDefinition(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ServingRuntime",
        resource: "servingruntimes", shortNames: ["srt"], categories: ["serving"],
        schema: .servingRuntime,
        columns: [
            Column("Disabled", type: "boolean", "Whether it is not to be used.") { object, _ in
                .bool(object.value(at: "spec.disabled") == true)
            },
            .shown("Formats", "The formats that it serves.") { object in
                let formats = object.value(at: "spec.supportedModelFormats").arrayValue ?? []
                return formats.compactMap { $0["name"].stringValue }.joined(separator: ",")
            },
            .shown("Containers", "The names of its containers.") { object in
                let containers = object.value(at: "spec.containers").arrayValue ?? []
                return containers.compactMap { $0["name"].stringValue }.joined(separator: ",")
            },
            .age,
        ],
        strategy: Strategy(
            setDefaults: { $0["spec"]?.setContainerDefaults() },
            validate: { object, _ in
                Findings.collect { $0.servingRuntimeSpec(object["spec"]) }
            }))
}

extension Findings {
    fileprivate mutating func servingRuntimeSpec(_ spec: JSON?) {
        let formats = spec["supportedModelFormats"].arrayValue ?? []
        if formats.isEmpty { required("spec.supportedModelFormats") }
        var seen: Set<String> = []
        for (index, format) in formats.enumerated() {
            let path = "spec.supportedModelFormats[\(index)]"
            modelFormat(path, format)
            let name = format["name"].stringValue ?? ""
            if !seen.insert("\(name):\(format["version"].stringValue ?? "")").inserted {
                duplicate(path, format)
            }
        }
        notNegative("spec.replicas", spec["replicas"])
        labels("spec.nodeSelector", spec["nodeSelector"])
        var volumes = self.volumes("spec.volumes", spec["volumes"])
        if !volumes.insert(ModelVolume.name).inserted {
            forbidden("spec.volumes", "`\(ModelVolume.name)` is the volume with the model")
        }
        containers("spec", spec, volumes: volumes, needsImage: false)
    }
}

extension ObjectSchema {
    static let servingRuntime = resource(
        "dev.keelson.models.v1alpha1.ServingRuntime",
        "A program that serves models of some formats.",
        [
            Field(
                2, "spec", .object(.servingRuntimeSpec),
                "Which formats it serves, and how it is started.", isRequired: true),
        ])

    static let servingRuntimeSpec = ObjectSchema(
        "dev.keelson.models.v1alpha1.ServingRuntimeSpec",
        "Which formats a runtime serves, and how it is started.",
        [
            Field(
                1, "supportedModelFormats", .list(.object(.supportedModelFormat), keys: ["name",
                "version"]),
                "The formats.", isRequired: true),
            Field(
                2, "containers", .list(.object(.container), keys: ["name"], mergeKey: "name"),
                "Its containers; in their arguments `{{.Path}}` and the like stand for the model.",
                isRequired: true),
            Field(
                3, "protocolVersions", .list(.text),
                "The protocols that it speaks; v2 is the Open Inference Protocol."),
            Field(
                4, "multiModel", .boolean,
                "Whether one process serves several models.", default: false),
            Field(
                5, "disabled", .boolean,
                "Whether it is not to be used for new deployments.", default: false),
            Field(6, "replicas", .int32, "How many pods a deployment gets that does not say."),
            Field(7, "nodeSelector", .map(of: .text), "Labels that nodes must have."),
            Field(
                8, "tolerations", .list(.object(.toleration)),
                "Taints of nodes that it puts up with."),
            Field(
                9, "volumes", .list(.object(.volume), keys: ["name"], mergeKey: "name",
                retainsKeys: true),
                "Storage that its containers may mount."),
        ])

    static let supportedModelFormat = ObjectSchema(
        "dev.keelson.models.v1alpha1.SupportedModelFormat", "A format that a runtime serves.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
            Field(2, "version", .text, "Its version; all if empty.", default: ""),
            Field(
                3, "autoSelect", .boolean,
                "Whether the runtime is chosen for it by itself.", default: false),
            Field(4, "priority", .int32, "Which runtime is chosen first; the higher one."),
        ])
}
