package import Primitives

/// What tests and checkers may look at without it counting as an operation.
extension SimulatedDisk {
    /// The paths of all files as a process sees them, sorted.
    package var files: [String] {
        allFiles().map(\.path).sorted()
    }

    /// The paths of the files that a power cut cannot take away, sorted.
    package var durableFiles: [String] {
        var found: [String] = []
        visit(root, "", \.durable) { path, _ in found.append(path) }
        return found.sorted()
    }

    /// A file's bytes as a process sees them; nil if there is no such file.
    package func contents(of path: String) -> Bytes? {
        guard case .file(let file) = node(path) else { return nil }
        return file.state.read(at: 0, count: file.state.size)
    }

    /// A file's bytes as far as they are durable, under the durable names; nil if there is none.
    package func durableContents(of path: String) -> Bytes? {
        var node = DiskNode.folder(root)
        for name in components(path) {
            guard case .folder(let folder) = node, let next = folder.durable[name] else {
                return nil
            }
            node = next
        }
        guard case .file(let file) = node else { return nil }
        return file.state.durable.read(at: 0, count: file.state.durableSize)
    }

    /// A hash of all paths and bytes as a process sees them: equal disks have equal hashes.
    package func contentsHash() -> UInt64 {
        var hasher = StableHasher()
        for (path, file) in allFiles() {
            hasher.combine(Bytes(path.utf8))
            hasher.combine(file.state.read(at: 0, count: file.state.size))
        }
        return hasher.value
    }
}
