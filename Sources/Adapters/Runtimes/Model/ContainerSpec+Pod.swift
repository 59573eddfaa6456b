package import PodModel
package import ResourceModel

/// What a node has made ready for a pod's containers.
package struct PodGround: Sendable {
    /// The pod's sandbox.
    package var sandboxID: String
    /// The paths of its volumes by name.
    package var volumes: [String: String]
    /// Where its logs go, `CONTAINER/ATTEMPT.log`.
    package var logFolder: String

    /// What is ready.
    package init(sandboxID: String, volumes: [String: String], logFolder: String) {
        self.sandboxID = sandboxID
        self.volumes = volumes
        self.logFolder = logFolder
    }
}

extension ContainerSpec {
    /// Where programs are looked for if the container does not say.
    static let defaultPath =
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// What a container of a pod is to be, as its specification says.
    /// - Throws: what it asks for and cannot be had, in words for `CreateContainerConfigError`.
    package init(
        _ container: JSON, of pod: JSON, attempt: Int, _ environment: ContainerEnvironment,
        _ ground: PodGround
    ) throws(ConfigurationFailure) {
        let name = container["name"].stringValue ?? ""
        let words = ["command", "args"].flatMap { container[$0].arrayValue ?? [] }
        let command = environment.expand(words.compactMap(\.stringValue))
        if command.isEmpty {
            throw ConfigurationFailure("no command specified: images are not looked into")
        }
        self.init(
            sandboxID: ground.sandboxID, name: name, attempt: attempt, command: command,
            log: LogPolicy(path: "\(ground.logFolder)/\(name)/\(attempt).log"))
        self.environment = environment.settings
        if environment["PATH"] == nil { self.environment.append(Self.defaultPath) }
        if environment["HOSTNAME"] == nil {
            let host = pod.value(at: "metadata.name").stringValue ?? ""
            self.environment.append("HOSTNAME=\(host)")
        }
        let folder = container["workingDir"].stringValue ?? ""
        workingDirectory = folder.isEmpty ? "/" : folder
        mounts = try Self.mounts(of: container, environment, ground.volumes)
        let given = container.value(at: "resources.limits")
        limits.memoryBytesMax = Self.quantity(given["memory"])?.roundedUp
        limits.cpuThousandthsMax = Self.quantity(given["cpu"])?.thousandthsRoundedUp
        let (own, podwide) = (container["securityContext"], pod.value(at: "spec.securityContext"))
        user = (own["runAsUser"] ?? podwide["runAsUser"]).integerValue
        group = (own["runAsGroup"] ?? podwide["runAsGroup"]).integerValue
    }

    private static func quantity(_ value: JSON?) -> Quantity? {
        // What was admitted is a quantity.
        value.flatMap { try? Quantity($0) }
    }

    private static func mounts(
        of container: JSON, _ environment: ContainerEnvironment, _ volumes: [String: String]
    ) throws(ConfigurationFailure) -> [Mount] {
        var mounts: [Mount] = []
        for mount in container["volumeMounts"].arrayValue ?? [] {
            let name = mount["name"].stringValue ?? ""
            guard var source = volumes[name] else {
                throw ConfigurationFailure("no volume \(GoText.quoted(name)) for a mount")
            }
            let path = mount["subPath"].stringValue
                ?? mount["subPathExpr"].stringValue.map { environment.expand([$0])[0] } ?? ""
            if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
                throw ConfigurationFailure("invalid subPath \(GoText.quoted(path))")
            }
            if !path.isEmpty { source += "/" + path }
            mounts.append(
                Mount(
                    source: source, target: mount["mountPath"].stringValue ?? "",
                    isReadOnly: mount["readOnly"].boolValue ?? false))
        }
        return mounts
    }
}
