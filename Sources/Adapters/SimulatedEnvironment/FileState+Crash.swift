internal import Primitives

/// What a power cut leaves of a file.
extension FileState {
    /// The file as the disk has it after a power cut; this one stays as it is.
    /// - Parameter cut: with `.prefix`, the first change that did not take place as a whole.
    func afterCrash(
        _ faults: CrashFaults, cut: Int, using random: inout SplitMix64
    ) -> FileState {
        switch faults.data {
        case .nothing:
            return FileState(bytes: durable, size: durableSize)
        case .everything:
            return withAllDirty()
        case .prefix:
            return prefix(upTo: cut, using: &random)
        case .anySubset:
            guard !changes.isEmpty || floor != nil else {
                return FileState(bytes: durable, size: durableSize)
            }
            return subset(keepsOldVersions: faults.keepsOldVersions, using: &random)
        }
    }

    /// The numbers of all changes that a crash may cut at.
    var changeSequences: [Int] {
        (floor.map { [$0.sequence] } ?? []) + changes.map(\.sequence)
    }

    /// Everything dirty reaches the disk. Not `current`: sectors that a failed sync or a lost
    /// write left clean must not come back.
    private func withAllDirty() -> FileState {
        var bytes = durable
        for page in dirtyPages {
            bytes.copySectors(dirtyMasks[page], ofPage: page, from: current)
        }
        let isResized = floor != nil || !changes.isEmpty
        return FileState(bytes: bytes, size: isResized ? size : durableSize).cleared()
    }

    private func prefix(upTo cut: Int, using random: inout SplitMix64) -> FileState {
        var bytes = durable
        var size = durableSize
        var cache = cacheBase ?? durable
        var reached: Set<Int> = []
        if let floor {
            guard floor.sequence < cut else { return FileState(bytes: bytes, size: size) }
            for page in floor.masks.indices where floor.masks[page] != 0 {
                bytes.copySectors(floor.masks[page], ofPage: page, from: floor.bytes)
            }
            cache = floor.bytes
            size = floor.size
        }
        for change in changes where change.sequence < cut {
            Self.apply(change.kind, within: nil, to: &cache)
            reached.formUnion(dirtySectors(of: change.kind))
            size = change.size
        }
        for sector in reached.sorted() { bytes.copySector(sector, from: cache) }
        if let torn = changes.first(where: { $0.sequence == cut }), case .write = torn.kind {
            // The write under way: any of its sectors, and the new size or the old.
            Self.apply(torn.kind, within: nil, to: &cache)
            for sector in dirtySectors(of: torn.kind) where random.chance(0.5) {
                bytes.copySector(sector, from: cache)
            }
            if random.chance(0.5) { size = torn.size }
        }
        return FileState(bytes: bytes, size: size).cleared()
    }

    private func subset(keepsOldVersions: Bool, using random: inout SplitMix64) -> FileState {
        // Change 0 is the durable state; the floor, if there is one, comes next.
        let shift = floor == nil ? 1 : 2
        let sizeVersion = drawSize(shift, keepsOldVersions, using: &random)
        var size = durableSize
        if sizeVersion >= shift {
            size = changes[sizeVersion - shift].size
        } else if sizeVersion == 1, let floor {
            size = floor.size
        }
        var bytes = durable
        let touching = changesBySector()
        // Not a coin for each sector: with many sectors that would never keep all or nothing.
        let keptQuarters = random.below(5)
        for page in dirtyPages.sorted() {
            for bit in 0..<SparseBytes.sectorsPerPage where dirtyMasks[page] & (1 << bit) != 0 {
                let sector = page * SparseBytes.sectorsPerPage + bit
                let versions = versions(of: sector, touching[sector] ?? [], shift, sizeVersion)
                var version = versions[0]
                if keepsOldVersions {
                    version = versions[random.below(versions.count)]
                } else if random.below(4) < keptQuarters {
                    version = versions[versions.count - 1]
                }
                guard version > 0 else { continue }
                restore(sector, upTo: version - shift, touching[sector] ?? [], into: &bytes)
            }
        }
        return FileState(bytes: bytes, size: size).cleared()
    }

