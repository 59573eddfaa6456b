package import ResourceModel

extension KindDefinition {
    /// What happened to objects, as the core group tells it.
    package static let coreEvent = KindDefinition(
        group: "", version: "v1", kind: "Event", resource: "events", shortNames: ["ev"],
        schema: .coreEvent,
        columns: Column.event(
            object: "involvedObject", message: "message", source: "source",
            controller: "reportingComponent", first: "firstTimestamp", last: "lastTimestamp",
            count: "count"),
        strategy: Strategy(
            validate: { object, _ in
                Findings.collect { $0.eventNamespace(object, of: "involvedObject") }
            },
            selectableFields: { object in
                let source = object.value(at: "source.component").stringValue
                return object.eventFields(of: "involvedObject") + [
                    ("reportingComponent", object["reportingComponent"].stringValue ?? ""),
                    ("source", source ?? object["reportingComponent"].stringValue ?? ""),
                ]
            },
            allowsCreateOnUpdate: true))
}

extension JSON {
    /// The fields by which events of either group are selected.
    func eventFields(of field: String) -> [(name: String, value: String)] {
        let names = [
            "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath",
        ]
        let ofObject = names.map { ("\(field).\($0)", self[field][$0].stringValue ?? "") }
        return ofObject + ["reason", "type"].map { ($0, self[$0].stringValue ?? "") }
    }
}

extension Findings {
    /// An event is told in the namespace of its object; that of a cluster's object in `default`.
    mutating func eventNamespace(_ object: JSON, of field: String) {
        let place = object[field]["namespace"].stringValue ?? ""
        let own = object.value(at: "metadata.namespace").stringValue ?? ""
        if place.isEmpty ? own != "default" : own != place {
            invalid("\(field).namespace", .string(place), "does not match event.namespace")
        }
    }
}

extension Column {
    /// The columns of events, whose fields the two groups name differently.
    static func event(
        object: String, message: String, source: String, controller: String, first: String,
        last: String, count: String
    ) -> [Column] {
        @Sendable func firstTime(_ event: JSON) -> JSON? {
            event[first].isUnset ? event["eventTime"] : event[first]
        }
        return [
            Column("Last Seen", "How long ago it happened last.") { event, now in
                let series = event.value(at: "series.lastObservedTime")
                let time = series ?? (event[last].isUnset ? firstTime(event) : event[last])
                return .string(time.age(at: now))
            },
            .text("Type", at: "type", "Normal or Warning."),
            .text("Reason", at: "reason", "What happened, in one word."),
            .shown("Object", "What it happened to.") { event in
                let kind = (event[object]["kind"].stringValue ?? "").lowercased()
                let name = event[object]["name"].stringValue ?? ""
                return name.isEmpty ? kind : "\(kind)/\(name)"
            },
            .text("Subobject", at: object + ".fieldPath", priority: 1, "The part that is meant."),
            .shown("Source", priority: 1, "Who saw it.") { event in
                let component = event[source]["component"] ?? event[controller]
                let instance = event[source]["host"] ?? event["reportingInstance"]
                return [component, instance].compactMap(\.stringValue).filter { !$0.isEmpty }
                    .joined(separator: ", ")
            },
            .shown("Message", "What happened, for people.") { event in
                let words = (event[message].stringValue ?? "").split(
                    separator: "\n", omittingEmptySubsequences: true)
                return words.joined(separator: "\n")
            },
            Column("First Seen", priority: 1, "How long ago it happened first.") { event, now in
                .string(firstTime(event).age(at: now))
            },
            Column("Count", type: "integer", priority: 1, "How often it happened.") { event, _ in
                let series = event.value(at: "series.count").integerValue
                return .integer(series ?? max(1, event[count].integerValue ?? 0))
            },
            .text("Name", at: "metadata.name", priority: 1, "The event's own name."),
        ]
    }
}

extension ObjectSchema {
    static let coreEvent = resource(
        "io.k8s.api.core.v1.Event", "Something that happened to an object.",
        [
            Field(2, "involvedObject", .object(.objectReference), "The object.", isRequired: true),
            Field(3, "reason", .text, "What happened, in one word."),
            Field(4, "message", .text, "What happened, for people."),
            Field(5, "source", .object(.eventSource), "Who saw it.", default: [:]),
            Field(
                6, "firstTimestamp", .time(isMicro: false),
                "When it happened first.", isNullable: true),
            Field(
                7, "lastTimestamp", .time(isMicro: false),
                "When it happened last.", isNullable: true),
            Field(8, "count", .int32, "How often it happened."),
            Field(9, "type", .text, "Normal or Warning."),
            Field(
                10, "eventTime", .time(isMicro: true), "When it was first seen.", isNullable: true),
            Field(11, "series", .object(.coreEventSeries), "How often it is repeated."),
            Field(12, "action", .text, "What was done."),
            Field(
                13, "related", .object(.objectReference), "Another object that has to do with it."),
            Field(14, "reportingComponent", .text, "Which controller tells it.", default: ""),
            Field(
                15, "reportingInstance", .text,
                "Which instance of the controller tells it.", default: ""),
        ])

    static let eventSource = ObjectSchema(
        "io.k8s.api.core.v1.EventSource", "Who saw an event.",
        [
            Field(1, "component", .text, "The component."),
            Field(2, "host", .text, "Its node."),
        ])

    static let coreEventSeries = ObjectSchema(
        "io.k8s.api.core.v1.EventSeries", "How often an event is repeated.",
        [
            Field(1, "count", .int32, "How often so far."),
            Field(2, "lastObservedTime", .time(isMicro: true), "When it was last seen."),
        ])
}
