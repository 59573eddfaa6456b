package import ResourceModel

/// What `metadata` of every object must be like, whatever its kind.
package struct MetadataRules: Sendable {
    /// How many bytes all annotations together may have, keys and values.
    package static let annotationsBytesMax = 256 << 10

    let name: NameRule
    let isNamespaced: Bool
    /// Whether finalizers must be standard ones or have a domain, as in Kubernetes' own groups.
    let namesFinalizers: Bool

    /// The rules for a kind whose names keep `name`.
    package init(name: NameRule, isNamespaced: Bool, namesFinalizers: Bool = true) {
        self.name = name
        self.isNamespaced = isNamespaced
        self.namesFinalizers = namesFinalizers
    }

    /// The rules for a kind.
    package init(_ kind: KindDefinition) {
        let name: NameRule =
            kind.strategy.nameIsPathSegment
            ? .pathSegment : kind.strategy.nameIsLabel ? .dns1123Label : .dns1123Subdomain
        // Custom resources and their definitions came later than that rule.
        let hasDomain = kind.group.contains(".")
        let isKubernetes = kind.group.hasSuffix(".k8s.io")
        self.init(
            name: name, isNamespaced: kind.isNamespaced,
            namesFinalizers: isKubernetes
                ? kind.group != "apiextensions.k8s.io" : !hasDomain)
    }

    /// What is wrong with the metadata of an object.
    package func validate(_ metadata: JSON) -> [FieldError] {
        names(metadata) + Self.labels(metadata["labels"], path: "metadata.labels")
            + Self.annotations(metadata["annotations"], path: "metadata.annotations")
            + finalizers(metadata["finalizers"], path: "metadata.finalizers")
            + Self.owners(metadata["ownerReferences"], path: "metadata.ownerReferences")
    }

    private func names(_ metadata: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if let prefix = metadata["generateName"].stringValue, !prefix.isEmpty {
            errors += name.problemsOfPrefix(prefix).map {
                .invalid("metadata.generateName", .string(prefix), $0)
            }
        }
        let text = metadata["name"].stringValue ?? ""
        if text.isEmpty {
            errors.append(.required("metadata.name", "name or generateName is required"))
        } else {
            errors += name.problems(text).map { .invalid("metadata.name", .string(text), $0) }
        }
        let namespace = metadata["namespace"].stringValue ?? ""
        if !isNamespaced {
            if !namespace.isEmpty {
                errors.append(.forbidden("metadata.namespace", "not allowed on this type"))
            }
        } else if namespace.isEmpty {
            errors.append(.required("metadata.namespace"))
        } else {
            errors += NameRule.dns1123Label.problems(namespace).map {
                .invalid("metadata.namespace", .string(namespace), $0)
            }
        }
        return errors
    }

    /// What is wrong with labels, of an object or of a template in one.
    package static func labels(_ labels: JSON?, path: String) -> [FieldError] {
        (labels.objectValue?.members ?? []).flatMap { label in
            NameRule.qualifiedName.problems(label.name).map {
                FieldError.invalid(path, .string(label.name), $0)
            }
                + NameRule.labelValue.problems(label.value.stringValue ?? "").map {
                    .invalid(path, label.value, $0)
                }
        }
    }

    /// What is wrong with annotations: keys are judged without regard to case.
    package static func annotations(_ annotations: JSON?, path: String) -> [FieldError] {
        let members = annotations.objectValue?.members ?? []
        var errors: [FieldError] = members.flatMap { annotation in
            NameRule.qualifiedName.problems(annotation.name.lowercased()).map {
                FieldError.invalid(path, .string(annotation.name), $0)
            }
        }
        let bytes = members.reduce(0) {
            $0 + $1.name.utf8.count + ($1.value.stringValue?.utf8.count ?? 0)
        }
        if bytes > annotationsBytesMax {
            errors.append(.tooLong(path, bytesMax: annotationsBytesMax))
        }
        return errors
    }

    private static let standardFinalizers: Set<String> = [
        "kubernetes", "orphan", "foregroundDeletion",
    ]

    private func finalizers(_ finalizers: JSON?, path: String) -> [FieldError] {
        (finalizers.arrayValue ?? []).enumerated().flatMap { index, finalizer in
            let name = finalizer.stringValue ?? ""
            var errors = NameRule.qualifiedName.problems(name).map {
                FieldError.invalid(path, finalizer, $0)
            }
            if namesFinalizers, errors.isEmpty, !name.contains("/"),
                !Self.standardFinalizers.contains(name)
            {
                errors.append(
                    .invalid(
                        item(path, index), finalizer,
                        "name is neither a standard finalizer name nor is it fully qualified"))
            }
            return errors
        }
    }

    private static func owners(_ owners: JSON?, path: String) -> [FieldError] {
        var errors: [FieldError] = []
        var controller: String?
        for owner in owners.arrayValue ?? [] {
            let required = [
                ("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid"),
            ]
            for (name, word) in required where (owner[name].stringValue ?? "").isEmpty {
                errors.append(.invalid(child(path, name), "", "\(word) must not be empty"))
            }
            guard owner["controller"].boolValue == true else { continue }
            let name = owner["name"].stringValue ?? ""
            if let first = controller {
                errors.append(
                    .invalid(
                        path, .array(owners.arrayValue ?? []),
                        "Only one reference can have Controller set to true. Found \"true\" in "
                            + "references for \(first) and \(name)"))
            }
            controller = controller ?? name
        }
        return errors
    }
}
