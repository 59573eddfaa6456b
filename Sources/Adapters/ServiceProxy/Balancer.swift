package import ServiceModel

/// Where a connection can be made to.
package struct Target: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The endpoint's address.
    package var address: IPv4Address
    /// Its port there.
    package var port: UInt16

    /// The target at `address:port`.
    package init(address: IPv4Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Orders by address, then by port.
    package static func < (left: Target, right: Target) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }

    /// `address:port`.
    package var description: String { "\(address):\(port)" }
}

/// Decides which endpoint a new connection to one port goes to: a pure value.
///
/// First a group by its share, in smooth weighted rotation: with shares that add up to 100, any
/// 100 connections in a row are shared out exactly. Within the group the target with the fewest
/// connections, in rotation among equals. A client with affinity goes where it went before.
struct Balancer {
    /// What a connection has tried so far.
    struct Attempt {
        fileprivate var group: String?
        fileprivate(set) var tried: Set<Target> = []
    }

    private struct Group {
        var name: String
        var weight: Int
        var targets: [Target]
        /// Where the search among equals begins.
        var next = 0
        /// How far the group is behind its share.
        var credit = 0
    }

    private struct Affinity {
        var target: Target
        var lastSeconds: Int64
    }

    /// Clients whose last target is remembered; beyond that the older half is forgotten.
    static let rememberedClientsMax = 10_000

    private var groups: [Group] = []
    private var affinitySeconds: Int?
    private var affinities: [IPv4Address: Affinity] = [:]
    /// All targets that may be chosen at all.
    private(set) var targets: Set<Target> = []
    /// Of all targets, and of former ones while they have connections.
    private(set) var counts: [Target: PortStatistics.Backend] = [:]

    /// Whether there is anything to choose from.
    var isEmpty: Bool { targets.isEmpty }

    /// How many clients' targets are remembered.
    var rememberedClients: Int { affinities.count }

    /// Takes over what a service says of one of its ports. Connections are not touched. As long
    /// as the shares stay the same, so does their rotation, whichever endpoints come and go.
    mutating func replace(with service: ServiceRecord, portName: String) {
        var found: [String: Set<Target>] = [:]
        var seen: Set<Target> = []
        for endpoint in service.endpoints {
            guard let port = endpoint.ports[portName] else { continue }
            let target = Target(address: endpoint.address, port: port)
            guard seen.insert(target).inserted else { continue }
            found[service.shares.isEmpty ? "" : endpoint.group, default: []].insert(target)
        }
        let shares = service.shares.isEmpty ? ["": 1] : service.shares
        let before = groups
        groups = shares.sorted { $0.key < $1.key }.map { name, weight in
            var group = Group(name: name, weight: max(0, weight), targets: [])
            group.targets = (found[name] ?? []).sorted()
            if let old = before.first(where: { $0.name == name }) {
                group.next = old.next
                group.credit = old.credit
            }
            return group
        }
        // Another rotation starts from its beginning, or the old one's debts would spoil it.
        if Self.rotation(of: groups) != Self.rotation(of: before) {
            for index in groups.indices { groups[index].credit = 0 }
        }
        affinitySeconds = service.affinitySeconds
        if affinitySeconds == nil { affinities = [:] }
        let kept = Set(groups.filter { $0.weight > 0 }.flatMap(\.targets))
        targets = kept
        counts = counts.filter { $0.value.active > 0 || kept.contains($0.key) }
        for target in kept where counts[target] == nil { counts[target] = PortStatistics.Backend() }
    }

    /// The same without anything to choose.
    var withoutTargets: Balancer {
        var copy = self
        copy.groups = []
        copy.targets = []
        copy.affinities = [:]
        copy.counts = counts.filter { $0.value.active > 0 }
        return copy
    }

    /// The shares of the groups that take part.
    private static func rotation(of groups: [Group]) -> [String: Int] {
        var rotation: [String: Int] = [:]
        for group in groups where group.weight > 0 && !group.targets.isEmpty {
            rotation[group.name] = group.weight
        }
        return rotation
    }

