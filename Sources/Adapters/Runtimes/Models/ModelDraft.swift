internal import Glibc
package import PodModel
package import Primitives

/// A model's file that is being written.
package actor ModelDraft {
    private let path: String
    private let shelf: String
    private var file: Descriptor?
    private var hash = SHA256Digest()
    private var sizeBytes: Int64 = 0
    private let executor = QueueExecutor(label: "keelson.model")

    /// The queue on which it waits for the disk. SAFETY: the actor keeps its executor.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ path: String, in shelf: String) {
        self.path = path
        self.shelf = shelf
    }

    /// Appends bytes.
    package func write(_ bytes: Bytes) throws(ModelFailure) {
        try disk { () throws(HostFailure) in
            let file = try begun()
            try HostFiles.write(bytes, to: file.number, path: path)
        }
        hash.update(bytes)
        sizeBytes += Int64(bytes.count)
    }

    private var name: String { path + "/" + ModelFolder.fileName }

    private func begun() throws(HostFailure) -> Descriptor {
        if let file { return file }
        // Whoever the containers run as may read it: where it is mounted for them.
        try HostFiles.makeFolder(path, mode: 0o755)
        let file = try HostFiles.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o444)
        try HostCalls.check("chmod", name) { fchmod(file.number, 0o444) }
        self.file = file
        return file
    }

    /// Makes the file one of those that are there, if it is the one that is asked for.
    /// - Parameter sha256: the hash that it must have; empty if any will do.
    package func commit(expecting sha256: String) throws(ModelFailure) -> StoredModel {
        let model = StoredModel(sha256: hash.text, sizeBytes: sizeBytes)
        guard sha256.isEmpty || model.sha256 == sha256 else {
            throw .mismatch(expected: sha256, found: model.sha256)
        }
        try disk { () throws(HostFailure) in
            let file = try begun()
            // Else a power cut could leave its name and none of its bytes.
            try HostCalls.check("fsync", name) { fsync(file.number) }
            do throws(HostFailure) {
                try HostFiles.rename(path, to: shelf + "/" + model.sha256)
            } catch where error.code == ENOTEMPTY || error.code == EEXIST {
                // The same file came from elsewhere meanwhile.
                try HostFiles.removeTree(path)
            }
        }
        file = nil
        return model
    }

    /// Removes what was written.
    package func discard() {
        file = nil
        // What stays is removed by the next start.
        try? HostFiles.removeTree(path)
    }
}

/// A file of this machine that is read in pieces.
package actor ModelFile {
    private static let pieceBytes = 1 << 20

    private let path: String
    private var file: Descriptor?
    private let executor = QueueExecutor(label: "keelson.model.file")

    /// The queue on which it waits for the disk. SAFETY: the actor keeps its executor.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Nothing is opened yet.
    package init(_ path: String) {
        self.path = path
    }

    /// Opens it. - Returns: its size.
    package func open() throws(ModelFailure) -> Int64 {
        // Without waiting, should it be a pipe.
        let file = try disk { () throws(HostFailure) in
            try HostFiles.open(path, O_RDONLY | O_NONBLOCK)
        }
        guard let status = HostFiles.status(of: file.number), status.st_mode.kind == S_IFREG else {
            throw .unavailable("\(path) is no file")
        }
        self.file = file
        return Int64(status.st_size)
    }

    /// The next piece; nil at the end.
    package func next() throws(ModelFailure) -> Bytes? {
        guard let file else { return nil }
        let piece = try disk { () throws(HostFailure) in
            try HostFiles.read(from: file.number, path: path, bytesMax: Self.pieceBytes)
        }
        return piece.isEmpty ? nil : piece
    }
}

/// Calls the operating system; what it refuses keeps a model from being there.
private func disk<Result>(
    _ body: () throws(HostFailure) -> Result
) throws(ModelFailure) -> Result {
    do { return try body() } catch { throw .unavailable(error.description) }
}
