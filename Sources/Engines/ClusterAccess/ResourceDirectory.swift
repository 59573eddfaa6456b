internal import Kinds
internal import ResourceModel

/// Finds kinds by what people call them. The built-in kinds need no question; only a name that
/// is none of theirs makes it ask the server, once.
package final class ResourceDirectory {
    private static let discoveryAccept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    let client: ClusterClient
    private let builtIn = BuiltInKinds.all.map(ResourceKind.init)
    private var discovered: [ResourceKind]?
    /// Of kinds that were asked for.
    var fieldNames: [ResourceKind: FieldNames] = [:]

    /// Nothing is asked yet.
    package init(_ client: ClusterClient) {
        self.client = client
    }

    /// All kinds that the server offers, in its order.
    package func all() throws -> [ResourceKind] {
        if let discovered { return discovered }
        var found: [ResourceKind] = []
        for root in ["/api", "/apis"] {
            var request = ClusterClient.Request("GET", root)
            request.accept = Self.discoveryAccept
            for group in try client.json(request)["items"].arrayValue ?? [] {
                let name = group["metadata"]["name"].stringValue ?? ""
                for version in group["versions"].arrayValue ?? [] {
                    let number = version["version"].stringValue ?? ""
                    found += (version["resources"].arrayValue ?? []).compactMap {
                        ResourceKind(discovered: $0, group: name, version: number)
                    }
                }
            }
        }
        discovered = found
        return found
    }

    /// The kind of a name, as in `po`, `deployments`, `deployment.apps`, `jobs.v1.batch`.
    /// - Throws: `UnknownResource` if there is none.
    package func kind(named name: String) throws -> ResourceKind {
        if let kind = Self.find(name, in: builtIn) { return kind }
        if let kind = Self.find(name, in: try all()) { return kind }
        let names = try all().flatMap { [$0.resource, $0.singular] + $0.shortNames }
        throw UnknownResource(name: name, suggestion: Suggestion.nearest(to: name, among: names))
    }

    /// All kinds that bear a name, the one that it means by itself first.
    /// - Throws: `UnknownResource` if there is none.
    package func kinds(named name: String) throws -> [ResourceKind] {
        let first = try kind(named: name)
        let others = (builtIn + (discovered ?? [])).filter {
            Self.names(of: $0).contains(name.lowercased()) && $0.apiVersion != first.apiVersion
        }
        return [first] + others
    }

    /// The kinds of a category, as in `all`; none if there is no such category.
    package func kinds(inCategory name: String) throws -> [ResourceKind] {
        guard !builtIn.contains(where: { Self.names(of: $0).contains(name) }) else { return [] }
        return try all().filter { $0.categories.contains(name) && $0.verbs.contains("list") }
    }

    /// The kind that an object says that it is; nil if the server has no such kind.
    package func kind(apiVersion: String, kind: String) throws -> ResourceKind? {
        func matches(_ known: ResourceKind) -> Bool {
            known.apiVersion == apiVersion && known.kind == kind
        }
        return try builtIn.first(where: matches) ?? all().first(where: matches)
    }

    /// The kind of a name as in `Deployment.apps`; nil if the server has no such kind.
    package func kind(ofGroup name: String) throws -> ResourceKind? {
        try builtIn.first { $0.groupKind == name } ?? all().first { $0.groupKind == name }
    }

    /// Custom resources may have come or gone.
    package func forget() {
        discovered = nil
        fieldNames = [:]
    }

    private static func names(of kind: ResourceKind) -> [String] {
        [kind.resource, kind.singular] + kind.shortNames
    }

    private static func find(_ name: String, in kinds: [ResourceKind]) -> ResourceKind? {
        let lowered = name.lowercased()
        if let kind = kinds.first(where: { names(of: $0).contains(lowered) }) { return kind }
        let parts = lowered.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        return kinds.first { kind in
            guard names(of: kind).contains(parts[0]) else { return false }
            let versioned = kind.group.isEmpty ? kind.version : "\(kind.version).\(kind.group)"
            return parts[1] == kind.group || parts[1] == versioned || parts[1] == versioned + "."
        }
    }
}

/// There is no kind of such a name.
package struct UnknownResource: Error, Sendable, CustomStringConvertible {
    /// What was asked for.
    package var name: String
    /// What may have been meant.
    package var suggestion: String?

    /// In kubectl's words.
    package var description: String {
        let meant = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
        return "the server doesn't have a resource type \"\(name)\"" + meant
    }
}

/// Finds what somebody may have meant.
package enum Suggestion {
    /// The nearest name that is near enough: a third of the letters may be wrong.
    package static func nearest(to name: String, among names: [String]) -> String? {
        let lowered = name.lowercased()
        let candidates = names.filter { !$0.isEmpty }
            .map { (name: $0, distance: distance(Array(lowered), Array($0.lowercased()))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, lowered.count / 3) ? best.name : nil
    }

    /// How many letters must be put in, taken out, changed or swapped with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let cost = left[i] == right[j] ? 0 : 1
                var best = min(previous[j] + cost, previous[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, before[j - 1] + 1)
                }
                row.append(best)
            }
            before = previous
            previous = row
        }
        return previous[right.count]
    }
}
