internal import Environment
internal import Glibc
internal import Primitives

/// An open folder. What is done to its entries goes through its descriptor, so a folder that is
/// swapped for a symbolic link meanwhile leads nowhere else.
///
/// SAFETY: the descriptor and the stream belong to this object alone and are closed once, when
/// it goes; an entry that `readdir` returns is read before the next call on the same stream.
@safe
final class PosixFolder {
    private let path: String
    private let descriptor: Int32

    /// Opens a folder; a path that ends in a symbolic link is followed only where
    /// `followsLink` says so.
    init(_ path: String, followsLink: Bool = true) throws(DiskError) {
        self.path = path
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW)
        descriptor = try PosixCalls.check("open folder", path) {
            unsafe Glibc.open(path, flags)
        }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The names of its entries but for `.` and `..`, in no order.
    func names() throws(DiskError) -> [String] {
        // The stream has a descriptor of its own, since closing it closes that.
        let copy = try PosixCalls.check("open folder", path) {
            unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = unsafe fdopendir(copy) else {
            let code = errno
            close(copy)
            throw PosixCalls.error("list", path, code)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw PosixCalls.error("list", path, errno) }
                return names
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Makes the names durable.
    func sync() throws(DiskError) {
        try PosixCalls.check("sync folder", path) { fsync(descriptor) }
    }

    /// Removes all entries, those of folders in it first.
    func removeContents() throws(DiskError) {
        for name in try names() {
            let entryPath = path + "/" + name
            let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
            let child = unsafe openat(descriptor, name, flags)
            if child >= 0 {
                try PosixFolder(path: entryPath, descriptor: child).removeContents()
            } else if errno != ENOTDIR && errno != ELOOP && errno != ENOENT {
                // Not a file or a link, but a folder that cannot be opened, or worse.
                throw PosixCalls.error("open folder", entryPath, errno)
            }
            let kind = child >= 0 ? Int32(AT_REMOVEDIR) : 0
            do {
                try PosixCalls.check("remove", entryPath) {
                    unsafe unlinkat(descriptor, name, kind)
                }
            } catch .notFound {
                // Someone else was faster.
                continue
            }
        }
    }
}
