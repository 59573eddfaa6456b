internal import Primitives
internal import ResourceModel

/// The addresses of the pods of a node: of the machine's own loopback range, every address of
/// which can be bound, 127.96.0.0 to 127.127.255.255. Where two nodes share a machine, two pods
/// may have the same.
struct PodAddresses {
    private static let first: UInt32 = 0x7F60_0000
    private static let count: UInt32 = 0x20_0000

    private var uidByAddress: [UInt32: String] = [:]

    /// The address of a pod: the one that it has, or one that is free.
    mutating func address(of pod: JSON, uid: String) -> String {
        if let text = pod.value(at: "status.podIP").stringValue, let number = Self.number(text) {
            if uidByAddress[number] == nil { uidByAddress[number] = uid }
            return text
        }
        if let mine = uidByAddress.first(where: { $0.value == uid }) { return Self.text(mine.key) }
        var hasher = StableHasher()
        hasher.combine(Array(uid.utf8))
        // Not the first and the last of the range, which look like networks to people.
        var place = UInt32(truncatingIfNeeded: hasher.value) % (Self.count - 2) + 1
        while uidByAddress[Self.first + place] != nil { place = place % (Self.count - 2) + 1 }
        uidByAddress[Self.first + place] = uid
        return Self.text(Self.first + place)
    }

    /// A pod is gone.
    mutating func release(_ uid: String) {
        uidByAddress = uidByAddress.filter { $0.value != uid }
    }

    private static func text(_ number: UInt32) -> String {
        (0..<4).map { String(number >> (24 - 8 * UInt32($0)) & 0xFF) }.joined(separator: ".")
    }

    private static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else { return nil }
        return parts.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
