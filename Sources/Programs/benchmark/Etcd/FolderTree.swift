import Glibc

// SAFETY: directory entries are read only until the next `readdir` on the same stream, and names
// end with a zero byte, as the C library guarantees; what realpath allocates is freed here.

/// A folder with all that is in it.
struct FolderTree {
    let path: String

    /// The whole path of a file or folder that is there.
    static func wholePath(_ path: String) throws -> String {
        guard let found = unsafe realpath(path, nil) else {
            throw LoadFailure.lastCall("look for \(path)")
        }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Makes the folder; its parent must exist.
    func make() throws {
        guard unsafe mkdir(path, 0o700) == 0 else { throw LoadFailure.lastCall("mkdir \(path)") }
    }

    /// Blocks that the files occupy on the disk, in bytes.
    func allocatedBytes() -> Int {
        var total = 0
        visit { _, facts in total += Int(facts.st_blocks) * 512 }
        return total
    }

    /// Asks the kernel to forget what it has of the files in memory, so that the next reader
    /// waits for the disk.
    func dropFromPageCache() {
        sync()
        visit { path, facts in
            guard facts.st_mode & S_IFMT == S_IFREG else { return }
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }

    /// Removes everything; what cannot be removed stays.
    func remove() {
        visit { path, facts in
            if facts.st_mode & S_IFMT == S_IFDIR {
                unsafe rmdir(path)
            } else {
                unsafe unlink(path)
            }
        }
        unsafe rmdir(path)
    }

    /// Calls `body` for all that is inside, a folder after what it holds.
    private func visit(_ body: (String, stat) -> Void) {
        for name in Self.names(in: path) {
            let child = path + "/" + name
            var facts = stat()
            // A file may go away meanwhile: servers remove old ones.
            guard unsafe lstat(child, &facts) == 0 else { continue }
            if facts.st_mode & S_IFMT == S_IFDIR { FolderTree(path: child).visit(body) }
            body(child, facts)
        }
    }

    /// What is directly in a folder.
    static func names(in path: String) -> [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
