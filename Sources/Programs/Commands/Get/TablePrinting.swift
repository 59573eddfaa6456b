internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// `get` with the server's tables.
struct TablePrinting {
    let command: GetCommand
    let isWide: Bool
    let session: Session

    func run(_ query: GetQuery) throws {
        let path = try command.sortBy.map(ObjectOrder.path)
        guard !command.watch, !command.watchOnly else { return try watch(query) }
        var isFirst = true
        var isEmpty = true
        for part in query.parts {
            var table: ServerTable?
            session.attempt {
                table = try self.table(part, isSorted: path != nil).table
            }
            guard var table, !table.rows.isEmpty else { continue }
            isEmpty = false
            if let path { table.sort(by: path) }
            if !isFirst { Standard.say("") }
            isFirst = false
            var widths: [Int] = []
            Standard.say(
                table.printed(extras(part, query)).lines(&widths, hasNames: !command.noHeaders))
        }
        if isEmpty, session.failureCount == 0, !query.isNamed { complainOfNothing(query) }
    }

    private func complainOfNothing(_ query: GetQuery) {
        guard !command.ignoreNotFound else { return }
        let isOfNamespace =
            !command.selectors.allNamespaces && query.parts.contains { $0.kind.isNamespaced }
        Standard.complain(
            isOfNamespace
                ? "No resources found in \(session.namespace) namespace." : "No resources found")
    }

    private func extras(_ part: GetQuery.Part, _ query: GetQuery) -> ServerTable.Extras {
        var extras = ServerTable.Extras()
        extras.isWide = isWide
        extras.hasNamespaces =
            command.selectors.allNamespaces && (part.kind.isNamespaced || query.isOfSeveralKinds)
        extras.hasLabels = command.showLabels
        extras.labelColumns = command.labelColumns.flatMap {
            $0.split(separator: ",").map(String.init)
        }
        if command.showKind || query.isOfSeveralKinds {
            extras.namePrefix = part.kind.printedKind + "/"
        }
        return extras
    }

    private func table(
        _ part: GetQuery.Part, isSorted: Bool = false
    ) throws -> (table: ServerTable, resourceVersion: String) {
        var table: ServerTable?
        var version = ""
        let query = isSorted ? [("includeObject", "Object")] : []
        try GetQuery.answers(part, command, session, accept: ServerTable.accept, query: query) {
            version = $0["metadata"]["resourceVersion"].stringValue ?? version
            let page = ServerTable($0)
            if table == nil { table = page } else { table?.append(page) }
        }
        return (table ?? ServerTable(.null), version)
    }

    /// Shows the objects of one kind, and then each change in a line of its own.
    private func watch(_ query: GetQuery) throws {
        guard query.parts.count == 1, query.parts[0].names.count <= 1 else {
            throw CommandFailure("you may only specify a single resource type")
        }
        let part = query.parts[0]
        let (table, version) = try self.table(part)
        guard session.failureCount == 0 else { return }
        var lines = WatchLines(
            columns: table.columns, extras: extras(part, query), hasNames: !command.noHeaders,
            hasEvents: command.outputWatchEvents)
        if !command.watchOnly { lines.show(table.rows, event: "ADDED") }
        try ObjectPrinting.watch(
            part, command, session, accept: ServerTable.accept, known: table.rows,
            version: version
        ) { type, object in
            let table = ServerTable(object)
            lines.take(columns: table.columns)
            lines.show(table.rows, event: type)
        }
    }
}

/// The lines of a watch, in columns that only grow.
private struct WatchLines {
    var columns: [JSON]
    var extras: ServerTable.Extras
    var hasNames: Bool
    var hasEvents: Bool
    private var widths: [Int] = []

    init(columns: [JSON], extras: ServerTable.Extras, hasNames: Bool, hasEvents: Bool) {
        self.columns = columns
        self.extras = extras
        self.hasNames = hasNames
        self.hasEvents = hasEvents
    }

    /// Only the first answer of a watch names its columns.
    mutating func take(columns new: [JSON]) {
        if columns.isEmpty { columns = new }
    }

    mutating func show(_ rows: [JSON], event: String) {
        guard !rows.isEmpty else { return }
        let table = ServerTable([
            "columnDefinitions": .array(columns), "rows": .array(rows),
        ])
        var printed = table.printed(extras)
        if hasEvents {
            printed.names.insert("EVENT", at: 0)
            printed.rows = printed.rows.map { [event] + $0 }
        }
        Standard.say(printed.lines(&widths, hasNames: hasNames))
        hasNames = false
    }
}
