internal import Primitives
internal import ResourceModel

/// How a client wants to see objects of a resource: as they are, as rows of a table, or their
/// metadata alone.
struct ObjectView: Sendable {
    /// The forms that can be asked for.
    enum Form: Sendable, Hashable {
        case object
        case table(version: String, includes: TableInclusion)
        case metadata(version: String)
    }

    /// What a row carries of its object.
    enum TableInclusion: String, Sendable, Hashable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    /// The resource.
    let kind: KindDefinition
    /// How it is shown.
    let form: Form
    /// Tables say what their columns are.
    private(set) var showsColumns = true
    /// Seconds since 1970.
    let now: @Sendable () -> Int64

    init(kind: KindDefinition, form: Form, now: @escaping @Sendable () -> Int64) {
        self.kind = kind
        self.form = form
        self.now = now
    }

    /// The same view of the first or a later event of a watch.
    func asShown(first: Bool) -> ObjectView {
        var view = self
        if case .table = form { view.showsColumns = first }
        return view
    }

    /// One object.
    func bytes(of object: VersionedObject) -> Bytes {
        var bytes: Bytes = []
        bytes.reserveCapacity(object.bytes.count + 64)
        write(object, to: &bytes)
        return bytes
    }

    private func write(_ object: VersionedObject, to bytes: inout Bytes) {
        switch form {
        case .object: object.write(apiVersion: kind.apiVersion, to: &bytes)
        case .metadata(let version):
            Self.partial(parsed(object), version).write(to: &bytes)
        case .table:
            table([object], listMetadata: ["resourceVersion": .string("\(object.revision)")])
                .write(to: &bytes)
        }
    }

    /// A line of a watch.
    func line(_ type: WatchEventType, _ object: VersionedObject) -> Bytes {
        var bytes: Bytes = []
        bytes.reserveCapacity(object.bytes.count + 96)
        bytes.append(contentsOf: "{\"type\":\"\(type.rawValue)\",\"object\":".utf8)
        write(object, to: &bytes)
        bytes.append(contentsOf: "}\n".utf8)
        return bytes
    }

    /// A line of a watch that tells of progress.
    func bookmark(_ revision: Revision, endsInitial: Bool) -> Bytes {
        var metadata: JSON = ["resourceVersion": .string("\(revision)")]
        if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        var object: JSON = [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
            "metadata": metadata,
        ]
        switch form {
        case .object: break
        case .metadata(let version):
            object["kind"] = "PartialObjectMetadata"
            object["apiVersion"] = .string("meta.k8s.io/\(version)")
        case .table(let version, _):
            object = [
                "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"),
                "metadata": metadata, "columnDefinitions": [], "rows": [],
            ]
        }
        return Self.line(.bookmark, object)
    }

    /// A line of a watch that ends it.
    func failure(_ failure: APIFailure) -> Bytes { Self.line(.error, failure.status) }

    private static func line(_ type: WatchEventType, _ object: JSON) -> Bytes {
        let event: JSON = ["type": .string(type.rawValue), "object": object]
        return event.encoded + [UInt8(ascii: "\n")]
    }

    /// The object parsed; what is no JSON is shown empty rather than hiding all others.
    func parsed(_ object: VersionedObject) -> JSON {
        // What is no JSON must not hide all others.
        (try? object.parsed(apiVersion: kind.apiVersion)) ?? .emptyObject
    }

    /// Type and metadata alone.
    static func partial(_ object: JSON, _ version: String) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object["metadata"] ?? .emptyObject,
        ]
    }
}

extension ObjectView: Hashable {
    /// Views that write the same. (The clock does not count.)
    static func == (left: Self, right: Self) -> Bool {
        left.form == right.form && left.showsColumns == right.showsColumns
            && left.kind.apiVersion == right.kind.apiVersion
            && left.kind.resource == right.kind.resource
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(form)
        hasher.combine(showsColumns)
        hasher.combine(kind.apiVersion)
    }
}
