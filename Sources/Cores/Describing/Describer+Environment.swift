import ResourceModel

extension Describer {
    mutating func writeEnvironmentSources(_ sources: [JSON]) {
        guard !sources.isEmpty else { return }
        line(2, "Environment Variables from:")
        for source in sources {
            var kind = ""
            if source["configMapRef"] != nil {
                kind = "ConfigMap"
            } else if source["secretRef"] != nil {
                kind = "Secret"
            }
            let reference = source["configMapRef"] ?? source["secretRef"] ?? .null
            let prefix = source.text("prefix")
            let what = prefix.isEmpty ? kind : kind + " with prefix '" + prefix + "'"
            cells(3, [reference.text("name"), what, Self.optional(reference)])
        }
    }

    private static func optional(_ reference: JSON) -> String {
        "Optional: " + (reference["optional"] == true ? "true" : "false")
    }

    /// - Parameter pod: where fields are looked up; nil in templates.
    mutating func writeEnvironment(_ container: JSON, _ pod: JSON?) {
        let variables = container.items("env")
        line(2, variables.isEmpty ? "Environment:\t<none>" : "Environment:")
        for variable in variables {
            let name = variable.text("name")
            guard let source = variable["valueFrom"] else {
                let lines = variable.text("value").lines
                pair(3, name, lines[0])
                for text in lines.dropFirst() { line(3, "\t" + text) }
                continue
            }
            if let field = source["fieldRef"] {
                let path = field.text("fieldPath")
                let found = pod.flatMap { PodField.text(path, of: $0) } ?? ""
                pair(3, name, "\(found) (\(field.text("apiVersion")):\(path))")
            } else if let resource = source["resourceFieldRef"] {
                let found = PodField.text(ofResource: resource, container)
                pair(3, name, "\(found) (\(resource.text("resource")))")
            } else if let secret = source["secretKeyRef"] {
                let key = secret.text("key")
                let what = "<set to the key '\(key)' in secret '\(secret.text("name"))'>"
                cells(3, [name + ":", what, Self.optional(secret)])
            } else if let map = source["configMapKeyRef"] {
                let key = map.text("key")
                let what = "<set to the key '\(key)' of config map '\(map.text("name"))'>"
                cells(3, [name + ":", what, Self.optional(map)])
            }
        }
    }
}

/// What variables of an environment come from.
enum PodField {
    /// kubectl looks up no others.
    private static let known: Set = ["metadata.name", "metadata.namespace"]

    static func text(_ path: String, of pod: JSON) -> String? {
        known.contains(path) ? pod.text(path) : nil
    }

    static func text(ofResource reference: JSON, _ container: JSON) -> String {
        let name = reference.text("resource")
        guard let dot = name.firstIndex(of: ".") else { return "" }
        let resource = String(name[name.index(after: dot)...])
        let isKnown = ["cpu", "memory", "ephemeral-storage"].contains(resource)
        guard isKnown || resource.hasPrefix("hugepages-") else { return "" }
        let amount = amount(container["resources"][String(name[..<dot])][resource])
        var divisor = self.amount(reference["divisor"])
        if divisor.billionths == 0 { divisor = Quantity(Int64(1)) }
        let isCPU = resource == "cpu"
        let left = isCPU ? amount.thousandthsRoundedUp : amount.roundedUp
        let right = isCPU ? divisor.thousandthsRoundedUp : divisor.roundedUp
        let value = (Double(left) / Double(right)).rounded(.up).wholeAsInGo
        if value == 0, name == "limits.cpu" || name == "limits.memory" { return "node allocatable" }
        return "\(value)"
    }

    private static func amount(_ value: JSON?) -> Quantity {
        // What the server keeps is a quantity.
        value.flatMap { try? Quantity($0) } ?? .zero
    }
}
