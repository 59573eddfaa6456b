/// What a name leads to.
enum DiskNode {
    case file(FileNode)
    case folder(FolderNode)
}

/// A file under whatever name.
final class FileNode {
    var state: FileState
    /// The handle that holds the advisory lock.
    var lockHolder: Int?
    /// Whether a name leads to it, so that its bytes count as used.
    var isLinked = true

    init(_ state: FileState = FileState()) {
        self.state = state
    }
}

/// A folder: the names that a process sees, and those that the disk has.
final class FolderNode {
    /// Tells folders apart in the order in which they were made.
    let number: Int
    var current: [String: DiskNode]
    var durable: [String: DiskNode]

    init(number: Int, names: [String: DiskNode] = [:]) {
        self.number = number
        current = names
        durable = names
    }
}

/// A change of names since the folder was last synced.
final class NameChange {
    enum Kind {
        case link(NamePlace, DiskNode)
        /// A folder goes only once everything in it has gone.
        case unlink(NamePlace, DiskNode)
        case move(from: NamePlace, to: NamePlace, DiskNode)
    }
    let sequence: Int
    let kind: Kind

    init(sequence: Int, kind: Kind) {
        self.sequence = sequence
        self.kind = kind
    }

    /// The folder that it takes away.
    var removedFolder: FolderNode? {
        if case .unlink(_, .folder(let folder)) = kind { return folder }
        return nil
    }

    /// The names it touches.
    var places: [NamePlace] {
        switch kind {
        case .link(let place, _), .unlink(let place, _): [place]
        case .move(let from, let to, _): [from, to]
        }
    }
}

/// A name in a folder.
struct NamePlace: Hashable {
    var folder: FolderNode
    var name: String

    static func == (left: Self, right: Self) -> Bool {
        left.folder === right.folder && left.name == right.name
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(folder.number)
        hasher.combine(name)
    }
}
