package import ResourceModel

extension KindDefinition {
    /// Models that are served under an address.
    package static let modelDeployment = KindDefinition(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ModelDeployment",
        resource: "modeldeployments", shortNames: ["mdep"], categories: ["all", "serving"],
        hasStatus: true,
        scale: ScalePaths(
            specReplicas: "spec.replicas", statusReplicas: "status.replicas",
            selector: "status.selector"),
        schema: .modelDeployment,
        columns: [
            .text("URL", at: "status.url", "Where it is reached."),
            .shown("Ready", "Whether it serves.") { object in
                let conditions = object.value(at: "status.conditions").arrayValue ?? []
                let ready = conditions.first { $0["type"] == "Ready" }
                return ready["status"].stringValue ?? "Unknown"
            },
            .shown("Model", "The model that is served.") { object in
                let model = object.value(at: "spec.model")
                let name = model["name"].stringValue ?? model["uri"].stringValue ?? ""
                return model["version"].stringValue.map { "\(name):\($0)" } ?? name
            },
            .shown("Prev", "The share of requests that the version before gets.") {
                $0.traffic(ofLatest: false)
            },
            .shown("Latest", "The share of requests that the newest version gets.") {
                $0.traffic(ofLatest: true)
            },
            .age,
            .text(
                "Status", at: "status.modelStatus.transitionStatus", priority: 1,
                "How far a change is."),
        ],
        strategy: Strategy(
            prepareForCreate: { $0["status"] = [:] },
            validate: { object, _ in
                Findings.collect { $0.modelDeploymentSpec(object["spec"]) }
            }))
}

extension JSON {
    fileprivate func traffic(ofLatest isLatest: Bool) -> String {
        let targets = value(at: "status.traffic").arrayValue ?? []
        let target = targets.first { ($0["latestRevision"] == true) == isLatest }
        return target["percent"].integerValue.map { "\($0)" } ?? ""
    }
}

extension Findings {
    fileprivate mutating func modelDeploymentSpec(_ spec: JSON?) {
        let model = spec["model"]
        switch (model["name"].isUnset, model["uri"].isUnset) {
        case (true, true):
            required("spec.model.name", "a model is given by its name or by a uri")
        case (false, false):
            forbidden("spec.model.uri", "may not be specified when `name` is")
        case (false, true): form("spec.model.name", model["name"], .dns1123Subdomain)
        case (true, false):
            modelURI("spec.model.uri", model["uri"])
            modelFormat("spec.model.format", model["format"])
            modelHash("spec.model.sha256", model["sha256"])
        }
        form("spec.model.version", model["version"], .labelValue)
        form("spec.runtime", spec["runtime"], .dns1123Subdomain)
        for name in ["replicas", "minReplicas", "maxReplicas", "timeoutSeconds"] {
            notNegative("spec.\(name)", spec[name])
        }
        if let least = spec["minReplicas"].integerValue,
            let most = spec["maxReplicas"].integerValue, most < least
        {
            invalid("spec.maxReplicas", .integer(most), "must not be less than minReplicas")
        }
        range("spec.canaryTrafficPercent", spec["canaryTrafficPercent"], 0...100)
        range("spec.progressDeadlineSeconds", spec["progressDeadlineSeconds"], 1...2_147_483_647)
        labels("spec.nodeSelector", spec["nodeSelector"])
        variables("spec.env", spec["env"])
        resources("spec.resources", spec["resources"])
    }
}

extension ObjectSchema {
    static let modelDeployment = resource(
        "dev.keelson.models.v1alpha1.ModelDeployment", "Serves a model under an address.",
        [
            Field(
                2, "spec", .object(.modelDeploymentSpec),
                "Which model is served, by what and by how many.", isRequired: true),
            Field(3, "status", .object(.modelDeploymentStatus), "Its state as last observed."),
        ])

    static let modelDeploymentSpec = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelDeploymentSpec",
        "Which model is served, by what and by how many.",
        [
            Field(1, "model", .object(.modelDeploymentModel), "The model.", isRequired: true),
            Field(
                2, "runtime", .text,
                "The serving runtime; chosen by the model's format if left out."),
            Field(
                3, "replicas", .int32, "How many copies there are to be.", default: 1).keepingZero,
            Field(4, "minReplicas", .int32, "The fewest copies when scaled by load.").keepingZero,
            Field(5, "maxReplicas", .int32, "The most copies when scaled by load.").keepingZero,
            Field(
                6, "canaryTrafficPercent", .int64,
                "The share of requests for a new version on trial.").keepingZero,
            Field(
                7, "resources", .object(.resourceRequirements),
                "What each copy needs and may use at most."),
            Field(8, "timeoutSeconds", .int64, "How long a request may take."),
            Field(
                9, "env", .list(.object(.envVar), keys: ["name"], mergeKey: "name"),
                "Variables of the runtime's environment."),
            Field(10, "nodeSelector", .map(of: .text), "Labels that nodes must have."),
            Field(
                11, "tolerations", .list(.object(.toleration)),
                "Taints of nodes that it puts up with."),
            Field(
                12, "progressDeadlineSeconds", .int32,
                "How long a new version may take to become ready before it is rolled back.",
                default: 600).keepingZero,
        ])

    static let modelDeploymentModel = ObjectSchema(
        "dev.keelson.models.v1alpha1.ModelDeploymentModel",
        "The model that is served: by name and version, or by its files.",
        [
            Field(1, "name", .text, "The name of a model."),
            Field(2, "version", .text, "The version; the newest if left out."),
            Field(
                3, "uri", .text, "Where the files are, for a model without an object of its own."),
            Field(4, "format", .object(.modelFormat), "The format of those files."),
            Field(5, "sha256", .text, "The hash of those files, in hexadecimal."),
        ])
}
