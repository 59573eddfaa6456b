/// A model's file as a volume of a pod: what is asked of the node, in the form of an inline CSI
/// volume of the node's own driver.
package struct ModelVolume: Sendable, Hashable {
    /// The driver of such volumes.
    package static let driver = "models.keelson.dev"
    /// The name of the volume in pods that are planned for a model.
    package static let name = "model"
    /// The file in the volume.
    package static let fileName = "model"
    /// How nodes can fetch.
    package static let schemes = ["data", "file", "http", "https"]

    /// Where the file is.
    package var uri: String
    /// Its SHA-256 in small hexadecimal digits; empty if any content will do.
    package var sha256: String

    /// Asks for a file.
    package init(uri: String, sha256: String = "") {
        self.uri = uri
        self.sha256 = sha256
    }

    /// What a volume of a pod asks for; nil if it is of another kind.
    package init?(of volume: JSON) {
        guard let source = volume["csi"], source["driver"].stringValue == Self.driver else {
            return nil
        }
        let attributes = source["volumeAttributes"]
        self.init(
            uri: attributes["uri"].stringValue ?? "",
            sha256: attributes["sha256"].stringValue ?? "")
    }

    /// Where the file is, for people: not all of an address that holds the file itself.
    package var shortURI: String {
        uri.hasPrefix("data:") && uri.utf8.count > 48 ? uri.prefix(45) + "..." : uri
    }

    /// Whether nodes fetch what is there; else it is up to the program that serves.
    package static func isFetched(_ uri: String) -> Bool {
        schemes.contains { uri.hasPrefix($0 + ":") }
    }

    /// All that a pod asks for, by the names of its volumes, in their order.
    package static func all(of pod: JSON) -> [(name: String, volume: ModelVolume)] {
        (pod.value(at: "spec.volumes").arrayValue ?? []).compactMap { volume in
            ModelVolume(of: volume).map { (volume["name"].stringValue ?? "", $0) }
        }
    }

    /// The volume of a pod.
    package var json: JSON {
        var attributes: JSON = ["uri": .string(uri)]
        if !sha256.isEmpty { attributes["sha256"] = .string(sha256) }
        return [
            "name": .string(Self.name),
            "csi": [
                "driver": .string(Self.driver), "readOnly": true, "volumeAttributes": attributes,
            ],
        ]
    }
}

/// What a node tells of a pod's model: a condition of the pod.
package enum ModelReport: Sendable, Equatable {
    /// It is on its way, or waits for its turn.
    case fetching(String)
    /// It could not be had, and why; it is tried again.
    case failed(String)
    /// It is there.
    case fetched(sha256: String, sizeBytes: Int64)

    /// The type of the condition.
    package static let type = "models.keelson.dev/ModelFetched"

    /// What is told of a pod; nil if nothing is.
    package init?(of pod: JSON) {
        let conditions = pod.value(at: "status.conditions").arrayValue ?? []
        guard let condition = conditions.first(where: { $0["type"].stringValue == Self.type })
        else { return nil }
        let message = condition["message"].stringValue ?? ""
        switch condition["reason"].stringValue {
        case "Fetching": self = .fetching(message)
        case "FetchFailed": self = .failed(message)
        default:
            let words = message.split(separator: " ")
            guard words.count == 4, let sizeBytes = Int64(words[0]) else { return nil }
            self = .fetched(sha256: String(words[3]), sizeBytes: sizeBytes)
        }
    }

    /// The reason in the condition.
    package var reason: String {
        switch self {
        case .fetching: "Fetching"
        case .failed: "FetchFailed"
        case .fetched: "Fetched"
        }
    }

    /// The message in the condition.
    package var message: String {
        switch self {
        case .fetching(let text), .failed(let text): text
        case .fetched(let sha256, let sizeBytes): "\(sizeBytes) bytes, sha256 \(sha256)"
        }
    }

    /// Whether the model is there.
    package var isFetched: Bool { reason == "Fetched" }
}
