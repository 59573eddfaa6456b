internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// One command's dealings with a cluster.
final class Session {
    let client: ClusterClient
    let directory: ResourceDirectory
    /// Whether the namespace was asked for, and did not come from a file.
    let namespaceIsGiven: Bool
    /// Errors that were told while the command went on.
    private(set) var failureCount = 0

    init(_ client: ClusterClient, namespaceIsGiven: Bool) {
        self.client = client
        self.namespaceIsGiven = namespaceIsGiven
        directory = ResourceDirectory(client)
    }

    var namespace: String { client.endpoint.namespace }

    /// Tells an error and goes on; the command fails at its end.
    func tell(_ error: any Error) {
        tell(text(error))
    }

    /// The same in words.
    func tell(_ text: String) {
        failureCount += 1
        if !text.isEmpty { Standard.complain(text) }
    }

    /// What kubectl says of an error.
    func text(_ error: any Error) -> String {
        CommandFailure.text(error, place: client.endpoint.place)
    }

    /// Does something; what goes wrong is told, and does not keep others from being done.
    func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            tell(error)
        }
    }

    /// An object as it is.
    func get(_ place: ObjectPlace, subresource: String = "") throws -> JSON {
        try client.json(ClusterClient.Request("GET", place.path(subresource)))
    }

    /// An object as it is; nil if there is none.
    func find(_ place: ObjectPlace) throws -> JSON? {
        do {
            return try get(place)
        } catch let failure as APIFailure where failure.reason == .notFound {
            return nil
        }
    }

    /// Changes an object by a patch and answers with it as it is then.
    func patch(
        _ place: ObjectPlace, _ patch: JSON, type: PatchType, manager: String,
        isDryRun: Bool = false, subresource: String = "", query: [(String, String)] = []
    ) throws -> JSON {
        var request = ClusterClient.Request("PATCH", place.path(subresource))
        request.contentType = type.contentType
        request.body = patch.encoded
        request.query = [("fieldManager", manager), ("dryRun", isDryRun ? "All" : "")] + query
        return try client.json(request)
    }

    /// All objects of a kind, in pages.
    func list(
        _ kind: ResourceKind, namespace: String, labels: String = "", fields: String = "",
        chunk: Int = 500
    ) throws -> (items: [JSON], resourceVersion: String) {
        var items: [JSON] = []
        var token = ""
        while true {
            var request = ClusterClient.Request("GET", kind.path(namespace: namespace))
            request.query = [
                ("labelSelector", labels), ("fieldSelector", fields),
                ("limit", chunk > 0 ? "\(chunk)" : ""), ("continue", token),
            ]
            let page = try client.list(kind, request, labels: labels, fields: fields)
            items += (page["items"].arrayValue ?? []).map { kind.naming($0) }
            token = page["metadata"]["continue"].stringValue ?? ""
            guard !token.isEmpty else {
                return (items, page["metadata"]["resourceVersion"].stringValue ?? "")
            }
        }
    }
}

extension ClusterClient {
    /// A page of a collection; a refusal says what was looked for.
    func list(
        _ kind: ResourceKind, _ request: Request, labels: String, fields: String
    ) throws -> JSON {
        do {
            return try json(request)
        } catch let failure as APIFailure
            where failure.reason == .badRequest || failure.reason == .notFound
        {
            let name = "\"\(kind.group)/\(kind.version), Resource=\(kind.resource)\""
            guard !labels.isEmpty || !fields.isEmpty else {
                throw failure.adding("Unable to list \(name)")
            }
            throw failure.adding(
                "Unable to find \(name) that match label selector \(GoText.quoted(labels)), "
                    + "field selector \(GoText.quoted(fields))")
        }
    }
}

/// Where an object is.
struct ObjectPlace {
    var kind: ResourceKind
    /// Empty for objects without one.
    var namespace: String
    var name: String

    init(_ kind: ResourceKind, namespace: String, name: String) {
        self.kind = kind
        self.namespace = kind.isNamespaced ? namespace : ""
        self.name = name
    }

    func path(_ subresource: String = "") -> String {
        kind.path(namespace: namespace, name: name, subresource: subresource)
    }

    /// `deployment.apps/web`.
    var printed: String { kind.printedKind + "/" + name }
}

/// How a patch says what is to change.
enum PatchType: String, CaseIterable {
    case json
    case merge
    case strategic
    case apply

    var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }
}

extension ResourceKind {
    /// An item of a list, saying what it is.
    func naming(_ item: JSON) -> JSON {
        var item = item
        if item["apiVersion"] == nil { item["apiVersion"] = .string(apiVersion) }
        if item["kind"] == nil { item["kind"] = .string(kind) }
        return item
    }
}

/// A command that asks a cluster.
protocol ClusterCommand: ParsableCommand {
    var cluster: ClusterOptions { get }
    func run(_ session: Session) throws
}

extension ClusterCommand {
    func run() throws {
        var place = ""
        Descriptors.holdInput()
        do {
            let session = try cluster.session()
            place = session.client.endpoint.place
            try run(session)
            if session.failureCount > 0 { throw CommandFailure.told }
        } catch let code as ExitCode {
            throw code
        } catch {
            let text = CommandFailure.text(error, place: place)
            if !text.isEmpty { Standard.complain(text) }
            throw ExitCode((error as? CommandFailure)?.exitCode ?? 1)
        }
    }
}
