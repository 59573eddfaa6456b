/// Which labels are wanted: all requirements must hold.
public struct LabelSelector: Sendable, Equatable {
    /// How a label's value relates to the requirement's values.
    public enum Operator: String, Sendable, CaseIterable {
        case equals = "="
        case doubleEquals = "=="
        case notEquals = "!="
        case isIn = "in"
        case isNotIn = "notin"
        case exists = "exists"
        case doesNotExist = "!"
        case greaterThan = "gt"
        case lessThan = "lt"
    }

    /// One condition on one label.
    public struct Requirement: Sendable, Equatable {
        /// The label.
        public var key: String
        /// The relation.
        public var relation: Operator
        /// What the label's value is compared with.
        public var values: [String]

        /// Makes a requirement without looking at it.
        public init(_ key: String, _ relation: Operator, _ values: [String]) {
            self.key = key
            self.relation = relation
            self.values = values
        }

        /// Whether it holds for a label's value, nil where there is no such label.
        public func matches(_ value: String?) -> Bool {
            switch relation {
            case .equals, .doubleEquals, .isIn: value.map(values.contains) ?? false
            case .notEquals, .isNotIn: !(value.map(values.contains) ?? false)
            case .exists: value != nil
            case .doesNotExist: value == nil
            case .greaterThan: compares(value) { $0 > $1 }
            case .lessThan: compares(value) { $0 < $1 }
            }
        }

        private func compares(_ value: String?, _ holds: (Int64, Int64) -> Bool) -> Bool {
            guard let value = value.flatMap({ Int64($0) }),
                let bound = values.first.flatMap({
                    Int64($0)
                })
            else { return false }
            return holds(value, bound)
        }
    }

    /// Why a text or an object is no selector; `description` has Kubernetes' words.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong.
        public var description: String
    }

    /// The conditions, ordered by key.
    public private(set) var requirements: [Requirement]

    /// Wants what meets all requirements.
    public init(_ requirements: [Requirement] = []) {
        // Stable: requirements on one key stay in their order.
        self.requirements = requirements.enumerated().sorted {
            ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }.map(\.element)
    }

    /// Whether everything is wanted.
    public var isEmpty: Bool { requirements.isEmpty }

    /// Whether labels are as wanted.
    public func matches(_ labels: [(name: String, value: String)]) -> Bool {
        requirements.allSatisfy { requirement in
            requirement.matches(labels.first { $0.name == requirement.key }?.value)
        }
    }

    /// Whether an object's `metadata.labels` are as wanted; nil stands for none.
    public func matches(_ labels: JSON?) -> Bool {
        requirements.allSatisfy { $0.matches(labels[$0.key].stringValue) }
    }
}

extension LabelSelector {
    /// Reads the object form: `matchLabels` and `matchExpressions`. Null or nothing selects
    /// nothing and is the caller's to handle; an empty object selects everything.
    public init(object: JSON) throws(Failure) {
        var requirements: [Requirement] = []
        for member in object["matchLabels"].objectValue?.members ?? [] {
            requirements.append(
                try Requirement(
                    checking: member.name, .equals, [member.value.stringValue ?? ""]))
        }
        for expression in object["matchExpressions"].arrayValue ?? [] {
            let word = expression["operator"].stringValue ?? ""
            guard let relation = Self.relations[word] else {
                throw Failure(
                    description: "\(GoText.quoted(word)) is not a valid label selector operator")
            }
            requirements.append(
                try Requirement(
                    checking: expression["key"].stringValue ?? "", relation,
                    (expression["values"].arrayValue ?? []).map { $0.stringValue ?? "" }))
        }
        self.init(requirements)
    }

    private static let relations: [String: Operator] = [
        "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
    ]
}

extension LabelSelector.Requirement {
    /// Makes a requirement that is as Kubernetes demands.
    init(
        checking key: String, _ relation: LabelSelector.Operator, _ values: [String]
    ) throws(LabelSelector.Failure) {
        var errors = Self.keyErrors(key, path: "key")
        let list = JSON.array(values.map(JSON.string))
        func refuse(_ detail: String) { errors.append(.invalid("values", list, detail)) }
        switch relation {
        case .isIn, .isNotIn:
            if values.isEmpty { refuse("for 'in', 'notin' operators, values set can't be empty") }
        case .equals, .doubleEquals, .notEquals:
            if values.count != 1 { refuse("exact-match compatibility requires one single value") }
        case .exists, .doesNotExist:
            if !values.isEmpty { refuse("values set must be empty for exists and does not exist") }
        case .greaterThan, .lessThan:
            if values.count != 1 {
                refuse("for 'Gt', 'Lt' operators, exactly one value is required")
            }
            for (index, value) in values.enumerated() where Int64(value) == nil {
                errors.append(
                    .invalid(
                        "values[\(index)]", .string(value),
                        "for 'Gt', 'Lt' operators, the value must be an integer"))
            }
        }
        for (index, value) in values.enumerated() {
            let problems = NameRule.labelValue.problems(value)
            if !problems.isEmpty {
                errors.append(
                    .invalid(
                        "values[\(index)][\(key)]", .string(value),
                        problems.joined(separator: "; ")))
            }
        }
        guard errors.isEmpty else { throw LabelSelector.Failure(description: errors.text) }
        self.init(key, relation, values)
    }

    static func keyErrors(_ key: String, path: String) -> [FieldError] {
        let problems = NameRule.qualifiedName.problems(key)
        if problems.isEmpty { return [] }
        return [.invalid(path, .string(key), problems.joined(separator: "; "))]
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The text form.
    public var description: String {
        requirements.map { requirement in
            let key = requirement.key
            let values = requirement.values.sorted().joined(separator: ",")
            return switch requirement.relation {
            case .equals, .doubleEquals, .notEquals:
                "\(key)\(requirement.relation.rawValue)\(values)"
            case .isIn, .isNotIn: "\(key) \(requirement.relation.rawValue) (\(values))"
            case .exists: key
            case .doesNotExist: "!\(key)"
            case .greaterThan: "\(key)>\(values)"
            case .lessThan: "\(key)<\(values)"
            }
        }.joined(separator: ",")
    }
}
