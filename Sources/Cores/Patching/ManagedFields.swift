package import ResourceModel

/// Who set fields: a client's name, how, and through which door.
package struct FieldOwner: Hashable, Sendable {
    /// How fields were set.
    package enum Operation: String, Sendable, Hashable {
        /// By server-side apply: what is no longer applied goes.
        case apply = "Apply"
        /// By any other write.
        case update = "Update"
    }

    /// The client's name.
    package var name: String
    /// How it sets fields.
    package var operation: Operation
    /// The version in which it wrote; of two versions an updater is two managers.
    package var apiVersion: String
    /// The subresource, as in `status`; empty for the object itself.
    package var subresource: String

    /// Describes a manager.
    package init(
        _ name: String, _ operation: Operation, apiVersion: String, subresource: String = ""
    ) {
        self.name = name
        self.operation = operation
        self.apiVersion = apiVersion
        self.subresource = subresource
    }

    /// Whether both are one manager: an applier is so in every version.
    func isSame(as other: FieldOwner) -> Bool {
        name == other.name && operation == other.operation && subresource == other.subresource
            && (operation == .apply || apiVersion == other.apiVersion)
    }

    /// The manager in the words of conflicts.
    package var description: String {
        var text = GoText.quoted(name)
        if !subresource.isEmpty { text += " with subresource \(GoText.quoted(subresource))" }
        return operation == .update ? "\(text) using \(apiVersion)" : text
    }
}

/// What `metadata.managedFields` says: who owns which fields since when.
package struct ManagedFields: Sendable, Equatable {
    /// One manager's fields.
    package struct Entry: Sendable, Equatable {
        /// Who.
        package var manager: FieldOwner
        /// Which.
        package var fields: FieldSet
        /// When it last changed, in RFC 3339.
        package var time: String?
    }

    /// How many updaters are kept apart; older ones become one.
    static let updatersMax = 10
    /// The name of those together.
    static let ancientName = "ancient-changes"

    /// The entries.
    package var entries: [Entry] = []

    /// Nobody owns anything.
    package init() {}

    /// Reads `metadata.managedFields`; nil if it is malformed.
    package init?(_ json: JSON?) {
        guard let json, !json.isNull else { return }
        guard case .array(let items) = json else { return nil }
        for item in items {
            // A single empty entry is how clients ask to forget all.
            if item == .emptyObject, items.count == 1 { return }
            guard
                let operation = FieldOwner.Operation(
                    rawValue: item["operation"].stringValue ?? ""),
                item["fieldsType"] == "FieldsV1",
                let fields = FieldSet(fieldsV1: item["fieldsV1"] ?? .emptyObject)
            else { return nil }
            let manager = FieldOwner(
                item["manager"].stringValue ?? "", operation,
                apiVersion: item["apiVersion"].stringValue ?? "",
                subresource: item["subresource"].stringValue ?? "")
            entries.append(
                Entry(manager: manager, fields: fields, time: item["time"].stringValue))
        }
    }

    /// The fields of a manager.
    package subscript(manager: FieldOwner) -> FieldSet? {
        entries.first { $0.manager.isSame(as: manager) }?.fields
    }

    /// What anybody owns.
    package var all: FieldSet { entries.reduce(FieldSet()) { $0.union($1.fields) } }

    /// Sets a manager's fields. Its time changes only with them.
    mutating func set(_ manager: FieldOwner, _ fields: FieldSet, time: String) {
        if let index = entries.firstIndex(where: { $0.manager.isSame(as: manager) }) {
            if entries[index].fields != fields || entries[index].manager != manager {
                entries[index] = Entry(manager: manager, fields: fields, time: time)
            }
        } else {
            entries.append(Entry(manager: manager, fields: fields, time: time))
        }
    }

    /// Drops managers that own nothing and joins the oldest updaters if there are too many.
    mutating func tidy() {
        entries.removeAll { $0.fields.isEmpty }
        var updaters = entries.filter { $0.manager.operation == .update }
        guard updaters.count > Self.updatersMax else { return }
        entries.removeAll { $0.manager.operation == .update }
        updaters.sort { ($0.time ?? "", $0.manager.name) < ($1.time ?? "", $1.manager.name) }
        let joined = updaters.prefix(updaters.count - Self.updatersMax + 1)
        entries += updaters.dropFirst(joined.count)
        for entry in joined {
            let manager = FieldOwner(
                Self.ancientName, .update, apiVersion: entry.manager.apiVersion)
            let fields = (self[manager] ?? FieldSet()).union(entry.fields)
            set(manager, fields, time: entry.time ?? "")
        }
    }

    /// As `metadata.managedFields`, appliers first, then by time.
    package var json: JSON {
        let sorted = entries.sorted { left, right in
            let (mine, theirs) = (left.manager, right.manager)
            if mine.operation != theirs.operation { return mine.operation == .apply }
            return (left.time ?? "", mine.name, mine.apiVersion, mine.subresource)
                < (right.time ?? "", theirs.name, theirs.apiVersion, theirs.subresource)
        }
        return .array(sorted.map(Self.json))
    }

    private static func json(_ entry: Entry) -> JSON {
        var json: JSON = [
            "manager": .string(entry.manager.name),
            "operation": .string(entry.manager.operation.rawValue),
            "apiVersion": .string(entry.manager.apiVersion),
        ]
        if let time = entry.time, !time.isEmpty { json["time"] = .string(time) }
        json["fieldsType"] = "FieldsV1"
        json["fieldsV1"] = entry.fields.fieldsV1
        if !entry.manager.subresource.isEmpty {
            json["subresource"] = .string(entry.manager.subresource)
        }
        return json
    }
}
