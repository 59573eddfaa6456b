internal import Glibc
internal import Primitives

/// Files and folders of the machine.
///
/// SAFETY: paths and buffers passed to the kernel are locals that outlive the call; a folder's
/// stream is closed where it was opened, and its entries are copied.
enum HostFiles {
    /// The bytes of a file, at most `bytesMax`.
    static func read(_ path: String, bytesMax: Int = 1 << 20) throws(HostFailure) -> Bytes {
        let file = try open(path, O_RDONLY)
        var bytes = Bytes()
        var chunk = Bytes(repeating: 0, count: 16 << 10)
        while bytes.count < bytesMax {
            let count = try HostCalls.check("read", path) {
                unsafe Glibc.read(file.number, &chunk, chunk.count)
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The next bytes of an open file, so many at most; none at its end.
    static func read(
        from file: Int32, path: String, bytesMax: Int
    ) throws(HostFailure) -> Bytes {
        var bytes = Bytes(repeating: 0, count: bytesMax)
        let count = try HostCalls.check("read", path) {
            unsafe Glibc.read(file, &bytes, bytes.count)
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Gives a file the present time as that of its last change; it matters to nobody if not.
    static func touch(_ path: String) {
        _ = unsafe utimensat(AT_FDCWD, path, nil, 0)
    }

    /// The text of a file; nil if it cannot be read, as of a process that has gone.
    static func text(_ path: String, bytesMax: Int = 1 << 20) -> String? {
        // Whoever needs the reason calls `read`.
        (try? read(path, bytesMax: bytesMax)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Opens a file; it is not inherited.
    static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o600
    ) throws(HostFailure) -> Descriptor {
        Descriptor(
            try HostCalls.check("open", path) {
                unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
            })
    }

    /// Writes all bytes.
    static func write(_ bytes: Bytes, to file: Int32, path: String) throws(HostFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try HostCalls.check("write", path) {
                unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives a file its content in one step: readers see the old one or the whole new one.
    static func replace(
        _ path: String, with bytes: Bytes, mode: mode_t = 0o600
    ) throws(HostFailure) {
        let draft = path + ".new"
        try write(bytes, at: draft, mode: mode)
        try rename(draft, to: path)
    }

    /// Gives a file another name, replacing what had it.
    static func rename(_ path: String, to newPath: String) throws(HostFailure) {
        try HostCalls.check("rename", path) { unsafe Glibc.rename(path, newPath) }
    }

    /// Writes a file anew, with exactly this mode.
    static func write(_ bytes: Bytes, at path: String, mode: mode_t) throws(HostFailure) {
        let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try HostCalls.check("chmod", path) { fchmod(file.number, mode) }
        try write(bytes, to: file.number, path: path)
    }

    /// Makes a folder and its missing parents; no error if it exists.
    static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(HostFailure) {
        if unsafe mkdir(path, mode) == 0 {
            // Whatever the process masks out.
            try HostCalls.check("chmod", path) { unsafe chmod(path, mode) }
            return
        }
        switch errno {
        case EEXIST where isFolder(path): return
        case EEXIST: throw HostFailure("mkdir", path, ENOTDIR)
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
                throw HostFailure("mkdir", path, ENOENT)
            }
            try makeFolder(String(path[..<slash]), mode: mode)
            try HostCalls.check("mkdir", path) { unsafe mkdir(path, mode) }
        default: throw HostFailure("mkdir", path, errno)
        }
    }

    /// Whether the path leads to a folder, links followed.
    static func isFolder(_ path: String) -> Bool { status(path)?.st_mode.kind == S_IFDIR }

    /// What is known of a path, links followed; nil if there is nothing.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    /// What is known of an open file.
    static func status(of file: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(file, &status) == 0 ? status : nil
    }

    /// The names in a folder, sorted; empty if there is none.
    static func names(in path: String) -> [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        return unsafe names(in: stream).sorted()
    }

    private static func names(in stream: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Writes to a file that exists, as the kernel's own do.
    static func append(_ text: String, to path: String) throws(HostFailure) {
        let file = try open(path, O_WRONLY)
        try write(Bytes(text.utf8), to: file.number, path: path)
    }

    /// Removes an empty folder; no error if it is gone.
    static func removeFolder(_ path: String) throws(HostFailure) {
        if unsafe rmdir(path) != 0, errno != ENOENT { throw HostFailure("rmdir", path, errno) }
    }

    /// Makes a symbolic link.
    static func makeLink(_ path: String, to target: String) throws(HostFailure) {
        try HostCalls.check("symlink", path) { unsafe symlink(target, path) }
    }

    /// Where a symbolic link leads; nil if it is none.
    static func link(_ path: String) -> String? {
        var target = Bytes(repeating: 0, count: 4096)
        let count = unsafe target.withUnsafeMutableBytes {
            unsafe readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return count < 0 ? nil : String(decoding: target[..<count], as: UTF8.self)
    }

    /// Removes a file or an empty folder; no error if it is gone.
    static func remove(_ path: String) throws(HostFailure) {
        if unsafe unlink(path) == 0 || errno == ENOENT { return }
        if errno == EISDIR || errno == EPERM {
            if unsafe rmdir(path) == 0 || errno == ENOENT { return }
        }
        throw HostFailure("remove", path, errno)
    }

    /// Removes a folder and all in it, following no links; no error if it is gone.
    static func removeTree(_ path: String) throws(HostFailure) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let folder = unsafe Glibc.open(path, flags)
        if folder < 0 {
            if errno == ENOTDIR || errno == ELOOP { return try remove(path) }
            if errno == ENOENT { return }
            throw HostFailure("open", path, errno)
        }
        try empty(folder, path)
        try remove(path)
    }

    /// Removes all in a folder; takes its descriptor.
    private static func empty(_ folder: Int32, _ path: String) throws(HostFailure) {
        guard let stream = unsafe fdopendir(folder) else {
            close(folder)
            throw HostFailure("open", path, errno)
        }
        defer { unsafe closedir(stream) }
        for name in unsafe names(in: stream) {
            if unsafe unlinkat(folder, name, 0) == 0 || errno == ENOENT { continue }
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let inner = try HostCalls.check("open", path + "/" + name) {
                unsafe openat(folder, name, flags)
            }
            try empty(inner, path + "/" + name)
            try HostCalls.check("rmdir", path + "/" + name) {
                unsafe unlinkat(folder, name, AT_REMOVEDIR)
            }
        }
    }
}

extension mode_t {
    /// The file type bits.
    var kind: mode_t { self & S_IFMT }
}
