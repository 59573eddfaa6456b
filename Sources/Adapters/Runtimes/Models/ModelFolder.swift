internal import Glibc
package import PodModel
internal import Primitives

/// The models' files of a node on its disk (docs/formats/models.md). A file is under its hash only
/// when it is whole; who is interrupted leaves a draft, which the next start removes.
package struct ModelFolder: Sendable {
    private static let drafts = "drafts"
    private static let addresses = "addresses"
    static let fileName = "model"

    private let path: String

    /// A folder that `open` makes if it is not there.
    package init(_ path: String) {
        self.path = path
    }

    /// Removes what was left unfinished.
    /// - Returns: the files, that which was used longest ago first, and the hashes of what came
    ///   from addresses that were asked for without one.
    package func open() throws(RuntimeFailure) -> (
        stored: [StoredModel], hashes: [String: String]
    ) {
        try host { () throws(HostFailure) in
            try HostFiles.makeFolder(path)
            try HostFiles.removeTree(path + "/" + Self.drafts)
            try HostFiles.makeFolder(path + "/" + Self.drafts)
            try HostFiles.makeFolder(path + "/" + Self.addresses)
        }
        var stored: [(model: StoredModel, lastUse: Int)] = []
        for name in HostFiles.names(in: path) where name.utf8.count == 64 {
            guard let status = HostFiles.status(file(name)), status.st_mode.kind == S_IFREG else {
                try remove(name)
                continue
            }
            stored.append(
                (StoredModel(sha256: name, sizeBytes: Int64(status.st_size)), status.st_mtim.tv_sec)
            )
        }
        stored.sort { ($0.lastUse, $0.model.sha256) < ($1.lastUse, $1.model.sha256) }
        return (stored.map(\.model), try hashes(Set(stored.map(\.model.sha256))))
    }

    private func hashes(_ stored: Set<String>) throws(RuntimeFailure) -> [String: String] {
        var hashes: [String: String] = [:]
        for name in HostFiles.names(in: path + "/" + Self.addresses) {
            let note = path + "/" + Self.addresses + "/" + name
            let parts = (HostFiles.text(note) ?? "").split(separator: " ", maxSplits: 1)
            if parts.count == 2, stored.contains(String(parts[0])) {
                hashes[String(parts[1])] = String(parts[0])
            } else {
                try host { () throws(HostFailure) in try HostFiles.remove(note) }
            }
        }
        return hashes
    }

    /// The folder that holds a file and nothing else.
    package func folder(of sha256: String) -> String { path + "/" + sha256 }

    private func file(_ sha256: String) -> String { folder(of: sha256) + "/" + Self.fileName }

    /// Whether a file is still there.
    package func has(_ model: StoredModel) -> Bool {
        HostFiles.status(file(model.sha256)).map { Int64($0.st_size) } == model.sizeBytes
    }

    /// Remembers that a file is used now.
    package func touch(_ sha256: String) {
        HostFiles.touch(file(sha256))
    }

    /// Remembers what came from an address.
    package func note(_ sha256: String, from uri: String) throws(RuntimeFailure) {
        var hash = SHA256Digest()
        hash.update(Bytes(uri.utf8))
        let note = path + "/" + Self.addresses + "/" + hash.text
        try host { () throws(HostFailure) in
            try HostFiles.replace(note, with: Bytes((sha256 + " " + uri).utf8))
        }
    }

    /// Removes a file.
    package func remove(_ sha256: String) throws(RuntimeFailure) {
        try host { () throws(HostFailure) in try HostFiles.removeTree(folder(of: sha256)) }
    }

    /// Begins a file. - Parameter id: its own among those that are being written.
    package func draft(_ id: String) -> ModelDraft {
        ModelDraft(path + "/" + Self.drafts + "/" + id, in: path)
    }
}
