internal import Environment
package import Primitives

/// Damage that no call reports.
extension SimulatedDisk {
    /// Turns over bit `bit` (0 to 7) of a byte of a file, in the cache and on the disk.
    /// Returns false if the file has no such byte.
    @discardableResult
    package func flipBit(in path: String, offset: Int, bit: Int) -> Bool {
        guard case .file(let file) = node(path), (0..<file.state.size).contains(offset),
            (0..<8).contains(bit)
        else { return false }
        file.state.flip(bit: bit, at: offset)
        return true
    }

    /// Turns over one drawn bit of one drawn file among those that `isAffected` names and says
    /// where; nil if none of them holds anything. It strikes a sector that holds more than zeros
    /// where there is one, since the rest of a segment tells nobody anything.
    package func rot(
        using random: inout SplitMix64, where isAffected: (_ path: String) -> Bool
    ) -> DamagedRange? {
        let candidates = allFiles().filter { isAffected($0.path) && $0.file.state.size > 0 }
        guard !candidates.isEmpty else { return nil }
        let (path, file) = candidates[random.below(candidates.count)]
        let sectors = file.state.current.writtenSectors(below: file.state.size)
        var offset = random.below(file.state.size)
        if !sectors.isEmpty {
            let start = sectors[random.below(sectors.count)] * SparseBytes.sectorBytes
            offset = start + random.below(min(SparseBytes.sectorBytes, file.state.size - start))
        }
        file.state.flip(bit: random.below(8), at: offset)
        return DamagedRange(path: path, offset: offset, count: 1)
    }

    /// Lets a write land on another place, within the size of a drawn file; nil if there is none
    /// with a sector to hit, in which case the write is just lost.
    func misdirect(
        _ bytes: Bytes, from path: String, _ offset: Int, using random: inout SplitMix64
    ) -> DamagedRange? {
        let sector = SparseBytes.sectorBytes
        let candidates = allFiles().filter { $0.file.state.size > 0 }
        guard !candidates.isEmpty, !bytes.isEmpty else { return nil }
        let (victim, file) = candidates[random.below(candidates.count)]
        let place = random.below((file.state.size + sector - 1) / sector) * sector
        if case .file(let own) = node(path), own === file, place == offset { return nil }
        let count = min(bytes.count, file.state.size - place)
        file.state.damage(bytes, count: count, at: place)
        return DamagedRange(path: victim, offset: place, count: count)
    }

    /// All files with their paths, sorted.
    func allFiles() -> [(path: String, file: FileNode)] {
        var found: [(path: String, file: FileNode)] = []
        visit(root, "", \.current) { found.append((path: $0, file: $1)) }
        return found
    }

    /// Visits the files below a folder in the order of their paths' names.
    func visit(
        _ folder: FolderNode, _ path: String, _ names: (FolderNode) -> [String: DiskNode],
        _ body: (String, FileNode) -> Void
    ) {
        let entries = names(folder)
        for name in Self.sorted(entries) {
            switch entries[name] {
            case .file(let file): body(path + "/" + name, file)
            case .folder(let next): visit(next, path + "/" + name, names, body)
            case nil: continue
            }
        }
    }
}
