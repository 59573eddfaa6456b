internal import Primitives
internal import ResourceModel
internal import ServiceModel

/// The addresses of the pods of a node, of `IPv4Range.pods`. Each pod begins to look for a free
/// one at a place of its own: where two nodes share a machine, two pods hardly ever have the same.
struct PodAddresses {
    private var uids: [IPv4Address: String] = [:]
    private var addresses: [String: IPv4Address] = [:]

    /// The address of a pod: the one that it has, or one that is free.
    mutating func address(of pod: JSON, uid: String) -> String {
        if let known = addresses[uid] { return known.description }
        if let text = pod.value(at: "status.podIP").stringValue, let present = IPv4Address(text) {
            // Not ours to refuse: the pod has it already.
            note(present, uid)
            return text
        }
        // The first and the last look like a network's own to some programs.
        let range = IPv4Range.pods
        let count = UInt32(range.count - 2)
        var hasher = StableHasher()
        hasher.combine(Array(uid.utf8))
        var place = UInt32(truncatingIfNeeded: hasher.value) % count
        var free: IPv4Address { IPv4Address(bits: range.first.bits + 1 + place) }
        while uids[free] != nil { place = (place + 1) % count }
        note(free, uid)
        return free.description
    }

    /// A pod is gone.
    mutating func release(_ uid: String) {
        guard let address = addresses.removeValue(forKey: uid), uids[address] == uid else { return }
        uids[address] = nil
    }

    private mutating func note(_ address: IPv4Address, _ uid: String) {
        addresses[uid] = address
        if uids[address] == nil { uids[address] = uid }
    }
}
