package import ServiceModel

/// Gives out the addresses of a range, each once. One bit for each address up to the highest in
/// use is all it remembers.
package struct AddressPool: Sendable {
    /// The addresses that may be given out.
    package let range: IPv4Range
    /// Addresses that are only given to who asks for them.
    package let reserved: Set<IPv4Address>
    /// Those in use.
    package private(set) var inUseCount = 0

    /// A bit for each address from the range's first, set while it is in use or reserved.
    private var blocked: [UInt64] = []
    /// Reserved addresses that are in use.
    private var reservedInUse: Set<IPv4Address> = []

    /// A pool with nothing in use. The range's first and last address are never given out
    /// unasked, as some programs take them for a network's own.
    package init(range: IPv4Range, reserved: Set<IPv4Address> = []) {
        self.range = range
        let ends = range.count > 2 ? [range.first, range.last] : []
        self.reserved = reserved.filter(range.contains).union(ends)
        for address in self.reserved where address != range.last { setBit(of: address) }
    }

    /// Takes the first free address from a place on, counted around the range. Who chooses places
    /// that hardly ever coincide gets addresses that hardly anybody else on the machine has.
    package mutating func allocate(
        from place: UInt64 = 0
    ) throws(AddressPoolError) -> IPv4Address {
        // The last address is reserved in all but the smallest ranges, without a bit: it would
        // cost those of all addresses before it.
        let end = range.count - (reserved.contains(range.last) ? 1 : 0)
        guard inUseCount - reservedInUse.count + reserved.count < range.count else {
            throw .exhausted(range)
        }
        var offset = Int(place % UInt64(end))
        while true {
            let free = blocked.count > offset / 64 ? ~blocked[offset / 64] >> (offset % 64) : 1
            offset = free == 0 ? (offset / 64 + 1) * 64 : offset + free.trailingZeroBitCount
            if offset < end, free != 0 { break }
            if offset >= end { offset = 0 }
        }
        let address = IPv4Address(bits: range.first.bits + UInt32(offset))
        setBit(of: address)
        inUseCount += 1
        return address
    }

    /// Takes the given address, reserved ones included.
    package mutating func allocate(_ address: IPv4Address) throws(AddressPoolError) {
        guard range.contains(address) else { throw .outside(address, range) }
        guard !isInUse(address) else { throw .inUse(address) }
        if reserved.contains(address) {
            reservedInUse.insert(address)
        } else {
            setBit(of: address)
        }
        inUseCount += 1
    }

    /// Gives an address back.
    package mutating func release(_ address: IPv4Address) throws(AddressPoolError) {
        guard range.contains(address) else { throw .outside(address, range) }
        guard isInUse(address) else { throw .notInUse(address) }
        inUseCount -= 1
        if reservedInUse.remove(address) != nil { return }
        let (word, mask) = place(of: address)
        blocked[word] &= ~mask
    }

    /// Whether somebody has the address.
    package func isInUse(_ address: IPv4Address) -> Bool {
        guard range.contains(address) else { return false }
        if reserved.contains(address) { return reservedInUse.contains(address) }
        let (word, mask) = place(of: address)
        return word < blocked.count && blocked[word] & mask != 0
    }

    private mutating func setBit(of address: IPv4Address) {
        let (word, mask) = place(of: address)
        while blocked.count <= word { blocked.append(0) }
        blocked[word] |= mask
    }

    private func place(of address: IPv4Address) -> (word: Int, mask: UInt64) {
        let offset = Int(address.bits - range.first.bits)
        return (offset / 64, 1 << UInt64(offset % 64))
    }
}

/// Why an address was not taken or given back.
package enum AddressPoolError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Every address of the range is in use.
    case exhausted(IPv4Range)
    /// Somebody else has the address.
    case inUse(IPv4Address)
    /// The address does not belong to the range.
    case outside(IPv4Address, IPv4Range)
    /// Nobody has the address.
    case notInUse(IPv4Address)

    /// The error in words.
    package var description: String {
        switch self {
        case .exhausted(let range): "range is full: no address of \(range) is free"
        case .inUse(let address): "provided IP is already allocated: \(address)"
        case .outside(let address, let range):
            "provided IP is not in the valid range: \(address); the range is \(range)"
        case .notInUse(let address): "\(address) is not allocated"
        }
    }
}
