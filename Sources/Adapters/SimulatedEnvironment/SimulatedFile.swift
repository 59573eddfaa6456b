package import Environment
package import Primitives

/// A file of a `SimulatedDisk`, open until it is closed or its process ends.
package final class SimulatedFile {
    /// The largest size of a file: 4 GiB. Calls for more fail with EFBIG.
    package static let sizeMax = 1 << 32

    /// The path under which it was opened.
    package let path: String
    private let disk: SimulatedDisk
    private let node: FileNode
    private let epoch: Int
    private let handle: Int
    private var isClosed = false

    init(path: String, disk: SimulatedDisk, node: FileNode) {
        self.path = path
        self.disk = disk
        self.node = node
        epoch = disk.epoch
        handle = disk.nextHandle()
    }

    deinit {
        close()
    }

    /// Counts the operation and refuses it where it must fail without any effect.
    private func begin(_ operation: DiskOperation) throws(DiskError) -> DiskFault? {
        try requireOpen(operation)
        return try disk.begin(operation, path)
    }

    private func requireOpen(_ operation: DiskOperation) throws(DiskError) {
        guard !isClosed, epoch == disk.epoch else {
            throw .failed(
                operation: operation.rawValue, path: path, code: ErrorNumber.badFile)
        }
    }

    private func tooLarge(_ operation: DiskOperation) -> DiskError {
        .failed(operation: operation.rawValue, path: path, code: ErrorNumber.tooLarge)
    }

    /// How far the file may reach now, at most `end`.
    private func allowedEnd(_ end: Int) -> Int {
        guard node.isLinked else { return end }
        return min(end, max(node.state.size, node.state.size - disk.usedBytes + disk.capacityBytes))
    }

    /// Runs a change of the file and keeps the account of used bytes.
    private func accounting(_ change: (inout FileState) -> Void) {
        let before = node.state.size
        change(&node.state)
        let growth = node.state.size - before
        if growth != 0, node.isLinked { disk.usedBytes += growth }
    }
}

extension SimulatedFile: DiskFile {
    /// Its length in bytes, as all handles see it.
    package func size() throws(DiskError) -> Int {
        try requireOpen(.read)
        return node.state.size
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    package func read(at offset: Int, count: Int) throws(DiskError) -> Bytes {
        let fault = try begin(.read)
        invariant(offset >= 0 && count >= 0, "read of \(count) bytes at \(offset) of \(path)")
        if let fault { try disk.fail(.read, path, fault) }
        let bytes = node.state.read(at: offset, count: count)
        disk.activity.bytesRead += bytes.count
        return bytes
    }

    /// Writes at `offset`; without room for all of it, what fits is written before the error.
    package func write(_ bytes: Bytes, at offset: Int) throws(DiskError) {
        let fault = try begin(.write)
        invariant(offset >= 0, "write at \(offset) of \(path)")
        guard offset <= Self.sizeMax - bytes.count else { throw tooLarge(.write) }
        disk.activity.bytesWritten += bytes.count
        if let fault { return try write(bytes, at: offset, fault) }
        let count = max(0, allowedEnd(offset + bytes.count) - offset)
        let sequence = disk.nextSequence()
        accounting { $0.write(bytes, count: count, at: offset, sequence: sequence) }
        guard count == bytes.count else { throw .noSpace(path: path) }
    }

    private func write(
        _ bytes: Bytes, at offset: Int, _ fault: DiskFault
    ) throws(DiskError) {
        var random = disk.detailGenerator()
        switch fault {
        case .ioError, .noSpace:
            let end = allowedEnd(offset + random.below(bytes.count + 1))
            let sequence = disk.nextSequence()
            accounting {
                $0.write(bytes, count: max(0, end - offset), at: offset, sequence: sequence)
            }
            try disk.fail(.write, path, fault)
        case .lostWrite:
            let sequence = disk.nextSequence()
            accounting { $0.writeToCacheOnly(bytes, at: offset, sequence: sequence) }
            disk.report(.write, path, fault)
        case .misdirectedWrite:
            let victim = disk.misdirect(bytes, from: path, offset, using: &random)
            disk.report(.write, path, fault, victim)
        }
    }

    /// Grows the file with zeros, which take no memory; without room for all of it, not at all.
    package func preallocate(size: Int) throws(DiskError) {
        let fault = try begin(.preallocate)
        if let fault { try disk.fail(.preallocate, path, fault) }
        guard size <= Self.sizeMax else { throw tooLarge(.preallocate) }
        guard size > node.state.size else { return }
        guard allowedEnd(size) == size else { throw .noSpace(path: path) }
        disk.activity.bytesPreallocated += size - node.state.size
        let sequence = disk.nextSequence()
        accounting { $0.resize(to: size, sequence: sequence) }
    }

    /// Cuts or extends the file.
    package func truncate(to size: Int) throws(DiskError) {
        let fault = try begin(.truncate)
        invariant(size >= 0, "truncate \(path) to \(size)")
        guard size <= Self.sizeMax else { throw tooLarge(.truncate) }
        if let fault { try disk.fail(.truncate, path, fault) }
        let hasRoom = size <= node.state.size || allowedEnd(size) == size
        guard hasRoom else { throw .noSpace(path: path) }
        let sequence = disk.nextSequence()
        accounting { $0.resize(to: size, sequence: sequence) }
    }

    /// Makes the bytes and the size durable, by whichever handle they were changed.
    package func sync() throws(DiskError) {
        guard let fault = try begin(.sync) else {
            disk.activity.bytesSynced += node.state.sync()
            return
        }
        switch fault {
        case .ioError, .noSpace:
            var random = disk.detailGenerator()
            node.state.failSync(using: &random)
            try disk.fail(.sync, path, fault)
        case .lostWrite:
            node.state.pretendToSync()
            disk.report(.sync, path, fault)
        case .misdirectedWrite:
            disk.activity.bytesSynced += node.state.sync()
        }
    }

    /// Takes the lock for this handle.
    package func lock() throws(DiskError) {
        let fault = try begin(.lock)
        if let fault { try disk.fail(.lock, path, fault) }
        guard node.lockHolder == nil || node.lockHolder == handle else {
            throw .locked(path: path)
        }
        node.lockHolder = handle
    }

    /// Closes the handle and gives its lock back.
    package func close() {
        isClosed = true
        if node.lockHolder == handle { node.lockHolder = nil }
    }
}
