import ResourceModel

/// One version of a model on one version of its runtime: what a Deployment of its own runs. Its
/// name says what it is, so that equal ones are made once.
struct ModelRevision {
    static let deploymentLabel = "models.keelson.dev/deployment"
    static let revisionLabel = "models.keelson.dev/revision"
    static let versionAnnotation = "models.keelson.dev/version"
    static let uriAnnotation = "models.keelson.dev/uri"
    static let sha256Annotation = "models.keelson.dev/sha256"
    /// The name of the Model, if there is one.
    static let modelAnnotation = "models.keelson.dev/model"
    static let portName = "http"

    let owner: ModelDeployment
    /// The name of the revision and of its Deployment.
    let name: String
    private let template: JSON

    init(of deployment: ModelDeployment, _ resolution: ModelResolution) {
        owner = deployment
        var template = Self.template(of: deployment, resolution)
        let hash = ChildNames.hash(template, collisions: 0)
        name = "\(deployment.name.prefix(63 - hash.utf8.count - 1))-\(hash)"
        for label in [Self.revisionLabel, EndpointSlicePlanner.groupLabel] {
            template["metadata"]["labels"][label] = .string(name)
        }
        self.template = template
    }

    /// Its Deployment.
    func deployment(replicas: Int) -> JSON {
        let labels: JSON = [
            Self.deploymentLabel: .string(owner.name), Self.revisionLabel: .string(name),
        ]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name), "namespace": .string(owner.namespace), "labels": labels,
                "annotations": template.value(at: "metadata.annotations") ?? [:],
                "ownerReferences": [owner.controllerReference],
            ],
            "spec": [
                "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels],
                "progressDeadlineSeconds": .integer(Int64(owner.progressDeadlineSeconds)),
                "template": template,
            ],
        ]
    }

    private static func template(
        of deployment: ModelDeployment, _ resolution: ModelResolution
    ) -> JSON {
        let runtime = resolution.runtime.json["spec"]
        let spec = deployment.json["spec"]
        var pod = JSON.emptyObject
        for name in ["nodeSelector", "tolerations", "volumes"] {
            pod[name] = spec[name] ?? runtime[name]
        }
        let containers = runtime["containers"].arrayValue ?? []
        pod["containers"] = .array(
            containers.enumerated().map { index, container in
                Self.container(container, isFirst: index == 0, deployment, resolution)
            })
        var annotations: JSON = [
            versionAnnotation: .string(resolution.version), uriAnnotation: .string(resolution.uri),
        ]
        if let hash = resolution.sha256, !hash.isEmpty {
            annotations[sha256Annotation] = .string(hash)
        }
        annotations[modelAnnotation] = resolution.object.map(JSON.string)
        if resolution.isFetched {
            let volume = ModelVolume(uri: resolution.uri, sha256: resolution.sha256 ?? "")
            pod["volumes"] = .array((pod["volumes"].arrayValue ?? []) + [volume.json])
        }
        return [
            "metadata": [
                "labels": [deploymentLabel: .string(deployment.name)], "annotations": annotations,
            ],
            "spec": pod,
        ]
    }

    /// A container of the runtime; the first is the one that serves.
    private static func container(
        _ container: JSON, isFirst: Bool, _ deployment: ModelDeployment,
        _ resolution: ModelResolution
    ) -> JSON {
        var container = container
        let words = [
            "Name": resolution.name, "Version": resolution.version, "Format": resolution.format,
            "URI": resolution.uri, "Deployment": deployment.name,
            // Known to the node alone, which says it in this variable.
            "Path": resolution.isFetched ? "$(MODEL_PATH)" : "",
        ]
        for field in ["command", "args"] {
            container[field]?.withItems { items in
                items = items.map { fill($0, words) }
            }
        }
        let own = ["NAME": "Name", "VERSION": "Version", "FORMAT": "Format", "URI": "URI"]
            .sorted { $0.key < $1.key }
        let added = own.map { name, word -> JSON in
            ["name": .string("MODEL_" + name), "value": .string(words[word] ?? "")]
        }
        // A runtime may be a program of the node itself; pods must name an image all the same.
        container["image"] = container["image"] ?? .string(resolution.runtime.name)
        let given = deployment.json.value(at: "spec.env").arrayValue ?? []
        let names = Set((added + given).compactMap { $0["name"].stringValue })
        let kept = (container["env"].arrayValue ?? []).filter {
            !names.contains($0["name"].stringValue ?? "")
        }
        container["env"] = .array(added + kept + given)
        guard isFirst else { return container }
        if let resources = deployment.json.value(at: "spec.resources") {
            container["resources"] = resources
        }
        serve(resolution.name, by: &container)
        return container
    }

    /// Names the port and asks for the model's readiness as the Open Inference Protocol has it,
    /// where the runtime does not say otherwise.
    private static func serve(_ model: String, by container: inout JSON) {
        var ports = container["ports"].arrayValue ?? []
        if ports.isEmpty { ports = [["containerPort": 8080]] }
        ports[0]["name"] = ports[0]["name"] ?? .string(portName)
        container["ports"] = .array(ports)
        guard container["readinessProbe"] == nil else { return }
        container["readinessProbe"] = [
            "httpGet": [
                "path": .string("/v2/models/\(model)/ready"), "port": ports[0]["name"] ?? 8080,
            ],
            "periodSeconds": 2,
        ]
    }

    /// Puts words where `{{.Word}}` stands.
    private static func fill(_ value: JSON, _ words: [String: String]) -> JSON {
        guard let text = value.stringValue, text.utf8.contains(UInt8(ascii: "{")) else {
            return value
        }
        var filled = ""
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{.") {
            filled += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}"),
                let word = words[String(rest[..<close.lowerBound])]
            else {
                filled += "{{."
                continue
            }
            filled += word
            rest = rest[close.upperBound...]
        }
        return .string(filled + rest)
    }
}
