import ResourceModel

/// Amounts of resources by name: processors in thousandths, all else in units.
struct Amounts {
    private(set) var values: [String: Int64] = [:]

    init() {}

    /// Reads a list such as `status.allocatable`. What is no quantity counts as nothing: admission
    /// lets none through.
    init(_ list: JSON?) {
        for member in list.objectValue?.members ?? [] {
            // See above.
            guard let quantity = try? Quantity(member.value) else { continue }
            values[member.name] =
                member.name == "cpu" ? quantity.thousandthsRoundedUp : quantity.roundedUp
        }
    }

    subscript(name: String) -> Int64 { values[name] ?? 0 }

    static func + (left: Amounts, right: Amounts) -> Amounts {
        var sum = left
        sum.values.merge(right.values) { $0.addingReportingOverflow($1).0 }
        return sum
    }

    /// The larger amount of each resource.
    static func larger(_ left: Amounts, _ right: Amounts) -> Amounts {
        var larger = left
        larger.values.merge(right.values, uniquingKeysWith: max)
        return larger
    }
}

extension Pod {
    /// What it asks for: the containers together, or the init container that needs most, as they
    /// run one after the other. Init containers that keep running count among the containers.
    var requests: Amounts {
        let request = { (container: JSON) in Amounts(container["resources"]["requests"]) }
        var running = Amounts()
        var most = Amounts()
        for container in initContainers {
            if container["restartPolicy"] == "Always" {
                running = running + request(container)
                most = Amounts.larger(most, running)
            } else {
                most = Amounts.larger(most, running + request(container))
            }
        }
        for container in containers { running = running + request(container) }
        return Amounts.larger(most, running) + Amounts(json["spec"]["overhead"])
    }

    /// The ports of its node that it needs, as `TCP/80`.
    var hostPorts: Set<String> {
        Set(
            containers.flatMap { $0["ports"].arrayValue ?? [] }.compactMap { port in
                guard let number = port["hostPort"].integerValue, number > 0 else { return nil }
                return "\(port["protocol"].stringValue ?? "TCP")/\(number)"
            })
    }
}
