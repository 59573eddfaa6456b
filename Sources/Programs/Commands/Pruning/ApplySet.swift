internal import ClusterAccess
internal import Crypto
internal import Primitives
internal import ResourceModel

/// A set of objects that are applied together, as KEP-3659 has it: each bears the set's id, and a
/// parent object keeps record of where they are. kubectl goes on with a set from here, and here
/// one of kubectl's is gone on with.
struct ApplySet {
    private static let prefix = "applyset.kubernetes.io/"
    private static let partOf = prefix + "part-of"
    private static let tooling = prefix + "tooling"
    private static let kinds = prefix + "contains-group-kinds"
    private static let namespaces = prefix + "additional-namespaces"
    private static let parentType = prefix + "is-parent-type"
    /// kubectl takes no set of another tool.
    private static let tool = "kubectl"

    /// The value of the label of all members.
    let id: String
    private let parent: ObjectPlace
    private let session: Session
    /// As recorded, as in `Deployment.apps`.
    private var kindsBefore: Set<String> = []
    private var namespacesBefore: Set<String> = []

    /// - Parameter reference: `[TYPE/]NAME`; the type is `secret` if it is left out.
    init(_ reference: String, _ session: Session) throws {
        let parts = reference.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[parts.count - 1])
        guard !name.isEmpty else {
            throw CommandFailure(
                "invalid parent reference \(GoText.quoted(reference)): name cannot be blank")
        }
        let type = parts.count > 1 ? String(parts[0]) : "secrets"
        let kind = try session.directory.kind(named: type)
        guard !kind.isNamespaced || session.namespaceIsGiven else {
            throw CommandFailure("namespace is required to use namespace-scoped ApplySet")
        }
        let isBuiltIn = kind.group.isEmpty && ["secrets", "configmaps"].contains(kind.resource)
        guard try isBuiltIn || Self.mayBeParent(kind, session) else {
            throw CommandFailure(
                "resource \"\(kind.group)/\(kind.version), Resource=\(kind.resource)\" is not"
                    + " permitted as an ApplySet parent")
        }
        parent = ObjectPlace(kind, namespace: session.namespace, name: name)
        self.session = session
        id = Self.id(of: parent)
        if let found = try session.find(parent) {
            try read(found)
        } else if !isBuiltIn {
            throw CommandFailure("custom resource ApplySet parents cannot be created automatically")
        }
        if kind.isNamespaced { namespacesBefore.insert(session.namespace) }
    }

    /// Of the parent alone, so that every tool finds the same.
    static func id(of parent: ObjectPlace) -> String {
        let kind = parent.kind
        let text = [parent.name, parent.namespace, kind.kind, kind.group].joined(separator: ".")
        let digest = Base64.encode(Array(SHA256.hash(data: Array(text.utf8))))
        let safe = digest.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" }
        return "applyset-\(String(safe))-v1"
    }

    /// Whether the definition of a kind says that its objects may be parents.
    private static func mayBeParent(_ kind: ResourceKind, _ session: Session) throws -> Bool {
        let definitions = try session.directory.kind(named: "customresourcedefinitions")
        let place = ObjectPlace(
            definitions, namespace: "", name: "\(kind.resource).\(kind.group)")
        return try session.find(place)["metadata"]["labels"][parentType] == "true"
    }

    /// Takes what the parent says of the set; it must be one.
    private mutating func read(_ object: JSON) throws {
        let annotations = object["metadata"]["annotations"]
        let name = "ApplySet parent object \"\(parent.kind.resource).\(parent.kind.group)"
            + "/\(parent.name)\""
        guard let tool = annotations[Self.tooling].stringValue else {
            throw CommandFailure(
                "\(name) already exists and is missing required annotation \"\(Self.tooling)\"")
        }
        let toolName = tool.prefix { $0 != "/" }
        guard toolName == Self.tool else {
            throw CommandFailure(
                "\(name) already exists and is managed by tooling \"\(toolName)\" instead of"
                    + " \"\(Self.tool)\"")
        }
        guard let label = object["metadata"]["labels"][Self.prefix + "id"].stringValue else {
            throw CommandFailure("\(name) exists and does not have required label \(Self.prefix)id")
        }
        guard label == id else {
            throw CommandFailure(
                "\(name) exists and has incorrect value for label \"\(Self.prefix)id\" (got: "
                    + "\(label), want: \(id))")
        }
        guard let kinds = annotations[Self.kinds].stringValue else {
            throw CommandFailure("\(name) is missing required annotation \"\(Self.kinds)\"")
        }
        func list(_ text: String?) -> Set<String> {
            Set((text ?? "").split(separator: ",").map(String.init))
        }
        kindsBefore = list(kinds)
        namespacesBefore = list(annotations[Self.namespaces].stringValue)
    }

    /// An object as a member of the set.
    func labelled(_ object: ManifestObject) throws -> ManifestObject {
        guard object.value["metadata"]["labels"][Self.partOf] == nil else {
            let words = CommandFailure(
                "ApplySet label \"\(Self.partOf)\" already set in input data")
            let place = object.origin.place(of: "metadata.labels[\(Self.partOf)]")
            throw LocatedFailure(cause: words, lines: [place + ": only apply may set it"])
        }
        var object = object
        object.value["metadata", default: .emptyObject]["labels", default: .emptyObject][
            Self.partOf] = .string(id)
        return object
    }

    /// All objects of the set, wherever the parent says that there may be some.
    func members() throws -> [JSON] {
        let labels = Self.partOf + "=" + id
        return try kindsBefore.sorted().flatMap { name in
            guard let kind = try session.directory.kind(ofGroup: name) else {
                throw CommandFailure(
                    "could not find mapping for kind in \"\(Self.kinds)\" annotation: no matches"
                        + " for kind \"\(name)\"")
            }
            let namespaces = kind.isNamespaced ? namespacesBefore.sorted() : [""]
            return try namespaces.flatMap {
                try session.list(kind, namespace: $0, labels: labels).items
            }
        }
    }

    /// Writes down in the parent where the set's objects are, among them those of before if they
    /// may still be there.
    func record(_ objects: [ManifestObject], andBefore: Bool, _ dryRun: DryRun) throws {
        guard dryRun != .client else { return }
        var kinds = Set(objects.map(\.place.kind.groupKind))
        var namespaces = Set(objects.map(\.place.namespace))
        if andBefore {
            kinds.formUnion(kindsBefore)
            namespaces.formUnion(namespacesBefore)
        }
        namespaces.subtract(["", parent.namespace])
        var metadata: JSON = ["name": .string(parent.name)]
        if parent.kind.isNamespaced { metadata["namespace"] = .string(parent.namespace) }
        metadata["labels"] = [Self.prefix + "id": .string(id)]
        metadata["annotations"] = [
            Self.tooling: .string("\(Self.tool)/v1.32.4"),
            Self.kinds: .string(kinds.sorted().joined(separator: ",")),
            Self.namespaces: .string(namespaces.sorted().joined(separator: ",")),
        ]
        let record: JSON = [
            "apiVersion": .string(parent.kind.apiVersion), "kind": .string(parent.kind.kind),
            "metadata": metadata,
        ]
        do {
            _ = try session.patch(
                parent, record, type: .apply, manager: "kubectl-applyset",
                isDryRun: dryRun == .server,
                query: [("force", "true"), ("fieldValidation", "Strict")])
        } catch let failure as APIFailure {
            throw CommandFailure("failed to update ApplySet: \(failure.message)")
        }
    }
}
