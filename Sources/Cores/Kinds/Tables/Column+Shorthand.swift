import ResourceModel

// Cells of tables, worded as `kubectl get` shows them.

extension Column {
    /// How long ago the object was created.
    static let age = Column("Age", "How long ago it was created.") { object, now in
        .string(object.value(at: "metadata.creationTimestamp").age(at: now))
    }

    /// When the object was created.
    static let createdAt = Column("Created At", type: "date", "When it was created.") { object, _ in
        object.value(at: "metadata.creationTimestamp") ?? ""
    }

    /// The text at a path; `absent` where there is none.
    static func text(
        _ name: String, at path: String, priority: Int = 0, absent: String = "", _ summary: String
    ) -> Column {
        Column(name, priority: priority, summary) { object, _ in
            let text = object.value(at: path).stringValue ?? ""
            return .string(text.isEmpty ? absent : text)
        }
    }

    /// The whole number at a path; 0 where there is none.
    static func number(
        _ name: String, type: String = "integer", at path: String, _ summary: String
    ) -> Column {
        Column(name, type: type, summary) { object, _ in
            .integer(object.value(at: path).integerValue ?? 0)
        }
    }

    /// What a column makes of an object, whatever the time.
    static func shown(
        _ name: String, type: String = "string", priority: Int = 0, _ summary: String,
        _ cell: @escaping @Sendable (_ object: JSON) -> String
    ) -> Column {
        Column(name, type: type, priority: priority, summary) { object, _ in
            .string(cell(object))
        }
    }

    /// The names and images of a pod template's containers, for `-o wide`.
    static func containers(at path: String) -> [Column] {
        [
            shown("Containers", priority: 1, "The names of its containers.") {
                $0.containers(at: path, "name")
            },
            shown("Images", priority: 1, "The images of its containers.") {
                $0.containers(at: path, "image")
            },
        ]
    }

    /// A label selector, for `-o wide`.
    static func selector(at path: String) -> Column {
        shown("Selector", priority: 1, "Selects its pods.") {
            $0.value(at: path).selectorText
        }
    }
}

extension JSON {
    /// A field of each container of a pod specification, with commas between.
    fileprivate func containers(at path: String, _ field: String) -> String {
        let containers = value(at: path)["containers"].arrayValue ?? []
        return containers.map { $0[field].stringValue ?? "" }.joined(separator: ",")
    }
}

extension JSON? {
    /// A label selector as text, as in `app=web,tier in (a,b)`; `<none>` for one that selects all.
    var selectorText: String {
        // What cannot be read is shown as such: a table is no place to fail.
        guard let selector = try? LabelSelector(object: self ?? [:]) else { return "<error>" }
        return selector.isEmpty ? "<none>" : selector.description
    }

    /// Labels as texts, as in `app=web`, sorted.
    var labelTexts: [String] {
        (objectValue?.members ?? [])
            .map { "\($0.name)=\($0.value.stringValue ?? "")" }.sorted()
    }

    /// Labels with commas between; `<none>` for none.
    var labelText: String {
        let texts = labelTexts
        return texts.isEmpty ? "<none>" : texts.joined(separator: ",")
    }
}
