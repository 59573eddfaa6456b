internal import ResourceModel

/// A CustomResourceDefinition, read: what it serves, or what is wrong with its schemas and columns.
/// (Its kind's strategy sees to names, versions and conversion.)
struct CustomDefinition {
    /// The resources in all served versions; empty where something is wrong.
    private(set) var resources: [ServedResource] = []
    /// What is wrong.
    private(set) var errors: [FieldError] = []

    private let spec: JSON
    private let group: String
    private let names: JSON

    /// Versions of one definition.
    static let versionsMax = 50

    /// Reads a definition; `metadata` is the schema of every object's metadata.
    init(_ definition: JSON, metadata: Schema) {
        spec = definition["spec"] ?? .emptyObject
        group = spec["group"].stringValue ?? ""
        names = spec["names"] ?? .emptyObject
        let versions = spec["versions"].arrayValue ?? []
        let storage = versions.filter { $0["storage"].boolValue == true }
        let storageVersion = storage.first?["name"].stringValue ?? ""
        for (index, version) in versions.prefix(Self.versionsMax).enumerated() {
            let path = "spec.versions[\(index)]"
            let name = version["name"].stringValue ?? ""
            read(version, name, path, storageVersion, metadata)
        }
        let served = resources.map(\.kind.version)
        for index in resources.indices { resources[index].versions = served }
        if !errors.isEmpty { resources = [] }
    }

    /// The group and resource that it claims.
    var name: GroupName {
        GroupName(names["plural"].stringValue ?? "", group: group)
    }

    private mutating func read(
        _ version: JSON, _ name: String, _ path: String, _ storageVersion: String,
        _ metadata: Schema
    ) {
        let place = "\(path).schema.openAPIV3Schema"
        guard let json = version["schema"]["openAPIV3Schema"] else {
            errors.append(.required(place, "schemas are required"))
            return
        }
        let (schema, problems) = Self.schema(json, at: place, metadata)
        errors += problems
        var columns: [Column] = []
        for (index, given) in (version["additionalPrinterColumns"].arrayValue ?? []).enumerated() {
            let place = "\(path).additionalPrinterColumns[\(index)].jsonPath"
            switch CustomColumn.column(given, at: place) {
            case .success(let column): columns.append(column)
            case .failure(let error): errors.append(error)
            }
        }
        if version["additionalPrinterColumns"].arrayValue?.isEmpty ?? true {
            columns = [CustomColumn.age]
        }
        guard version["served"].boolValue == true else { return }
        let kind = names["kind"].stringValue ?? ""
        var resource = ServedResource(
            KindDefinition(
                group: group, version: name, kind: kind,
                resource: names["plural"].stringValue ?? "",
                singular: names["singular"].stringValue,
                shortNames: Self.texts(names["shortNames"]),
                categories: Self.texts(names["categories"]),
                isNamespaced: spec["scope"].stringValue == "Namespaced",
                hasStatus: version["subresources"]["status"] != nil,
                scale: Self.scale(version["subresources"]["scale"]), schema: schema,
                columns: columns, strategy: Self.strategy(version)), isCustom: true)
        resource.storageVersion = storageVersion
        resources.append(resource)
    }

    /// The schema of whole objects: that of the definition with type and metadata.
    private static func schema(
        _ json: JSON, at path: String, _ metadata: Schema
    ) -> (ObjectSchema, [FieldError]) {
        var reader = StructuralSchema()
        var errors: [FieldError] = []
        if json["type"].stringValue != "object" {
            errors.append(
                .invalid("\(path).type", json["type"] ?? "", "must be object at the root"))
        }
        let read = reader.schema(json, at: path)
        var object = ObjectSchema("", json["description"].stringValue ?? "", [])
        if case .object(let given) = read {
            object = given
        } else if case .any = read {
            object.preservesUnknown = true
        }
        let own = ["apiVersion", "kind", "metadata"]
        object.fields.removeAll { own.contains($0.name) }
        let text = Schema.string(StringRules(allowed: []))
        object.fields.insert(
            contentsOf: [
                Field(
                    0, "apiVersion", text,
                    "The group and version of the schema that this object follows."),
                Field(0, "kind", text, "The kind of this object."),
                Field(0, "metadata", metadata, "What all objects have in common."),
            ], at: 0)
        return (object, errors + reader.errors)
    }

    private static func texts(_ json: JSON?) -> [String] {
        (json.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func scale(_ json: JSON?) -> ScalePaths? {
        guard let spec = json["specReplicasPath"].stringValue,
            let status = json["statusReplicasPath"].stringValue
        else { return nil }
        func plain(_ path: String) -> String { String(path.drop { $0 == "." }) }
        return ScalePaths(
            specReplicas: plain(spec), statusReplicas: plain(status),
            selector: json["labelSelectorPath"].stringValue.map(plain))
    }

    private static func strategy(_ version: JSON) -> Strategy {
        let fields = (version["selectableFields"].arrayValue ?? []).compactMap { field in
            field["jsonPath"].stringValue.map { String($0.drop { $0 == "." }) }
        }
        return Strategy(
            selectableFields: { object in
                fields.map { path in (path, Self.text(object.value(at: path))) }
            }, allowsUnconditionalUpdate: false)
    }

    private static func text(_ value: JSON?) -> String {
        switch value {
        case .string(let text)?: text
        case .integer(let number)?: "\(number)"
        case .bool(let flag)?: "\(flag)"
        default: ""
        }
    }
}
