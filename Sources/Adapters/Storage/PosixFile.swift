package import Environment
internal import Glibc
package import Primitives

/// One open file of a `PosixDisk`. Not for use from two threads at once.
///
/// SAFETY: the descriptor belongs to this object alone and is closed once; buffers passed to the
/// kernel outlive the call, and no call is told a length beyond its buffer.
package final class PosixFile: DiskFile {
    /// The path under which it was opened.
    package let path: String
    /// -1 once closed.
    private var descriptor: Int32
    private var isLocked = false

    /// Most bytes in one system call; Linux itself stops a little below 2 GiB.
    private static let transferBytesMax = 1 << 30
    /// How many zeros are written at a time.
    private static let zeroBytes = 1 << 20

    /// Opens a file, which must exist unless it is created, and must not exist if it is.
    init(path: String, creates: Bool, isReadOnly: Bool = false) throws(DiskError) {
        self.path = path
        // A pipe without a writer must not block who wants to read a file.
        let access = isReadOnly ? O_RDONLY | O_NONBLOCK : O_RDWR
        let flags = access | O_CLOEXEC | (creates ? O_CREAT | O_EXCL : 0)
        descriptor = try PosixCalls.check("open", path) {
            unsafe Glibc.open(path, flags, 0o600)
        }
        guard creates else { return }
        // A umask may have taken bits away from the owner.
        try PosixCalls.check("chmod", path) { fchmod(descriptor, 0o600) }
    }

    deinit {
        close()
    }

    /// Its length in bytes.
    package func size() throws(DiskError) -> Int {
        var status = stat()
        try PosixCalls.check("stat", path) { unsafe fstat(descriptor, &status) }
        return Int(status.st_size)
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file. Never allocates more
    /// than the file can fill.
    package func read(at offset: Int, count: Int) throws(DiskError) -> Bytes {
        invariant(offset >= 0 && count >= 0, "read of \(count) bytes at \(offset) of \(path)")
        // A small buffer costs less than asking for the size.
        let capacity = count <= 1 << 16 ? count : min(count, max(0, try size() - offset))
        var failure: DiskError?
        let bytes = unsafe Bytes(unsafeUninitializedCapacity: capacity) { buffer, filled in
            do throws(DiskError) {
                filled = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all of `bytes` at `offset`, growing the file as needed.
    package func write(_ bytes: Bytes, at offset: Int) throws(DiskError) {
        invariant(offset >= 0, "write at \(offset) of \(path)")
        try write(bytes, count: bytes.count, at: offset)
    }

    /// Fills the file with written zeros up to `size` bytes; never shrinks it. Space that is
    /// only reserved would make every later sync slower (docs/DESIGN.md 3.4). Without room for
    /// all of it, the file is as it was.
    package func preallocate(size: Int) throws(DiskError) {
        let before = try self.size()
        guard before < size else { return }
        let zeros = Bytes(repeating: 0, count: min(Self.zeroBytes, size - before))
        do {
            var offset = before
            while offset < size {
                // Whole blocks from the first one on, whatever the old end was.
                let count = min(zeros.count - offset % zeros.count, size - offset)
                try write(zeros, count: count, at: offset)
                offset += count
            }
        } catch {
            // The error to tell is the first one; a longer file of zeros does no harm.
            try? truncate(to: before)
            throw error
        }
    }

    /// Cuts or extends the file to `size` bytes.
    package func truncate(to size: Int) throws(DiskError) {
        invariant(size >= 0, "truncate \(path) to \(size)")
        try PosixCalls.check("truncate", path) { ftruncate(descriptor, size) }
    }

    /// Makes all earlier writes to this file durable.
    package func sync() throws(DiskError) {
        try PosixCalls.check("sync", path) { fdatasync(descriptor) }
    }

    /// Takes the exclusive lock. It belongs to this handle, so that a second handle is refused
    /// in the same process too.
    package func lock() throws(DiskError) {
        do {
            try PosixCalls.check("lock", path) { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch .failed(_, _, EWOULDBLOCK) {
            throw .locked(path: path)
        }
        isLocked = true
    }

    /// Closes the file without syncing; later calls fail.
    package func close() {
        guard descriptor >= 0 else { return }
        // A child process that has not yet become another program holds a copy of the descriptor
        // and, without this, the lock.
        if isLocked { flock(descriptor, LOCK_UN) }
        // Not repeated after a signal: Linux has released the descriptor by then.
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Fills `buffer` from `offset` on; how many bytes there were.
    private func read(
        into buffer: UnsafeMutableRawBufferPointer, _ offset: Int
    ) throws(DiskError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let wanted = min(buffer.count - filled, Self.transferBytesMax)
            let count = try PosixCalls.check("read", path) {
                unsafe pread(
                    descriptor, buffer.baseAddress! + filled, wanted, offset + filled)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    private func write(_ bytes: Bytes, count: Int, at offset: Int) throws(DiskError) {
        var written = 0
        while written < count {
            let wanted = min(count - written, Self.transferBytesMax)
            let moved = try PosixCalls.check("write", path) {
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe pwrite(
                        descriptor, buffer.baseAddress! + written, wanted, offset + written)
                }
            }
            guard moved > 0 else { throw .failed(operation: "write", path: path, code: EIO) }
            written += moved
        }
    }
}
