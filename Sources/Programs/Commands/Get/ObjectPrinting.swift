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
            try watch(query.parts[0], found.map(\.object), version)
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

    private func watch(_ part: GetQuery.Part, _ found: [JSON], _ version: String) throws {
        try Self.watch(
            part, command, session, accept: "application/json", known: found, version: version
        ) { type, object in
            if command.outputWatchEvents {
                let event: JSON = ["object": prepared(object), "type": .string(type)]
                Standard.write(format.text(of: event, nil))
            } else {
                if case .yaml = format { Standard.say("---") }
                Standard.write(format.text(of: prepared(object), part.kind))
            }
        }
    }

    /// Shows what happens to a kind's objects, or to one of them, after a version, for ever.
    static func watch(
        _ part: GetQuery.Part, _ command: GetCommand, _ session: Session, accept: String,
        known: [JSON], version: String, show: @escaping (_ type: String, _ object: JSON) -> Void
    ) throws {
        let name = part.names.first.map { "metadata.name=\($0)" }
        let watch = CollectionWatch(
            session, part.kind, namespace: part.namespace, labels: command.selectors.labels,
            fields: name ?? command.selectors.fields, accept: accept, known: known,
            version: version)
        _ = try watch.run { type, object in
            show(type, object)
            return true
        }
    }
}
