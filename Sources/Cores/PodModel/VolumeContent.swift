package import Primitives
package import ResourceModel

/// A file of a volume.
package struct VolumeFile: Sendable, Equatable {
    /// Relative to the volume, without `..`.
    package var path: String
    /// What is in it.
    package var bytes: Bytes
    /// The permission bits.
    package var mode: UInt32

    /// A file.
    package init(path: String, bytes: Bytes, mode: UInt32 = 0o644) {
        self.path = path
        self.bytes = bytes
        self.mode = mode
    }
}

/// The entries of config maps and secrets that volumes are made of, by the objects' names.
package struct VolumeSources: Sendable {
    /// The entries of config maps.
    package var configMaps: [String: [String: Bytes]] = [:]
    /// The entries of secrets, decoded.
    package var secrets: [String: [String: Bytes]] = [:]

    /// No objects.
    package init() {}

    /// The entries of a config map.
    package static func entries(ofConfigMap object: JSON) -> [String: Bytes] {
        var entries = decoded(object["binaryData"])
        for member in object["data"].objectValue?.members ?? [] {
            entries[member.name] = member.value.stringValue.map { Bytes($0.utf8) }
        }
        return entries
    }

    /// The entries of a secret.
    package static func entries(ofSecret object: JSON) -> [String: Bytes] {
        decoded(object["data"])
    }

    private static func decoded(_ data: JSON?) -> [String: Bytes] {
        var entries: [String: Bytes] = [:]
        for member in data.objectValue?.members ?? [] {
            // The API admits nothing but base64.
            entries[member.name] = member.value.stringValue.flatMap { Base64.decode($0) }
        }
        return entries
    }
}

/// What a volume of a pod holds.
package enum VolumeContent: Sendable, Equatable {
    /// A folder that is empty at first and goes with the pod.
    case empty
    /// A path of the machine that must be, or become, what `type` says.
    case host(path: String, type: String)
    /// Files that are kept as they are in the API.
    case files([VolumeFile])

    /// What a volume of a pod is to hold.
    /// - Throws: the words of kubelet for what is missing or not offered.
    package init(
        _ volume: JSON, of pod: JSON, _ sources: VolumeSources, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) {
        let name = volume["name"].stringValue ?? ""
        if volume["emptyDir"] != nil {
            self = .empty
        } else if let host = volume["hostPath"] {
            self = .host(
                path: host["path"].stringValue ?? "", type: host["type"].stringValue ?? "")
        } else if let map = volume["configMap"] {
            let entries = sources.configMaps[map["name"].stringValue ?? ""]
            self = .files(
                try Self.files(map, entries, "configmap", map["name"].stringValue ?? "", "config"))
        } else if let secret = volume["secret"] {
            let entries = sources.secrets[secret["secretName"].stringValue ?? ""]
            let object = secret["secretName"].stringValue ?? ""
            self = .files(try Self.files(secret, entries, "secret", object, "secret"))
        } else if let downward = volume["downwardAPI"] {
            self = .files(try Self.files(downward, of: pod, surroundings))
        } else {
            throw ConfigurationFailure(
                "volume \(GoText.quoted(name)) is of a kind that this node does not offer")
        }
    }

    private static func files(
        _ source: JSON, _ entries: [String: Bytes]?, _ resource: String, _ name: String,
        _ word: String
    ) throws(ConfigurationFailure) -> [VolumeFile] {
        let isOptional = source["optional"].boolValue == true
        guard let entries = entries ?? (isOptional ? [:] : nil) else {
            throw ConfigurationFailure("\(resource) \(GoText.quoted(name)) not found")
        }
        let mode = mode(source["defaultMode"]) ?? 0o644
        guard let items = source["items"].arrayValue, !items.isEmpty else {
            return entries.sorted { $0.key < $1.key }
                .map { VolumeFile(path: $0.key, bytes: $0.value, mode: mode) }
        }
        var files: [VolumeFile] = []
        for item in items {
            let key = item["key"].stringValue ?? ""
            if let bytes = entries[key] {
                files.append(
                    VolumeFile(
                        path: try path(item), bytes: bytes, mode: Self.mode(item["mode"]) ?? mode))
            } else if !isOptional {
                throw ConfigurationFailure("references non-existent \(word) key: \(key)")
            }
        }
        return files
    }

    private static func files(
        _ source: JSON, of pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) -> [VolumeFile] {
        let mode = mode(source["defaultMode"]) ?? 0o644
        var files: [VolumeFile] = []
        for item in source["items"].arrayValue ?? [] {
            var text = ""
            if let field = item["fieldRef"]["fieldPath"].stringValue {
                if let lines = map(field, pod) {
                    text = lines
                } else {
                    text = try DownwardField.value(at: field, of: pod, surroundings)
                }
            } else if let resource = item["resourceFieldRef"] {
                text = try DownwardField.resource(
                    resource, of: .emptyObject, in: pod, surroundings)
            }
            files.append(
                VolumeFile(
                    path: try path(item), bytes: Bytes(text.utf8),
                    mode: Self.mode(item["mode"]) ?? mode))
        }
        return files
    }

    /// All labels or annotations, as `name="value"` lines; nil if the field is neither.
    private static func map(_ field: String, _ pod: JSON) -> String? {
        guard field == "metadata.labels" || field == "metadata.annotations" else { return nil }
        return (pod.value(at: field).objectValue?.members ?? []).sorted { $0.name < $1.name }
            .map { "\($0.name)=\(GoText.quoted($0.value.stringValue ?? ""))" }
            .joined(separator: "\n")
    }

    /// The path of an item, which must stay within the volume.
    private static func path(_ item: JSON) throws(ConfigurationFailure) -> String {
        let path = item["path"].stringValue ?? ""
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if path.isEmpty || parts.contains("..") || parts.contains("") || parts[0].hasPrefix("..") {
            throw ConfigurationFailure("invalid path \(GoText.quoted(path))")
        }
        return path
    }

    private static func mode(_ value: JSON?) -> UInt32? {
        value.integerValue.map { UInt32(truncatingIfNeeded: $0) & 0o777 }
    }
}
