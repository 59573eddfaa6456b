package import ResourceModel

/// What a pod may be told of itself.
package enum DownwardField {
    /// The value of a field, as `fieldRef` names it.
    /// - Throws: the words of kubelet for a field that there is not.
    package static func value(
        at path: String, of pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) -> String {
        switch path {
        case "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
            "spec.serviceAccountName":
            return pod.value(at: path).stringValue ?? ""
        case "status.hostIP", "status.hostIPs": return surroundings.hostAddress
        case "status.podIP", "status.podIPs": return surroundings.podAddress
        default: break
        }
        for map in ["labels", "annotations"] {
            let start = "metadata.\(map)['"
            guard path.hasPrefix(start), path.hasSuffix("']"), path.count > start.count + 2 else {
                continue
            }
            let key = String(path.dropFirst(start.count).dropLast(2))
            return pod["metadata"][map][key].stringValue ?? ""
        }
        throw ConfigurationFailure("unsupported fieldPath: \(path)")
    }

    /// The amount of a resource, as `resourceFieldRef` names it: in units of the divisor,
    /// rounded up.
    package static func resource(
        _ reference: JSON, of container: JSON, in pod: JSON, _ surroundings: PodSurroundings
    ) throws(ConfigurationFailure) -> String {
        let name = reference["resource"].stringValue ?? ""
        var holder = container
        if let other = reference["containerName"].stringValue, !other.isEmpty {
            let found = PodContainers.all(of: pod).first { $0["name"].stringValue == other }
            guard let found else { throw ConfigurationFailure("container \(other) not found") }
            holder = found
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["limits", "requests"].contains(parts[0]),
            parts[1] == "cpu" || parts[1] == "memory" || parts[1] == "ephemeral-storage"
        else { throw ConfigurationFailure("unsupported container resource : \(name)") }
        let resources = holder["resources"]
        let given = resources[parts[0]][parts[1]]
        let isLimit = parts[0] == "limits"
        let amount = quantity(given ?? (isLimit ? surroundings.allocatable[parts[1]] : nil))
        let divisor = quantity(reference["divisor"])
        if parts[1] == "cpu" {
            return quotient(
                amount.thousandthsRoundedUp, isZero(divisor) ? 1000 : divisor.thousandthsRoundedUp)
        }
        return quotient(amount.roundedUp, isZero(divisor) ? 1 : divisor.roundedUp)
    }

    private static func quantity(_ value: JSON?) -> Quantity {
        // What was admitted is a quantity; anything else counts as nothing.
        value.flatMap { try? Quantity($0) } ?? Quantity(billionths: 0)
    }

    private static func isZero(_ quantity: Quantity) -> Bool { quantity == Quantity(billionths: 0) }

    private static func quotient(_ amount: Int64, _ unit: Int64) -> String {
        let (quotient, rest) = amount.quotientAndRemainder(dividingBy: max(1, unit))
        return "\(rest > 0 ? quotient + 1 : quotient)"
    }
}
