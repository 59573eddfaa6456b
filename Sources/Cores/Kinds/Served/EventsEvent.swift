package import ResourceModel

extension KindDefinition {
    /// What happened to objects, as the events group tells it.
    package static let event = KindDefinition(
        group: "events.k8s.io", version: "v1", kind: "Event", resource: "events",
        shortNames: ["ev"], schema: .event,
        columns: Column.event(
            object: "regarding", message: "note", source: "deprecatedSource",
            controller: "reportingController", first: "deprecatedFirstTimestamp",
            last: "deprecatedLastTimestamp", count: "deprecatedCount"),
        strategy: Strategy(
            validate: { object, old in
                Findings.collect { findings in
                    findings.eventNamespace(object, of: "regarding")
                    if old == nil { findings.newEvent(object) }
                }
            },
            selectableFields: { object in
                object.eventFields(of: "regarding") + [
                    ("reportingController", object["reportingController"].stringValue ?? "")
                ]
            },
            allowsCreateOnUpdate: true))
}

extension Findings {
    fileprivate mutating func newEvent(_ object: JSON) {
        for field in ["reportingController", "reportingInstance", "action", "reason"]
        where object[field].stringValue?.isEmpty ?? true {
            required(field)
        }
        let type = object["type"].stringValue ?? ""
        if type != "Normal", type != "Warning" {
            invalid("type", .string(type), "has invalid value: \(type)")
        }
        if (object["note"].stringValue ?? "").utf8.count > 1024 {
            tooLong("note", bytesMax: 1024)
        }
    }
}

extension ObjectSchema {
    static let event = resource(
        "io.k8s.api.events.v1.Event", "Something that happened to an object.",
        [
            Field(
                2, "eventTime", .time(isMicro: true),
                "When it was first seen.", isRequired: true, isNullable: true),
            Field(3, "series", .object(.eventSeries), "How often it is repeated."),
            Field(4, "reportingController", .text, "Which controller tells it."),
            Field(5, "reportingInstance", .text, "Which instance of the controller tells it."),
            Field(6, "action", .text, "What was done."),
            Field(7, "reason", .text, "What happened, in one word."),
            Field(8, "regarding", .object(.objectReference), "The object.", default: [:]),
            Field(
                9, "related", .object(.objectReference), "Another object that has to do with it."),
            Field(10, "note", .text, "What happened, for people."),
            Field(11, "type", .text, "Normal or Warning."),
            Field(
                12, "deprecatedSource", .object(.eventSource),
                "Who saw it, for the older version.", default: [:]),
            Field(
                13, "deprecatedFirstTimestamp", .time(isMicro: false),
                "When it happened first, for the older version.", isNullable: true),
            Field(
                14, "deprecatedLastTimestamp", .time(isMicro: false),
                "When it happened last, for the older version.", isNullable: true),
            Field(15, "deprecatedCount", .int32, "How often it happened, for the older version."),
        ])

    static let eventSeries = ObjectSchema(
        "io.k8s.api.events.v1.EventSeries", "How often an event is repeated.",
        [
            Field(1, "count", .int32, "How often so far.", isRequired: true),
            Field(
                2, "lastObservedTime", .time(isMicro: true),
                "When it was last seen.", isRequired: true),
        ])
}
