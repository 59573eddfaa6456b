internal import Environment

/// Finding and changing names.
extension SimulatedDisk {
    /// The names along a path; a relative path starts at the root as well.
    func components(_ path: String) -> [String] {
        if let known = knownPaths[path] { return known }
        let names = Self.split(path)
        // A bound for tests that make up paths; members have few.
        if knownPaths.count >= 1_000 { knownPaths = [:] }
        knownPaths[path] = names
        return names
    }

    private static func split(_ path: String) -> [String] {
        var names: [String] = []
        for name in path.split(separator: "/") where name != "." {
            if name == ".." {
                _ = names.popLast()
            } else {
                names.append(String(name))
            }
        }
        return names
    }

    /// The names of a folder in the order of their bytes.
    static func sorted(_ names: [String: DiskNode]) -> [String] {
        names.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// What a path leads to now.
    func node(_ path: String) -> DiskNode? {
        var node = DiskNode.folder(root)
        for name in components(path) {
            guard case .folder(let folder) = node, let next = folder.current[name] else {
                return nil
            }
            node = next
        }
        return node
    }

    /// The folder at a path.
    func folder(_ path: String, _ operation: DiskOperation) throws(DiskError) -> FolderNode {
        switch node(path) {
        case .folder(let folder): return folder
        case nil: throw .notFound(path: path)
        case .file:
            throw .failed(
                operation: operation.rawValue, path: path, code: ErrorNumber.notDirectory)
        }
    }

    /// The folder and last name of a path, whether that name exists or not.
    func place(_ path: String) throws(DiskError) -> NamePlace {
        var names = components(path)
        guard let name = names.popLast() else {
            throw .failed(operation: "name", path: path, code: ErrorNumber.isDirectory)
        }
        var folder = root
        for parent in names {
            guard case .folder(let next) = folder.current[parent] else {
                throw .notFound(path: path)
            }
            folder = next
        }
        return NamePlace(folder: folder, name: name)
    }

    /// Makes a change visible, and durable one day.
    func change(_ kind: NameChange.Kind) {
        switch kind {
        case .link(let place, let node): place.folder.current[place.name] = node
        case .unlink(let place, _): place.folder.current[place.name] = nil
        case .move(let from, let to, let node):
            from.folder.current[from.name] = nil
            to.folder.current[to.name] = node
        }
        nameChanges.append(NameChange(sequence: nextSequence(), kind: kind))
    }

    /// A file has lost its name: its space is free, whoever still has it open.
    func unlinked(_ file: FileNode) {
        file.isLinked = false
        usedBytes -= file.state.size
    }

    /// Unlinks all that is in a folder, innermost first.
    func removeContents(of folder: FolderNode) {
        for name in Self.sorted(folder.current) {
            guard let node = folder.current[name] else { continue }
            switch node {
            case .folder(let inner): removeContents(of: inner)
            case .file(let file): unlinked(file)
            }
            change(.unlink(NamePlace(folder: folder, name: name), node))
        }
    }

    func isFolder(_ folder: FolderNode, inside outer: FolderNode) -> Bool {
        if folder === outer { return true }
        return outer.current.values.contains { node in
            if case .folder(let next) = node { return isFolder(folder, inside: next) }
            return false
        }
    }

    /// Makes the changes of a folder's names durable, together with the earlier changes that they
    /// build on: a rename from another folder and what happened to the name there; the end of all
    /// that was in a removed folder.
    func commitNames(of folder: FolderNode) {
        var needed: Set<NamePlace> = []
        var neededFolders: Set<Int> = [folder.number]
        var isCommitted = [Bool](repeating: false, count: nameChanges.count)
        for index in nameChanges.indices.reversed() {
            let change = nameChanges[index]
            let places = change.places
            guard places.contains(where: {
                neededFolders.contains($0.folder.number) || needed.contains($0)
            }) else { continue }
            isCommitted[index] = true
            needed.formUnion(places)
            if let removed = change.removedFolder { neededFolders.insert(removed.number) }
        }
        var left: [NameChange] = []
        for (change, isCommitted) in zip(nameChanges, isCommitted) {
            guard isCommitted else {
                left.append(change)
                continue
            }
            switch change.kind {
            case .link(let place, let node): place.folder.durable[place.name] = node
            case .unlink(let place, _): place.folder.durable[place.name] = nil
            case .move(let from, let to, let node):
                from.folder.durable[from.name] = nil
                to.folder.durable[to.name] = node
            }
        }
        nameChanges = left
    }
}
