package import Primitives

/// The name of an object of the API server as its key tells it (docs/formats/registry.md).
package struct ObjectName: Hashable, Sendable, CustomStringConvertible {
    /// All keys of objects begin with it.
    static let root = "/registry/"

    /// Its API group; empty for the core group.
    package var group: String
    /// Its resource, in the plural.
    package var resource: String
    /// Nil for an object of the cluster.
    package var namespace: String?
    /// Its own name.
    package var name: String

    /// Reads a key; nil for keys of others.
    package init?(key: Bytes) {
        guard let text = String(validating: key, as: UTF8.self), text.hasPrefix(Self.root) else {
            return nil
        }
        let parts = text.dropFirst(Self.root.count)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard 3...4 ~= parts.count, !parts.contains("") else { return nil }
        group = parts[0] == "core" ? "" : parts[0]
        resource = parts[1]
        namespace = parts.count == 4 ? parts[2] : nil
        name = parts[parts.count - 1]
    }

    /// The resource with its group, as in `deployments.apps`.
    package var kind: String { group.isEmpty ? resource : "\(resource).\(group)" }

    /// As in `deployments.apps default/web`.
    package var description: String {
        "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)"
    }

    /// Whether a kind in a user's words means this one: `deployments`, `deployments.apps`.
    package func isOfKind(_ text: String) -> Bool {
        text == resource || text == kind
    }
}
