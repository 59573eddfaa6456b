import ResourceModel

extension Findings {
    /// What is needed and the most that may be used: amounts that are not negative, and no need
    /// beyond its limit.
    mutating func resources(_ path: String, _ resources: JSON?) {
        for list in ["limits", "requests"] {
            for member in resources[list].objectValue?.members ?? [] {
                let place = "\(path).\(list)[\(member.name)]"
                for problem in NameRule.qualifiedName.problems(member.name) {
                    invalid(place, .string(member.name), problem)
                }
                if let amount = Self.amount(member.value), amount.billionths < 0 {
                    invalid(place, member.value, "must be greater than or equal to 0")
                }
            }
        }
        for request in resources["requests"].objectValue?.members ?? [] {
            guard let limit = resources["limits"][request.name], let most = Self.amount(limit),
                let amount = Self.amount(request.value), most < amount
            else { continue }
            invalid(
                path + ".requests", .string(amount.description),
                "must be less than or equal to \(request.name) limit of \(most)")
        }
    }

    /// The amount that a value stands for; malformed ones are the schema's to find.
    private static func amount(_ value: JSON) -> Quantity? {
        // A malformed amount has been refused by the schema with its own error.
        try? Quantity(value)
    }
}