    /// The target of a new connection, or the next one after others failed; nil if none is left.
    /// The connection counts from now on, until `failed` or `ended`.
    mutating func choose(
        for client: IPv4Address?, _ attempt: inout Attempt, nowSeconds: Int64
    ) -> Target? {
        let remembered = affinity(of: client, nowSeconds: nowSeconds)
        guard let target = remembered.flatMap({ attempt.tried.contains($0) ? nil : $0 })
            ?? untried(&attempt)
        else { return nil }
        attempt.tried.insert(target)
        counts[target, default: PortStatistics.Backend()].active += 1
        if let client, affinitySeconds != nil {
            makeRoomForAffinity(of: client)
            affinities[client] = Affinity(target: target, lastSeconds: nowSeconds)
        }
        return target
    }

    /// A connection to the target was made.
    mutating func connected(to target: Target) {
        counts[target, default: PortStatistics.Backend()].total += 1
    }

    /// A connection to the target could not be made.
    mutating func failed(_ target: Target) {
        counts[target, default: PortStatistics.Backend()].failed += 1
        ended(target)
    }

    /// A connection to the target is over.
    mutating func ended(_ target: Target) {
        counts[target, default: PortStatistics.Backend(active: 1)].active -= 1
        if counts[target]?.active == 0, !targets.contains(target) { counts[target] = nil }
    }

    private mutating func untried(_ attempt: inout Attempt) -> Target? {
        if attempt.group == nil { attempt.group = nextGroup() }
        if let target = next(in: attempt.group, attempt.tried) { return target }
        // Another group's endpoint is better than none, the heaviest group's best.
        for group in groups.sorted(by: { $0.weight > $1.weight }) where group.weight > 0 {
            if let target = next(in: group.name, attempt.tried) { return target }
        }
        return nil
    }

    /// One turn of the rotation: every group earns its share, the richest is chosen and pays for
    /// all. The credits come back to where they were after as many turns as the shares add up to.
    private mutating func nextGroup() -> String? {
        var chosen: Int?
        var sum = 0
        for index in groups.indices where groups[index].weight > 0 {
            guard !groups[index].targets.isEmpty else { continue }
            groups[index].credit += groups[index].weight
            sum += groups[index].weight
            if chosen.map({ groups[index].credit > groups[$0].credit }) ?? true { chosen = index }
        }
        guard let chosen else { return nil }
        groups[chosen].credit -= sum
        return groups[chosen].name
    }

    private mutating func next(in name: String?, _ tried: Set<Target>) -> Target? {
        guard let index = groups.firstIndex(where: { $0.name == name }) else { return nil }
        let targets = groups[index].targets
        var best: (place: Int, active: Int)?
        for step in targets.indices {
            let place = (groups[index].next + step) % targets.count
            guard !tried.contains(targets[place]) else { continue }
            let active = counts[targets[place]]?.active ?? 0
            if best.map({ active < $0.active }) ?? true { best = (place, active) }
            if active == 0 { break }
        }
        guard let best else { return nil }
        groups[index].next = (best.place + 1) % targets.count
        return targets[best.place]
    }

    /// Where the client went before, if that is not too long ago and still there.
    private func affinity(of client: IPv4Address?, nowSeconds: Int64) -> Target? {
        guard let client, let affinitySeconds, let affinity = affinities[client],
            nowSeconds - affinity.lastSeconds < Int64(affinitySeconds),
            targets.contains(affinity.target)
        else { return nil }
        return affinity.target
    }

    private mutating func makeRoomForAffinity(of client: IPv4Address) {
        guard affinities.count >= Self.rememberedClientsMax, affinities[client] == nil else {
            return
        }
        let newest = affinities.sorted { $0.value.lastSeconds > $1.value.lastSeconds }
            .prefix(Self.rememberedClientsMax / 2)
        affinities = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
    }
}
