import ResourceModel

/// Amounts of resources by name.
struct ResourceAmounts {
    private var amounts: [String: Quantity] = [:]

    init() {}

    init(_ object: JSON?) {
        for member in object.objectValue?.members ?? [] {
            // What the server keeps is a quantity.
            amounts[member.name] = try? Quantity(member.value)
        }
    }

    var isEmpty: Bool { amounts.isEmpty }
    var names: [String] { amounts.keys.sorted() }
    subscript(name: String) -> Quantity { amounts[name] ?? .zero }

    mutating func add(_ other: ResourceAmounts) {
        for (name, amount) in other.amounts {
            let sum = amounts[name].map { $0.billionths == 0 ? amount : $0 + amount }
            amounts[name] = sum ?? amount
        }
    }

    /// The amounts of some resources alone.
    func limited(to names: [String]) -> ResourceAmounts {
        var kept = self
        kept.amounts = amounts.filter { names.contains($0.key) }
        return kept
    }

    /// Of each resource the greater amount.
    mutating func raise(to other: ResourceAmounts) {
        for (name, amount) in other.amounts {
            amounts[name] = amounts[name].map { max($0, amount) } ?? amount
        }
    }

    /// Takes the amounts of another in place of one's own.
    mutating func replace(by other: ResourceAmounts) {
        for (name, amount) in other.amounts { amounts[name] = amount }
    }

    /// An amount and how many hundredths it is of another.
    /// - Parameter isGuarded: whether parts of nothing are nothing; else they are what becomes of
    ///   a number that is none.
    func share(_ name: String, of total: ResourceAmounts, isGuarded: Bool = true) -> String {
        func number(_ quantity: Quantity) -> Double {
            Double(name == "cpu" ? quantity.thousandthsRoundedUp : quantity.roundedUp)
        }
        let whole = number(total[name])
        let part = number(self[name]) / whole * 100
        let percent = isGuarded && whole == 0 ? 0 : part.wholeAsInGo
        return "\(self[name]) (\(percent)%)"
    }
}

extension Double {
    /// The number without what is behind the point; what is none, or too large, becomes what Go
    /// makes of it.
    var wholeAsInGo: Int64 { Int64(exactly: rounded(.towardZero)) ?? .min }
}

extension Quantity {
    /// Nothing.
    static let zero = Quantity(billionths: 0)
}

/// What a pod asks for as a whole.
enum PodResources {
    /// - Parameter field: `requests` or `limits`.
    static func amounts(_ field: String, of pod: JSON) -> ResourceAmounts {
        var sum = ResourceAmounts()
        for container in pod.items("spec.containers") {
            sum.add(ResourceAmounts(container["resources"][field]))
        }
        // What starts before the others needs its own, and that of those that keep running.
        var lasting = ResourceAmounts()
        var most = ResourceAmounts()
        for container in pod.items("spec.initContainers") {
            let own = ResourceAmounts(container["resources"][field])
            if container["restartPolicy"] == "Always" {
                sum.add(own)
                lasting.add(own)
                most.raise(to: lasting)
            } else {
                var needed = own
                needed.add(lasting)
                most.raise(to: needed)
            }
        }
        sum.raise(to: most)
        sum.replace(by: ResourceAmounts(pod.value(at: "spec.resources." + field)))
        let overhead = ResourceAmounts(pod.value(at: "spec.overhead"))
        sum.add(field == "requests" ? overhead : overhead.limited(to: sum.names))
        return sum
    }

    /// The class that the server has found, or would find.
    static func qualityOfService(of pod: JSON) -> String {
        let known = pod.text("status.qosClass")
        guard known.isEmpty else { return known }
        var isGuaranteed = true
        var sums = (requests: ResourceAmounts(), limits: ResourceAmounts())
        for container in pod.items("spec.containers") + pod.items("spec.initContainers") {
            let limits = positive(container["resources"]["limits"])
            isGuaranteed = isGuaranteed && limits.names.count == 2
            sums.limits.add(limits)
            sums.requests.add(positive(container["resources"]["requests"]))
        }
        if sums.requests.isEmpty, sums.limits.isEmpty { return "BestEffort" }
        isGuaranteed = isGuaranteed && sums.requests.names == sums.limits.names
            && sums.requests.names.allSatisfy { sums.requests[$0] == sums.limits[$0] }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }

    private static func positive(_ amounts: JSON?) -> ResourceAmounts {
        let kept = (amounts.objectValue?.members ?? []).filter { member in
            // What the server keeps is a quantity.
            let amount = (try? Quantity(member.value)) ?? .zero
            return ["cpu", "memory"].contains(member.name) && amount > .zero
        }
        return ResourceAmounts(.object(JSONObject(uniqueMembers: kept)))
    }
}
