import ResourceModel

extension JSON? {
    /// Whether a label selector selects what has these labels; an absent one selects nothing.
    func selects(_ labels: JSON?) -> Bool {
        // A malformed selector has its own error, and selects nothing.
        guard let self, let selector = try? LabelSelector(object: self) else { return false }
        return selector.matches(labels)
    }

    /// Whether a label selector has no part, and so selects everything.
    var isEmptySelector: Bool {
        (self["matchLabels"].objectValue?.isEmpty ?? true)
            && (self["matchExpressions"].arrayValue?.isEmpty ?? true)
    }
}

extension Findings {
    /// Labels as such.
    mutating func labels(_ path: String, _ labels: JSON?) {
        for member in labels.objectValue?.members ?? [] {
            for problem in NameRule.qualifiedName.problems(member.name) {
                invalid(path, .string(member.name), problem)
            }
            form(path, member.value, .labelValue)
        }
    }

    /// A label selector.
    mutating func labelSelector(_ path: String, _ selector: JSON?) {
        labels(path + ".matchLabels", selector["matchLabels"])
        for (index, requirement) in (selector["matchExpressions"].arrayValue ?? []).enumerated() {
            let place = "\(path).matchExpressions[\(index)]"
            let isEmpty = requirement["values"].arrayValue?.isEmpty ?? true
            switch requirement["operator"].stringValue {
            case "In", "NotIn":
                if isEmpty {
                    required(
                        place + ".values",
                        "must be specified when `operator` is 'In' or 'NotIn'")
                }
            case "Exists", "DoesNotExist":
                if !isEmpty {
                    forbidden(
                        place + ".values",
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
                }
            default:
                invalid(
                    place + ".operator", requirement["operator"],
                    "not a valid selector operator")
            }
            form(place + ".key", requirement["key"], .qualifiedName)
        }
    }
}
