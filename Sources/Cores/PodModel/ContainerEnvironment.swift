internal import Primitives
package import ResourceModel

/// What a container's environment is made from, beside its own specification.
package struct PodSurroundings: Sendable {
    /// The data of config maps by name; nil under a name that does not exist.
    package var configMaps: [String: [String: String]] = [:]
    /// The decoded data of secrets by name.
    package var secrets: [String: [String: String]] = [:]
    /// Variables that the node adds; those of the container come before them.
    package var nodeVariables: [String: String] = [:]
    /// The address of the machine.
    package var hostAddress = ""
    /// The address of the pod.
    package var podAddress = ""
    /// What the node has to give, where a container has no limit; as in `status.allocatable`.
    package var allocatable: JSON = .emptyObject

    /// Surroundings without anything.
    package init() {}
}

/// Why a container cannot be made as it is specified: the message of `CreateContainerConfigError`.
package struct ConfigurationFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The words of kubelet.
    package var description: String

    /// A failure in these words.
    package init(_ description: String) {
        self.description = description
    }
}

/// A container's environment, from `env` and `envFrom`.
package struct ContainerEnvironment: Sendable, Equatable {
    /// Names and values; a name occurs once, at the place where it was first set.
    package private(set) var variables: [(name: String, value: String)] = []
    private var places: [String: Int] = [:]

    /// Works out the environment of a container of a pod.
    package init(
        of container: JSON, in pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) {
        for source in container["envFrom"].arrayValue ?? [] {
            let data = try Self.entries(of: source, in: pod, surroundings)
            let prefix = source["prefix"].stringValue ?? ""
            for (key, value) in data.sorted(by: { $0.key < $1.key }) {
                let name = prefix + key
                if !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) { set(name, value) }
            }
        }
        for variable in container["env"].arrayValue ?? [] {
            guard let name = variable["name"].stringValue else { continue }
            let value = variable["value"].stringValue ?? ""
            if !value.isEmpty {
                let known = self
                let added = surroundings.nodeVariables
                set(name, VariableExpansion.expand(value) { known[$0] ?? added[$0] })
            } else if let source = variable["valueFrom"], !source.isNull {
                let found = try Self.value(from: source, container, pod, surroundings)
                if let found { set(name, found) }
            } else {
                set(name, "")
            }
        }
        let added = surroundings.nodeVariables.sorted { $0.key < $1.key }
        for (name, value) in added where places[name] == nil { set(name, value) }
    }

    /// The value of a variable.
    package subscript(name: String) -> String? { places[name].map { variables[$0].value } }

    /// `NAME=value`, as processes take them.
    package var settings: [String] { variables.map { "\($0.name)=\($0.value)" } }

    /// The program and its arguments with `$(NAME)` replaced.
    package func expand(_ texts: [String]) -> [String] {
        texts.map { VariableExpansion.expand($0) { self[$0] } }
    }

    /// Equal if the same names have the same values in the same order.
    package static func == (left: Self, right: Self) -> Bool { left.settings == right.settings }

    private mutating func set(_ name: String, _ value: String) {
        if let place = places[name] {
            variables[place].value = value
        } else {
            places[name] = variables.count
            variables.append((name, value))
        }
    }

    private static func entries(
        of source: JSON, in pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) -> [String: String] {
        if let reference = source["configMapRef"] {
            let name = reference["name"].stringValue ?? ""
            if let data = surroundings.configMaps[name] { return data }
            if reference["optional"].boolValue != true {
                throw ConfigurationFailure("configmap \(GoText.quoted(name)) not found")
            }
        } else if let reference = source["secretRef"] {
            let name = reference["name"].stringValue ?? ""
            if let data = surroundings.secrets[name] { return data }
            if reference["optional"].boolValue != true {
                throw ConfigurationFailure("secret \(GoText.quoted(name)) not found")
            }
        }
        return [:]
    }

    /// The value that a variable takes from elsewhere; nil if it is left out.
    private static func value(
        from source: JSON, _ container: JSON, _ pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) -> String? {
        if let field = source["fieldRef"] {
            let path = field["fieldPath"].stringValue ?? ""
            return try DownwardField.value(at: path, of: pod, surroundings)
        }
        if let resource = source["resourceFieldRef"] {
            return try DownwardField.resource(resource, of: container, in: pod, surroundings)
        }
        let namespace = pod.value(at: "metadata.namespace").stringValue ?? ""
        if let reference = source["configMapKeyRef"] {
            return try entry(
                reference, "configmap", "ConfigMap", namespace, surroundings.configMaps)
        }
        if let reference = source["secretKeyRef"] {
            return try entry(reference, "secret", "Secret", namespace, surroundings.secrets)
        }
        throw ConfigurationFailure("a variable has no known source")
    }

    private static func entry(
        _ reference: JSON, _ resource: String, _ kind: String, _ namespace: String,
        _ objects: [String: [String: String]]
    ) throws(ConfigurationFailure) -> String? {
        let name = reference["name"].stringValue ?? ""
        let key = reference["key"].stringValue ?? ""
        let isOptional = reference["optional"].boolValue == true
        guard let data = objects[name] else {
            if isOptional { return nil }
            throw ConfigurationFailure("\(resource) \(GoText.quoted(name)) not found")
        }
        if let value = data[key] { return value }
        if isOptional { return nil }
        throw ConfigurationFailure("couldn't find key \(key) in \(kind) \(namespace)/\(name)")
    }
}

/// The objects that a pod refers to.
package enum PodReferences {
    /// The names of the config maps that its containers and volumes use, sorted.
    package static func configMaps(of pod: JSON) -> [String] {
        names(of: pod, ("configMapRef", "configMapKeyRef"), volume: "configMap", "name")
    }

    /// The names of the secrets that its containers and volumes use, sorted.
    package static func secrets(of pod: JSON) -> [String] {
        names(of: pod, ("secretRef", "secretKeyRef"), volume: "secret", "secretName")
    }

    private static func names(
        of pod: JSON, _ fields: (all: String, one: String), volume: String, _ nameField: String
    ) -> [String] {
        var names: Set<String> = []
        for container in PodContainers.all(of: pod) {
            for source in container["envFrom"].arrayValue ?? [] {
                if let name = source[fields.all]["name"].stringValue { names.insert(name) }
            }
            for variable in container["env"].arrayValue ?? [] {
                let reference = variable["valueFrom"][fields.one]
                if let name = reference["name"].stringValue { names.insert(name) }
            }
        }
        for source in pod.value(at: "spec.volumes").arrayValue ?? [] {
            if let name = source[volume][nameField].stringValue { names.insert(name) }
        }
        return names.sorted()
    }
}

/// The containers of a pod's specification.
package enum PodContainers {
    /// Those that run to their end, one after the other, before the others start; and those among
    /// them that go on.
    package static func initial(of pod: JSON) -> [JSON] {
        pod.value(at: "spec.initContainers").arrayValue ?? []
    }

    /// Those that run together.
    package static func main(of pod: JSON) -> [JSON] {
        pod.value(at: "spec.containers").arrayValue ?? []
    }

    /// All, in the order of their start.
    package static func all(of pod: JSON) -> [JSON] { initial(of: pod) + main(of: pod) }
}
