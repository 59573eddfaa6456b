import ResourceModel

extension Describer {
    /// What annotations may be as wide as, with their names.
    private static let annotationMax = 140
    private static let hidden = "kubectl.kubernetes.io/last-applied-configuration"

    mutating func writeName(hasNamespace: Bool = true) {
        rows(0, [Row("Name", "metadata.name")])
        if hasNamespace { rows(0, [Row("Namespace", "metadata.namespace")]) }
    }

    mutating func writeLabelsAndAnnotations() {
        labels("Labels", object.value(at: "metadata.labels"))
        annotations("Annotations", object.value(at: "metadata.annotations"))
    }

    /// Values one below the other.
    /// - Parameter margin: in front of every line but the first.
    mutating func list(_ title: String, _ values: [String], margin: String = "") {
        guard !values.isEmpty else { return line(0, title + ":\t<none>") }
        line(0, title + ":\t" + values.joined(separator: "\n" + margin + "\t"))
    }

    mutating func labels(_ title: String, _ labels: JSON?, margin: String = "") {
        let members = labels?.sortedMembers ?? []
        list(title, members.map { $0.name + "=" + $0.value.plain }, margin: margin)
    }

    /// Annotations; those with several lines, or long ones, below their names and cut off.
    mutating func annotations(_ title: String, _ annotations: JSON?) {
        let members = (annotations?.sortedMembers ?? []).filter { $0.name != Self.hidden }
        list(title, members.map(Self.annotation))
    }

    private static func annotation(_ member: JSONObject.Member) -> String {
        var lines = member.value.plain.lines
        if lines.count > 1, lines.last == "" { lines.removeLast() }
        let isShort = lines[0].utf8.count + member.name.utf8.count + 2 <= annotationMax
        if isShort, lines.count == 1 { return member.name + ": " + lines[0] }
        return member.name + ":" + lines.map { "\n\t  " + $0.cut(annotationMax - 2) }.joined()
    }

    /// What manages the object, if anything does.
    mutating func writeController() {
        guard let owner = object.controller else { return }
        pair(0, "Controlled By", owner.text("kind") + "/" + owner.text("name"))
    }

    /// What has happened, the latest last.
    mutating func writeEvents(_ events: [JSON]) {
        guard !events.isEmpty else { return pair(0, "Events", "<none>") }
        func last(_ event: JSON) -> Int64 {
            event["lastTimestamp"].stringValue.flatMap(Timestamp.seconds) ?? .min
        }
        let ordered = events.enumerated()
            .sorted { (last($0.element), $0.offset) < (last($1.element), $1.offset) }
        line(0, "Events:")
        cells(1, ["Type", "Reason", "Age", "From", "Message"])
        cells(1, ["----", "------", "----", "----", "-------"])
        for (_, event) in ordered { cells(1, eventCells(event)) }
    }

    private func eventCells(_ event: JSON) -> [String] {
        let first = age(event["eventTime"]?.stringValue.map(JSON.string) ?? event["firstTimestamp"])
        var when = first
        if let series = event["series"], !series.isNull {
            when = "\(age(series["lastObservedTime"])) (x\(series.count("count")) over \(first))"
        } else if event.count("count") > 1 {
            when = "\(age(event["lastTimestamp"])) (x\(event.count("count")) over \(first))"
        }
        let field = event.text("involvedObject.fieldPath")
        return [
            event.text("type"), event.text("reason"), when,
            event.text("source.component").or(event.text("reportingComponent")),
            (field.isEmpty ? "" : field + ": ") + event.text("message").trimmed,
        ]
    }
}

extension JSON {
    /// The owner that manages the object.
    var controller: JSON? { items("metadata.ownerReferences").first { $0["controller"] == true } }

    /// Labels, or what else there is in a map, on one line.
    var labelText: String {
        sortedMembers.map { $0.name + "=" + $0.value.plain }.joined(separator: ",").or("<none>")
    }

    /// A selector as labels are asked for: `app=web,tier in (a,b),!old`.
    var selectorText: String {
        // What the server has kept is a selector.
        guard let selector = try? LabelSelector(object: self) else { return "<error>" }
        return selector.requirements.map { requirement in
            let values = requirement.values.sorted().joined(separator: ",")
            return switch requirement.relation {
            case .exists: requirement.key
            case .doesNotExist: "!" + requirement.key
            case .isIn: "\(requirement.key) in (\(values))"
            case .isNotIn: "\(requirement.key) notin (\(values))"
            default: requirement.key + requirement.relation.rawValue + values
            }
        }.joined(separator: ",")
    }
}

extension String {
    /// The first bytes, and dots if there are more.
    func cut(_ bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        return String(decoding: utf8.prefix(bytesMax), as: UTF8.self) + "..."
    }

    /// Without white space at either end.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
