package import ResourceModel

extension KindDefinition {
    /// Kinds that are served besides the built-in ones.
    package static let customResourceDefinition = KindDefinition(
        group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition",
        resource: "customresourcedefinitions", shortNames: ["crd", "crds"],
        categories: ["api-extensions"], isNamespaced: false, hasStatus: true,
        schema: .customResourceDefinition, columns: [.createdAt],
        strategy: Strategy(
            setDefaults: { $0.setNameDefaults() },
            prepareForCreate: { object in
                let stored = object.value(at: "spec.versions").arrayValue?
                    .first { $0["storage"] == true }
                object["status"] = [
                    "storedVersions": .array([stored["name"]].compactMap(\.self))
                ]
            },
            validate: { object, old in
                Findings.collect { findings in
                    findings.customNames(object)
                    findings.customVersions(object["spec"])
                    findings.customConversion(object["spec"])
                    if let old { findings.customUpdate(object, old) }
                }
            },
            allowsUnconditionalUpdate: false))
}

extension JSON {
    fileprivate mutating func setNameDefaults() {
        if let kind = value(at: "spec.names.kind").stringValue, !kind.isEmpty {
            setDefault(.string(kind.lowercased()), at: "spec.names.singular")
            setDefault(.string(kind + "List"), at: "spec.names.listKind")
        }
        setDefault("None", at: "spec.conversion.strategy")
    }
}

extension Findings {
    fileprivate mutating func customNames(_ object: JSON) {
        let names = object.value(at: "spec.names")
        let group = object.value(at: "spec.group").stringValue ?? ""
        requiredForm("spec.group", .string(group), .dns1123Subdomain)
        if !group.isEmpty, !group.contains(".") {
            invalid("spec.group", .string(group), "should be a domain with at least one dot")
        }
        requiredForm("spec.names.plural", names["plural"], .dns1035Label)
        for name in ["singular", "kind", "listKind"] {
            let text = names[name].stringValue ?? ""
            requiredForm("spec.names.\(name)", .string(text.lowercased()), .dns1035Label)
        }
        if let kind = names["kind"], kind == names["listKind"] {
            invalid("spec.names.listKind", kind, "kind and listKind may not be the same")
        }
        for name in ["shortNames", "categories"] {
            for (index, text) in (names[name].arrayValue ?? []).enumerated() {
                form("spec.names.\(name)[\(index)]", text, .dns1035Label)
            }
        }
        let wanted = "\(names["plural"].stringValue ?? "").\(group)"
        if object.value(at: "metadata.name").stringValue != wanted {
            invalid(
                "metadata.name", object.value(at: "metadata.name"),
                "must be spec.names.plural+\".\"+spec.group")
        }
    }

    fileprivate mutating func customVersions(_ spec: JSON?) {
        let versions = spec["versions"].arrayValue ?? []
        if versions.isEmpty { required("spec.versions", "must have at least one version") }
        for (index, version) in versions.enumerated() {
            let path = "spec.versions[\(index)]"
            requiredForm(path + ".name", version["name"], .dns1035Label)
            if version["schema"]["openAPIV3Schema"] == nil {
                required(path + ".schema.openAPIV3Schema", "schemas are required")
            }
        }
        distinct(
            versions.enumerated().map { ("spec.versions[\($0.offset)].name", $0.element["name"]) })
        if versions.filter({ $0["storage"] == true }).count != 1 {
            invalid(
                "spec.versions", spec["versions"],
                "must have exactly one version marked as storage version")
        }
    }

    fileprivate mutating func customConversion(_ spec: JSON?) {
        if spec["conversion"]["strategy"] == "Webhook" {
            unsupported("spec.conversion.strategy", "Webhook", ["None"])
        }
        if spec["preserveUnknownFields"] == true {
            invalid(
                "spec.preserveUnknownFields", true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                    + "spec.versions[*].schema instead")
        }
    }

    fileprivate mutating func customUpdate(_ object: JSON, _ old: JSON) {
        for path in ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"] {
            immutable(path, object.value(at: path), was: old.value(at: path))
        }
        let names = (object.value(at: "spec.versions").arrayValue ?? []).map { $0["name"] }
        let stored = old.value(at: "status.storedVersions").arrayValue ?? []
        for (index, name) in stored.enumerated() where !names.contains(name) {
            invalid(
                "status.storedVersions[\(index)]", name,
                "missing from spec.versions; \(name.stringValue ?? "") was previously a storage "
                    + "version, and must remain in spec.versions until a storage migration "
                    + "ensures no data remains persisted in it")
        }
    }
}

extension ObjectSchema {
    static let customResourceDefinition = resource(
        "\(apiExtensions)CustomResourceDefinition",
        "A kind of object that is served besides the built-in ones.",
        [
            Field(
                2, "spec", .object(.customResourceDefinitionSpec),
                "What the kind is called, and what its objects may be.", isRequired: true),
            Field(
                3, "status", .object(.customResourceDefinitionStatus),
                "Its state as last observed."),
        ])

