internal import Environment
package import Primitives

/// The ends of processes and of power.
extension SimulatedDisk {
    /// A power cut, and the disk comes back: what was synced is there, of the rest what `faults`
    /// leaves. All open handles and locks are void. What has survived is durable from then on.
    /// Planned and drawn faults go on, but for `stopAtOperation`.
    package func crash(using random: inout SplitMix64, faults: CrashFaults) {
        root = survivors(faults, using: &random, into: self)
        nameChanges = []
        usedBytes = allFiles().reduce(0) { $0 + $1.file.state.size }
        endProcess()
    }

    /// The process ends, the machine goes on: handles and locks are void, the cache stays.
    package func endProcess() {
        epoch += 1
        isStopped = false
        plan.stopNumber = Int.max
        for (_, file) in allFiles() { file.lockHolder = nil }
    }

    /// The disk as a power cut now would leave it, without one: this disk goes on, the other one
    /// is independent of it and has no faults planned. For trying many outcomes of one moment.
    package func crashed(
        using random: inout SplitMix64, faults: CrashFaults
    ) -> SimulatedDisk {
        let copy = emptyCopy()
        copy.root = survivors(faults, using: &random, into: copy)
        copy.usedBytes = copy.allFiles().reduce(0) { $0 + $1.file.state.size }
        return copy
    }

    /// A copy of the durable state.
    package func copy() -> SimulatedDisk {
        var random = SplitMix64(seed: 0)
        return crashed(using: &random, faults: .losesUnsynced)
    }

    /// The tree after a power cut, of new nodes.
    private func survivors(
        _ faults: CrashFaults, using random: inout SplitMix64, into disk: SimulatedDisk
    ) -> FolderNode {
        let cut = drawCut(faults, using: &random)
        let names = survivingNames(faults.names, cut: cut, using: &random)
        return rebuild(root, names, faults, cut, &random, into: disk)
    }

    private func rebuild(
        _ folder: FolderNode, _ names: [Int: [String: DiskNode]], _ faults: CrashFaults,
        _ cut: Int, _ random: inout SplitMix64, into disk: SimulatedDisk
    ) -> FolderNode {
        var entries: [String: DiskNode] = [:]
        let old = names[folder.number] ?? folder.durable
        for name in Self.sorted(old) {
            switch old[name] {
            case .file(let file):
                let state = file.state.afterCrash(faults, cut: cut, using: &random)
                entries[name] = .file(FileNode(state))
            case .folder(let next):
                entries[name] = .folder(
                    rebuild(next, names, faults, cut, &random, into: disk))
            case nil: continue
            }
        }
        return disk.makeFolder(names: entries)
    }

    /// The first change of the disk that did not take place as a whole.
    private func drawCut(_ faults: CrashFaults, using random: inout SplitMix64) -> Int {
        guard faults.data == .prefix || faults.names == .prefix else { return 0 }
        var sequences = nameChanges.map(\.sequence)
        for (_, file) in allFiles() { sequences += file.state.changeSequences }
        sequences.sort()
        let position = random.below(sequences.count + 1)
        return position < sequences.count ? sequences[position] : Int.max
    }

    /// The names of those folders, by number, that are not as they were synced.
    private func survivingNames(
        _ survival: CrashFaults.Survival, cut: Int, using random: inout SplitMix64
    ) -> [Int: [String: DiskNode]] {
        var names: [Int: [String: DiskNode]] = [:]
        var lost: Set<NamePlace> = []
        var lostFolders: Set<Int> = []
        let keptQuarters = survival == .anySubset ? random.below(5) : 0
        for change in nameChanges {
            let isKept =
                switch survival {
                case .nothing: false
                case .everything: true
                case .prefix: change.sequence < cut
                case .anySubset: random.below(4) < keptQuarters
                }
            // What builds on a lost change is lost with it.
            let places = change.places
            let buildsOnLost =
                places.contains(where: lost.contains)
                || change.removedFolder.map { lostFolders.contains($0.number) } == true
            guard isKept, !buildsOnLost else {
                lost.formUnion(places)
                lostFolders.formUnion(places.map(\.folder.number))
                continue
            }
            func set(_ place: NamePlace, _ node: DiskNode?) {
                let folder = place.folder
                names[folder.number, default: folder.durable][place.name] = node
            }
            switch change.kind {
            case .link(let place, let node): set(place, node)
            case .unlink(let place, _): set(place, nil)
            case .move(let from, let to, let node):
                set(from, nil)
                set(to, node)
            }
        }
        return names
    }
}
