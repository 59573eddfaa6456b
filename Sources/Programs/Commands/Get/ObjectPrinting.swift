internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// `get` with whole objects.
struct ObjectPrinting {
    let command: GetCommand
    let format: ObjectOutput
    let session: Session

    func run(_ query: GetQuery) throws {
        var found: [(object: JSON, kind: ResourceKind)] = []
        var version = ""
        for part in query.parts {
            session.attempt {
                try GetQuery.answers(part, command, session, accept: "application/json") { answer in
                    version = answer["metadata"]["resourceVersion"].stringValue ?? ""
                    let items = part.names.isEmpty
                        ? (answer["items"].arrayValue ?? []).map { part.kind.naming($0) } : [answer]
                    found += items.map { (prepared($0), part.kind) }
                }
            }
        }
        if let path = try command.sortBy.map(ObjectOrder.path) {
            found = ObjectOrder.sorted(found, by: path) { $0.object }
        }
        if !command.watchOnly { show(found, query) }
        if command.watch || command.watchOnly {
            guard query.parts.count == 1, query.parts[0].names.count <= 1 else {
                throw CommandFailure("you may only specify a single resource type")
            }
            guard session.failureCount == 0 else { return }
            try watch(query.parts[0], after: version)
        }
    }

    private func prepared(_ object: JSON) -> JSON {
        command.showManagedFields ? object : object.withoutManagedFields
    }

    private func show(_ found: [(object: JSON, kind: ResourceKind)], _ query: GetQuery) {
        switch format {
        case .name:
            for (object, kind) in found { Standard.write(format.text(of: object, kind)) }
        case .columns(let columns):
            var widths: [Int] = []
            let table = columns.table(of: found.map(\.object))
            Standard.say(table.lines(&widths, hasNames: !command.noHeaders))
        default:
            if query.isSingle || command.watch {
                for (index, (object, kind)) in found.enumerated() {
                    if index > 0, case .yaml = format { Standard.say("---") }
                    Standard.write(format.text(of: object, kind))
                }
            } else if session.failureCount == 0 || !found.isEmpty {
                let list: JSON = [
                    "apiVersion": "v1", "items": .array(found.map(\.object)), "kind": "List",
                    "metadata": ["resourceVersion": ""],
                ]
                Standard.write(format.text(of: list, nil))
            }
        }
    }

    private func watch(_ part: GetQuery.Part, after version: String) throws {
        let request = Self.watchRequest(
            part, command, after: version, accept: "application/json")
        try session.client.watch(request) { type, object in
            guard type != "BOOKMARK" else { return true }
            if command.outputWatchEvents {
                let event: JSON = ["object": prepared(object), "type": .string(type)]
                Standard.write(format.text(of: event, nil))
            } else {
                if case .yaml = format { Standard.say("---") }
                Standard.write(format.text(of: prepared(object), part.kind))
            }
            return true
        }
    }

    /// Asks for what happens to a kind's objects, or to one of them, after a version.
    static func watchRequest(
        _ part: GetQuery.Part, _ command: GetCommand, after version: String, accept: String
    ) -> ClusterClient.Request {
        var request = ClusterClient.Request("GET", part.kind.path(namespace: part.namespace))
        request.accept = accept
        var fields = command.selectors.fields
        if let name = part.names.first { fields = "metadata.name=\(name)" }
        request.query = [
            ("watch", "true"), ("resourceVersion", version),
            ("labelSelector", command.selectors.labels), ("fieldSelector", fields),
        ]
        return request
    }
}