    static let customResourceDefinitionSpec = ObjectSchema(
        "\(apiExtensions)CustomResourceDefinitionSpec",
        "What a kind is called, and what its objects may be.",
        [
            Field(1, "group", .text, "The API group.", isRequired: true),
            Field(
                3, "names", .object(.customResourceNames),
                "What the kind is called.", isRequired: true),
            Field(
                4, "scope", .oneOf("Cluster", "Namespaced"),
                "Whether its objects live in namespaces.", isRequired: true),
            Field(
                7, "versions", .list(.object(.customResourceVersion)),
                "The versions; exactly one is stored.", isRequired: true),
            Field(
                9, "conversion", .object(.customResourceConversion),
                "How one version becomes another."),
            Field(10, "preserveUnknownFields", .boolean, "No longer used; must be false."),
        ])

    static let customResourceNames = ObjectSchema(
        "\(apiExtensions)CustomResourceDefinitionNames", "What a kind is called.",
        [
            Field(1, "plural", .text, "Its name in addresses.", isRequired: true),
            Field(
                2, "singular", .text,
                "Its name on command lines; the kind in lower case if left out."),
            Field(3, "shortNames", .list(.text), "Short names."),
            Field(4, "kind", .text, "The kind itself.", isRequired: true),
            Field(5, "listKind", .text, "The kind of its lists; the kind and `List` if left out."),
            Field(
                6, "categories", .list(.text),
                "Groups of resources that it belongs to, as in `all`."),
        ])

    static let customResourceVersion = ObjectSchema(
        "\(apiExtensions)CustomResourceDefinitionVersion", "One version of a kind.",
        [
            Field(1, "name", .text, "Its name, as in v1.", isRequired: true),
            Field(2, "served", .boolean, "Whether it is served.", isRequired: true),
            Field(3, "storage", .boolean, "Whether objects are stored in it.", isRequired: true),
            Field(7, "deprecated", .boolean, "Whether clients are warned of it."),
            Field(8, "deprecationWarning", .text, "What they are told.").keepingZero,
            Field(4, "schema", .object(.customResourceValidation), "What its objects may be."),
            Field(5, "subresources", .object(.customResourceSubresources), "Its subresources."),
            Field(
                6, "additionalPrinterColumns", .list(.object(.customResourceColumn)),
                "Columns of its tables."),
            Field(
                9, "selectableFields", .list(.object(.selectableField)),
                "Fields that field selectors may use."),
        ])

    static let customResourceColumn = ObjectSchema(
        "\(apiExtensions)CustomResourceColumnDefinition", "A column of a table.",
        [
            Field(1, "name", .text, "Its heading.", isRequired: true),
            Field(2, "type", .text, "The type of its cells.", isRequired: true),
            Field(3, "format", .text, "The format of its cells."),
            Field(4, "description", .text, "What it shows."),
            Field(5, "priority", .int32, "0 is always shown, more only in wide tables."),
            Field(6, "jsonPath", .text, "Where in an object a cell's value is.", isRequired: true),
        ])

    static let selectableField = ObjectSchema(
        "\(apiExtensions)SelectableField", "A field that field selectors may use.",
        [
            Field(1, "jsonPath", .text, "Where in an object it is.", isRequired: true),
        ])

    static let customResourceConversion = ObjectSchema(
        "\(apiExtensions)CustomResourceConversion", "How one version of a kind becomes another.",
        [
            Field(
                1, "strategy", .oneOf("None", "Webhook"),
                "By renaming alone, or by asking somebody.", isRequired: true),
            Field(2, "webhook", .any(preservesUnknown: true), "Who is asked; not supported."),
        ])

    static let customResourceValidation = ObjectSchema(
        "\(apiExtensions)CustomResourceValidation", "What objects of a kind may be.",
        [
            Field(1, "openAPIV3Schema", .jsonSchema, "Their schema."),
        ])

    static let customResourceSubresources = ObjectSchema(
        "\(apiExtensions)CustomResourceSubresources", "Subresources of a kind.",
        [
            Field(
                1, "status", .object(.customResourceStatusSubresource),
                "Makes `status` a part that is written apart."),
            Field(2, "scale", .object(.customResourceScaleSubresource), "Makes it scalable."),
        ])

    static let customResourceStatusSubresource = ObjectSchema(
        "\(apiExtensions)CustomResourceSubresourceStatus",
        "Makes `status` a part that is written apart.",
        [])

    static let customResourceScaleSubresource = ObjectSchema(
        "\(apiExtensions)CustomResourceSubresourceScale", "Makes a kind scalable.",
        [
            Field(1, "specReplicasPath", .text, "Where the wanted number is.", isRequired: true),
            Field(2, "statusReplicasPath", .text, "Where the actual number is.", isRequired: true),
            Field(
                3, "labelSelectorPath", .text, "Where the selector is, as in a query.").keepingZero,
        ])

    static let customResourceDefinitionStatus = ObjectSchema(
        "\(apiExtensions)CustomResourceDefinitionStatus", "A definition as last observed.",
        [
            Field(
                1, "conditions", .list(.object(.customResourceCondition), keys: ["type"]),
                "Its state in single aspects."),
            Field(2, "acceptedNames", .object(.customResourceNames), "The names that are in use."),
            Field(3, "storedVersions", .list(.text), "Versions in which objects were ever stored."),
        ])

    static let customResourceCondition = ObjectSchema(
        "\(apiExtensions)CustomResourceDefinitionCondition", "One aspect of a definition.",
        [
            Field(
                1, "type", .text,
                "Which aspect it is: Established, NamesAccepted and others.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                3, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(4, "reason", .text, "Why it changed, in one word."),
            Field(5, "message", .text, "Why it changed, for people."),
        ])
}