    /// The states of a sector that may survive together with a size, oldest first; 0 for the
    /// durable one, 1 for the floor if there is one.
    private func versions(
        of sector: Int, _ touching: [Int], _ shift: Int, _ sizeVersion: Int
    ) -> [Int] {
        var versions = [0]
        if let floor, isInFloor(sector) {
            let isCut = (sector + 1) * SparseBytes.sectorBytes > floor.leastSize
            versions = isCut && sizeVersion > 0 ? [1] : [0, 1]
        }
        for index in touching {
            switch changes[index].kind {
            case .write: versions.append(index + shift)
            case .lostWrite: break
            case .resize:
                // A cut is durable with the size: blocks behind it are gone.
                if index + shift <= sizeVersion { versions = [index + shift] }
            }
        }
        return versions
    }

    /// After which change the surviving size was current; 0 for the durable one.
    private func drawSize(
        _ shift: Int, _ keepsOldVersions: Bool, using random: inout SplitMix64
    ) -> Int {
        var versions = [0]
        var last = durableSize
        if let floor {
            if floor.size != last { versions.append(1) }
            last = floor.size
        }
        for (index, change) in changes.enumerated() where change.size != last {
            versions.append(index + shift)
            last = change.size
        }
        guard versions.count > 1 else { return 0 }
        if keepsOldVersions { return versions[random.below(versions.count)] }
        return random.chance(0.5) ? versions[versions.count - 1] : 0
    }

    /// The changes that touch a sector, oldest first.
    private func changesBySector() -> [Int: [Int]] {
        var touching: [Int: [Int]] = [:]
        for (index, change) in changes.enumerated() {
            for sector in Self.sectors(of: change.kind) {
                guard sector / SparseBytes.sectorsPerPage < dirtyMasks.count else { break }
                touching[sector, default: []].append(index)
            }
        }
        return touching
    }

    /// The sectors that a change has made dirty.
    private func dirtySectors(of kind: Change.Kind) -> [Int] {
        if case .lostWrite = kind { return [] }
        return Self.sectors(of: kind).prefix { sector in
            sector / SparseBytes.sectorsPerPage < dirtyMasks.count
        }
    }

    /// Gives a sector the contents that the cache had after the change of the given index, or at
    /// the floor if that is before all changes.
    private func restore(
        _ sector: Int, upTo last: Int, _ touching: [Int], into bytes: inout SparseBytes
    ) {
        if let base = floor?.bytes ?? cacheBase { bytes.copySector(sector, from: base) }
        let start = sector * SparseBytes.sectorBytes
        for index in touching where index <= last {
            Self.apply(
                changes[index].kind, within: start..<start + SparseBytes.sectorBytes, to: &bytes)
        }
    }

    private func isInFloor(_ sector: Int) -> Bool {
        let page = sector / SparseBytes.sectorsPerPage
        guard let floor, page < floor.masks.count else { return false }
        return floor.masks[page] & (1 << UInt8(sector % SparseBytes.sectorsPerPage)) != 0
    }

    /// The file without what lies behind its end.
    private func cleared() -> FileState {
        var bytes = current
        bytes.zero(size..<max(size, bytes.pageCount * SparseBytes.pageBytes))
        return FileState(bytes: bytes, size: size)
    }

    /// Applies the part of a change that lies in `limits`; nil means all of it.
    private static func apply(
        _ kind: Change.Kind, within limits: Range<Int>?, to bytes: inout SparseBytes
    ) {
        let whole = range(of: kind)
        let part = limits.map { whole.clamped(to: $0) } ?? whole
        guard !part.isEmpty else { return }
        switch kind {
        case .write(let offset, let run, _), .lostWrite(let offset, let run):
            bytes.write(
                run, part.lowerBound - offset..<part.upperBound - offset, at: part.lowerBound)
        case .resize:
            bytes.zero(part)
        }
    }

    /// The bytes that a change touches: those written, or those cut off.
    private static func range(of kind: Change.Kind) -> Range<Int> {
        switch kind {
        case .write(let offset, _, let count): offset..<offset + count
        case .lostWrite(let offset, let bytes): offset..<offset + bytes.count
        case .resize(let from, let to): to..<max(from, to)
        }
    }

    /// The numbers of the sectors that a change touches.
    private static func sectors(of kind: Change.Kind) -> Range<Int> {
        let range = range(of: kind)
        let width = SparseBytes.sectorBytes
        guard !range.isEmpty else { return 0..<0 }
        return range.lowerBound / width..<(range.upperBound - 1) / width + 1
    }
}
