internal import Primitives
internal import ResourceModel
internal import StoreModel
internal import Synchronization

/// What is served at a moment: the built-in kinds and those of CustomResourceDefinitions.
struct RegistryContents: Sendable {
    /// A group with its versions, the preferred one first.
    struct Group: Sendable {
        var name: String
        var versions: [String]
    }

    /// All resources, in the order in which they were added.
    private(set) var resources: [ServedResource]
    /// The groups in the order in which they are preferred, the core group first.
    private(set) var groups: [Group] = []
    private var positions: [String: Int] = [:]

    init(_ resources: [ServedResource]) {
        self.resources = resources
        for (index, resource) in resources.enumerated() {
            let kind = resource.kind
            positions["\(kind.apiVersion)/\(kind.resource)"] = index
            if let group = groups.firstIndex(where: { $0.name == kind.group }) {
                if !groups[group].versions.contains(kind.version) {
                    groups[group].versions.append(kind.version)
                }
            } else {
                groups.append(Group(name: kind.group, versions: [kind.version]))
            }
        }
        for index in groups.indices {
            groups[index].versions.sort { APIVersionOrder.isPreferred($0, to: $1) }
        }
    }

    /// The resource at an address.
    func resource(group: String, version: String, resource: String) -> ServedResource? {
        let apiVersion = group.isEmpty ? version : "\(group)/\(version)"
        return positions["\(apiVersion)/\(resource)"].map { resources[$0] }
    }

    /// The resources of a group and version.
    func resources(group: String, version: String) -> [ServedResource] {
        resources.filter { $0.kind.group == group && $0.kind.version == version }
    }

    /// The resource in the version in which it is stored.
    func stored(_ name: GroupName) -> ServedResource? {
        resources.first {
            $0.kind.group == name.group && $0.kind.resource == name.name
                && $0.kind.version == $0.storageVersion
        }
    }
}

/// Holds what is served, for all tasks.
final class ResourceRegistry: Sendable {
    private struct Custom {
        var resources: [ServedResource]
        /// The spec that they come from.
        var definition: JSON
        /// As of when that is known.
        var revision: Revision
    }

    private struct State {
        var custom: [String: Custom] = [:]
        /// When definitions were seen to end, the latest: what is older about them is no news.
        var ends: [String: Revision] = [:]
        var contents: RegistryContents
        var documents: [String: OpenAPIDocument] = [:]
        /// Counts changes.
        var generation = 0

        /// Ends that are remembered.
        static let endsMax = 1_000

        mutating func noteEnd(of name: String, at revision: Revision) {
            ends[name] = revision
            guard ends.count > Self.endsMax, let oldest = ends.min(by: { $0.value < $1.value })
            else { return }
            ends[oldest.key] = nil
        }
    }

    private let builtIn: [ServedResource]
    private let state: Mutex<State>
    /// The schema of every object's metadata.
    let metadataSchema: Schema

    /// The schemas that others refer to by name.
    let table: SchemaTable

    /// Serves the built-in kinds.
    init(builtIn: [ServedResource], metadataSchema: Schema, table: SchemaTable) {
        self.builtIn = builtIn
        self.metadataSchema = metadataSchema
        self.table = table
        state = Mutex(State(contents: RegistryContents(builtIn)))
    }

    /// What is served now.
    var contents: RegistryContents { state.withLock { $0.contents } }

    /// The resource of the definitions, if it is served.
    var definitions: ServedResource? {
        builtIn.first { APIService.isDefinition($0) }
    }

    /// Whether a resource is one of the server's own.
    func isBuiltIn(_ name: GroupName) -> Bool {
        builtIn.contains { $0.kind.group == name.group && $0.kind.resource == name.name }
    }

    /// Serves the resources of a definition in place of those that it had, unless something newer
    /// is known; none to end them. Answers whether it was news.
    @discardableResult
    func setCustom(
        _ resources: [ServedResource], of name: String, definition: JSON, at revision: Revision
    ) -> Bool {
        state.withLock { state in
            let before = state.custom[name]
            guard max(before?.revision ?? .zero, state.ends[name] ?? .zero) <= revision else {
                return false
            }
            state.ends[name] = nil
            if resources.isEmpty {
                state.noteEnd(of: name, at: revision)
                guard before != nil else { return false }
                state.custom[name] = nil
            } else {
                guard before?.definition != definition else {
                    state.custom[name]?.revision = revision
                    return false
                }
                state.custom[name] = Custom(
                    resources: resources, definition: definition, revision: revision)
            }
            let custom = state.custom.keys.sorted().flatMap { state.custom[$0]?.resources ?? [] }
            state.contents = RegistryContents(builtIn + custom)
            state.generation += 1
            for resource in (before?.resources ?? []) + resources {
                state.documents[resource.kind.apiVersion] = nil
            }
            return true
        }
    }

    /// The names of the definitions whose resources are served.
    var customDefinitions: Set<String> { state.withLock { Set($0.custom.keys) } }

    /// Where the objects of a definition are.
    func customKeys(of name: String) -> Set<RegistryKeys> {
        state.withLock { Set(($0.custom[name]?.resources ?? []).map(\.keys)) }
    }

    /// The OpenAPI document of a group and version; nil if nothing is served there.
    func document(group: String, version: String) -> OpenAPIDocument? {
        let apiVersion = group.isEmpty ? version : "\(group)/\(version)"
        let (known, resources, generation) = state.withLock { state in
            (
                state.documents[apiVersion],
                state.contents.resources(group: group, version: version), state.generation
            )
        }
        if let known { return known }
        guard !resources.isEmpty else { return nil }
        let made = OpenAPIDocument(resources: resources, table: table)
        state.withLock { state in
            // What was served may have changed meanwhile; then the next reader makes it anew.
            if state.generation == generation { state.documents[apiVersion] = made }
        }
        return made
    }
}

/// The order of versions (Kubernetes' version priority): `v2`, `v1`, `v1beta2`, `v1alpha1`, then
/// all others by name.
enum APIVersionOrder {
    static func isPreferred(_ left: String, to right: String) -> Bool {
        switch (rank(left), rank(right)) {
        case (let left?, let right?): left.lexicographicallyPrecedes(right, by: >)
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left < right
        }
    }

    /// Stability, then the numbers; nil for what is no such version.
    private static func rank(_ version: String) -> [Int]? {
        guard let match = version.wholeMatch(of: #/v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?/#),
            let major = Int(match.1)
        else { return nil }
        let stability = match.2 == "alpha" ? 0 : match.2 == "beta" ? 1 : 2
        return [stability, major, match.3.flatMap { Int($0) } ?? 0]
    }
}
