package import NameService
internal import Planning
internal import Primitives
internal import ResourceModel
package import ServiceModel

/// Gives services their virtual addresses, of 127.64.0.0/12, unless the service is headless or
/// stands for a name elsewhere.
///
/// All services are one key: an address is given only when those given before are seen.
struct ServiceAddressPlanner: Planner {
    static let name = "service-address-controller"
    static let reads: [GroupVersionKind] = [.service]
    private static let all = ObjectReference(.service, "", "")

    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        [Self.all]
    }

    func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        var plan = Plan()
        let services = observed[.service].all
        var pool = ServiceAddresses.pool
        for service in services {
            let text = service.json.value(at: "spec.clusterIP").stringValue ?? ""
            guard let address = IPv4Address(text) else { continue }
            // Addresses from elsewhere, and those that were given twice, are nobody's concern here.
            try? pool.allocate(address)
        }
        for service in services where Self.isWithoutAddress(service) {
            do throws(AddressPoolError) {
                let address = JSON.string(try Self.address(for: service, from: &pool).description)
                plan.append(
                    .patch(
                        service.reference,
                        [
                            "metadata": ["resourceVersion": .string(service.resourceVersion)],
                            "spec": ["clusterIP": address, "clusterIPs": [address]],
                        ]))
            } catch {
                plan.append(
                    .emit(
                        EventNote(
                            about: service.reference, uid: service.uid, type: .warning,
                            reason: "NoAddress", message: "\(error)", component: Self.name)))
            }
        }
        return plan
    }

    /// The address at a place of the service's own, or else the lowest that is free. Clusters that
    /// share a machine share its addresses: they hardly ever give out the same.
    private static func address(
        for service: Resource, from pool: inout AddressPool
    ) throws(AddressPoolError) -> IPv4Address {
        var hasher = StableHasher()
        hasher.combine(Array(service.uid.utf8))
        let place = UInt32(hasher.value % UInt64(pool.range.count))
        let own = IPv4Address(bits: pool.range.first.bits + place)
        guard !pool.reserved.contains(own), !pool.isInUse(own) else { return try pool.allocate() }
        try pool.allocate(own)
        return own
    }

    private static func isWithoutAddress(_ service: Resource) -> Bool {
        service.json.value(at: "spec.type").stringValue != "ExternalName"
            && (service.json.value(at: "spec.clusterIP").stringValue ?? "").isEmpty
            && !service.isTerminating
    }
}

/// Where the virtual addresses of services are.
package enum ServiceAddresses {
    /// The name service has this one.
    package static let nameService = IPv4Address(127, 64, 0, 10)

    /// A pool with nothing in use.
    package static var pool: AddressPool {
        AddressPool(
            range: .services, reserved: [IPv4Address(127, 64, 0, 1), nameService])
    }
}
