internal import ArgumentParser
internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// `keelson events`.
struct EventsCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what has happened, the latest last.")
    @Option(name: .customLong("for"), help: "Only of this object, as in pod/web.")
    var object: String?
    @Option(help: "Only of these types, as in Warning,Normal.") var types: String?
    @Flag(name: [.customShort("A"), .long], help: "Events of all namespaces.")
    var allNamespaces = false
    @Flag(name: .shortAndLong, help: "Then show what happens, until interrupted.")
    var watch = false
    @Flag(help: "Leave out the headings.") var noHeaders = false
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let kind = try session.directory.kind(named: "events")
        let namespace = allNamespaces ? "" : session.namespace
        let fields = try selector(session)
        let (items, version) = try session.list(kind, namespace: namespace, fields: fields)
        let events = items.filter(isWanted).map(EventLine.init).sorted {
            ($0.lastSeen, $0.version) < ($1.lastSeen, $1.version)
        }
        var widths: [Int] = []
        func table(_ events: [EventLine]) -> PrintedTable {
            let names = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
            return PrintedTable(
                names: (allNamespaces ? ["NAMESPACE"] : []) + names,
                rows: events.map { (allNamespaces ? [$0.namespace] : []) + $0.cells })
        }
        if events.isEmpty, !watch {
            let place = allNamespaces ? "." : " in \(session.namespace) namespace."
            return Standard.complain("No events found\(place)")
        }
        Standard.say(table(events).lines(&widths, hasNames: !noHeaders))
        guard watch else { return }
        let following = CollectionWatch(
            session, kind, namespace: namespace, fields: fields, known: items, version: version)
        _ = try following.run { type, object in
            guard type == "ADDED" || type == "MODIFIED", isWanted(object) else { return true }
            Standard.say(table([EventLine(object)]).lines(&widths, hasNames: false))
            return true
        }
    }

    private func selector(_ session: Session) throws -> String {
        guard let object else { return "" }
        let places = try ResourceArguments.places([object], session)
        return places.map {
            "involvedObject.kind=\($0.kind.kind),involvedObject.name=\($0.name)"
        }[0]
    }

    private func isWanted(_ event: JSON) -> Bool {
        guard let types else { return true }
        let type = event["type"].stringValue?.lowercased()
        return types.lowercased().split(separator: ",").contains { String($0) == type }
    }
}

/// An event as tables show it.
struct EventLine {
    var namespace: String
    /// Seconds since 1970.
    var lastSeen: Int64
    /// Tells what happened in the same second in order, where versions are numbers.
    var version: Int64
    /// How long ago and how often.
    var age: String
    var type: String
    var reason: String
    var object: String
    var source: String
    var message: String

    init(_ event: JSON) {
        func seconds(_ value: JSON?) -> Int64? { value.stringValue.flatMap(Timestamp.seconds) }
        let created = seconds(event["metadata"]["creationTimestamp"])
        let first = seconds(event["firstTimestamp"]) ?? seconds(event["eventTime"]) ?? created ?? 0
        let series = event["series"]
        lastSeen = seconds(series["lastObservedTime"]) ?? seconds(event["lastTimestamp"]) ?? first
        let count = series["count"].integerValue ?? event["count"].integerValue ?? 1
        let now = Standard.nowSeconds
        age = HumanDuration.text(seconds: max(0, now - lastSeen))
        if count > 1 {
            age += " (x\(count) over \(HumanDuration.text(seconds: max(0, now - first))))"
        }
        namespace = event.objectNamespace
        version = event["metadata"]["resourceVersion"].stringValue.flatMap { Int64($0) } ?? 0
        type = event["type"].stringValue ?? ""
        reason = event["reason"].stringValue ?? ""
        let involved = event["involvedObject"]
        object = "\(involved["kind"].stringValue ?? "")/\(involved["name"].stringValue ?? "")"
        source = event["source"]["component"].stringValue
            ?? event["reportingComponent"].stringValue ?? ""
        message = PlainText.line(event["message"].stringValue ?? "")
    }

    var cells: [String] { [age, type, reason, object, message] }
}
