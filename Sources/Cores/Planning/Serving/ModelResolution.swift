import ResourceModel

/// What a model deployment asks for, looked up: the model's files and what serves them.
struct ModelResolution {
    /// Why it cannot be looked up, with the reasons of `lastFailureInfo`.
    struct Failure: Error, Equatable {
        var reason: String
        var message: String
    }

    /// The model's name.
    let name: String
    /// Its version.
    let version: String
    let format: String
    let uri: String
    let sha256: String?
    /// The name of the Model, if there is one.
    let object: String?
    /// The serving runtime.
    let runtime: Resource

    init(_ deployment: ModelDeployment, in observed: Observed) throws(Failure) {
        let wanted = deployment.json.value(at: "spec.model")
        let format: JSON?
        if let name = wanted["name"].stringValue, !name.isEmpty {
            let version = wanted["version"].stringValue
            let model = try Self.model(
                name, version, observed[.model].inNamespace(deployment.namespace))
            let spec = model.json["spec"]
            self.name = name
            self.version = spec["version"].stringValue ?? ""
            uri = spec["uri"].stringValue ?? ""
            sha256 = spec["sha256"].stringValue
            object = model.name
            format = spec["format"]
        } else {
            name = deployment.name
            version = wanted["version"].stringValue ?? ""
            uri = wanted["uri"].stringValue ?? ""
            sha256 = wanted["sha256"].stringValue
            object = nil
            format = wanted["format"]
        }
        self.format = format["name"].stringValue ?? ""
        runtime = try Self.runtime(
            deployment.json.value(at: "spec.runtime").stringValue, for: format,
            observed[.servingRuntime].inNamespace(deployment.namespace))
    }

    /// Whether the node fetches it; else the runtime does.
    var isFetched: Bool { ModelVolume.isFetched(uri) }

    /// The name that all versions of a model share.
    static func sharedName(of model: Resource) -> String {
        let name = model.json.value(at: "spec.modelName").stringValue ?? ""
        return name.isEmpty ? model.name : name
    }

    /// The model that a deployment asks for by name; nil if there is none.
    static func model(of deployment: ModelDeployment, in observed: Observed) -> Resource? {
        let wanted = deployment.json.value(at: "spec.model")
        guard let name = wanted["name"].stringValue, !name.isEmpty else { return nil }
        let models = observed[.model].inNamespace(deployment.namespace)
        // Why there is none is told by the deployment.
        return try? model(name, wanted["version"].stringValue, models)
    }

    /// The version that is asked for, or the newest.
    private static func model(
        _ name: String, _ version: String?, _ models: [Resource]
    ) throws(Failure) -> Resource {
        let candidates = models.filter { model in
            sharedName(of: model) == name
                && (version == nil || model.json.value(at: "spec.version").stringValue == version)
        }
        let newest = candidates.max { ($0.creation, $0.name) < ($1.creation, $1.name) }
        guard let newest else {
            let detail = version.map { " of version \(GoText.quoted($0))" } ?? ""
            throw Failure(
                reason: "InvalidPredictorSpec",
                message: "there is no model \(GoText.quoted(name))\(detail)")
        }
        return newest
    }

    /// The runtime that is asked for, or the one that serves the format best.
    private static func runtime(
        _ name: String?, for format: JSON?, _ runtimes: [Resource]
    ) throws(Failure) -> Resource {
        let formatName = format["name"].stringValue ?? ""
        guard let name, !name.isEmpty else {
            let ranked = runtimes.compactMap { runtime -> (Resource, Int64)? in
                guard !isDisabled(runtime), let entry = support(runtime, format),
                    entry["autoSelect"] == true
                else { return nil }
                return (runtime, entry["priority"].integerValue ?? 0)
            }
            let best = ranked.max { ($0.1, $1.0.name) < ($1.1, $0.0.name) }
            guard let best else {
                throw Failure(
                    reason: "NoSupportingRuntime",
                    message: "no runtime serves format \(GoText.quoted(formatName)) by itself")
            }
            return best.0
        }
        guard let runtime = runtimes.first(where: { $0.name == name }) else {
            throw Failure(
                reason: "RuntimeNotRecognized",
                message: "there is no runtime \(GoText.quoted(name))")
        }
        if isDisabled(runtime) {
            throw Failure(
                reason: "RuntimeDisabled", message: "runtime \(GoText.quoted(name)) is disabled")
        }
        guard support(runtime, format) != nil else {
            throw Failure(
                reason: "NoSupportingRuntime",
                message: "runtime \(GoText.quoted(name)) does not serve format "
                    + GoText.quoted(formatName))
        }
        return runtime
    }

    private static func isDisabled(_ runtime: Resource) -> Bool {
        runtime.json.value(at: "spec.disabled") == true || runtime.isTerminating
    }

    /// The entry of the format's name, and of its version unless either leaves it open.
    private static func support(_ runtime: Resource, _ format: JSON?) -> JSON? {
        let version = format["version"].stringValue ?? ""
        return (runtime.json.value(at: "spec.supportedModelFormats").arrayValue ?? []).first {
            let served = $0["version"].stringValue ?? ""
            return $0["name"] == format["name"]
                && (served.isEmpty || version.isEmpty || served == version)
        }
    }
}

/// What planners ask of a model deployment.
struct ModelDeployment: ObjectView {
    let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    /// How many copies there are to be.
    var replicas: Int {
        let wanted = integer("spec.replicas") ?? 1
        let least = integer("spec.minReplicas") ?? 0
        return min(max(wanted, least), integer("spec.maxReplicas") ?? .max)
    }
    /// The share of requests for a version on trial, below 100; nil if there is to be no trial.
    var canaryPercent: Int? {
        integer("spec.canaryTrafficPercent").flatMap { $0 < 100 ? $0 : nil }
    }
    /// How long a version may take to become ready.
    var progressDeadlineSeconds: Int { integer("spec.progressDeadlineSeconds") ?? 600 }
    /// The newest revision that was ready.
    var latestReadyRevision: String? {
        json.value(at: "status.latestReadyRevision").stringValue
    }
}
