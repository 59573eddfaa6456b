internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson tree`.
struct TreeCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Show an object with its owners and what it owns.",
        discussion: "keelson tree deployment/web")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let places = try ResourceArguments.places(resources, session)
        guard let place = places.first, places.count == 1 else {
            throw CommandFailure("one object is shown at a time")
        }
        let object = place.kind.naming(try session.get(place))
        let family = try Family(place.namespace, session)
        var top = object
        // Owners of owners; nobody owns itself, but a server may hold what says so.
        for _ in 0..<Family.depthMax {
            guard let owner = family.owner(of: top) else { break }
            top = owner
        }
        Standard.say(family.lines(from: top, marking: object["metadata"]["uid"].stringValue))
    }
}

/// All objects of a namespace, by who owns them.
private struct Family {
    static let depthMax = 16

    private var byUID: [String: JSON] = [:]
    private var byOwner: [String: [JSON]] = [:]

    init(_ namespace: String, _ session: Session) throws {
        let kinds = try session.directory.all().filter {
            $0.verbs.contains("list") && $0.isNamespaced != namespace.isEmpty && $0.kind != "Event"
        }
        for kind in kinds {
            for object in try session.list(kind, namespace: namespace).items {
                byUID[object["metadata"]["uid"].stringValue ?? ""] = object
                for owner in object["metadata"]["ownerReferences"].arrayValue ?? [] {
                    byOwner[owner["uid"].stringValue ?? "", default: []].append(object)
                }
            }
        }
    }

    func owner(of object: JSON) -> JSON? {
        let owners = object["metadata"]["ownerReferences"].arrayValue ?? []
        let controller = owners.first { $0["controller"] == true } ?? owners.first
        return controller["uid"].stringValue.flatMap { byUID[$0] }
    }

    /// The object and all below it, each on a line with its state.
    func lines(from object: JSON, marking uid: String?) -> [String] {
        var rows: [(name: String, state: String)] = []
        var shown: Set<String> = []
        add(object, "", "", uid, depth: 0, &shown, to: &rows)
        let width = (rows.map(\.name.count).max() ?? 0) + 3
        return rows.map { row in
            guard !row.state.isEmpty else { return row.name }
            let gap = String(repeating: " ", count: width - row.name.count)
            return row.name + gap + row.state
        }
    }

    private func add(
        _ object: JSON, _ mark: String, _ indent: String, _ uid: String?, depth: Int,
        _ shown: inout Set<String>, to rows: inout [(name: String, state: String)]
    ) {
        let own = object["metadata"]["uid"].stringValue ?? ""
        let group = GroupVersion(apiVersion: object["apiVersion"].stringValue ?? "")?.group ?? ""
        let kind = (object["kind"].stringValue ?? "").lowercased()
        let name = kind + (group.isEmpty ? "" : "." + group) + "/" + object.objectName
        let state = PlainText.line(ObjectState.text(object))
        let trouble = object["kind"] == "Pod" ? ObjectState.trouble(object) : nil
        let warning = trouble.map { Colour.red(PlainText.line($0)) }
        rows.append((mark + name + (own == uid ? " *" : ""), warning ?? state))
        // What several own is shown with all that it owns once.
        guard depth < Self.depthMax, shown.insert(own).inserted else { return }
        let children = (byOwner[own] ?? []).sorted { $0.objectName < $1.objectName }
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            add(
                child, indent + (isLast ? "└─ " : "├─ "), indent + (isLast ? "   " : "│  "), uid,
                depth: depth + 1, &shown, to: &rows)
        }
    }
}
