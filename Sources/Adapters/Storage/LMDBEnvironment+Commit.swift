internal import CLMDB
internal import Environment
internal import Glibc
internal import Primitives

/// Changing what is stored.
///
/// SAFETY: key and value pointers are those of arrays that outlive the call; the room that LMDB
/// reserves for a value is as long as was asked for and filled before any other call; an old
/// value is read before the page that holds it changes.
extension LMDBEnvironment {
    /// Makes the changes durable together with the summary, in one transaction.
    /// - Throws: `.noSpace` when nothing took place and later commits may succeed; after any
    ///   other error the environment takes no more commits, since a sync that failed once
    ///   proves nothing when it succeeds later.
    func commit(_ operations: [BackendOperation]) throws(BackendError) {
        guard !operations.isEmpty else { return }
        let path = dataPath
        guard !isBroken else {
            throw .failed(operation: "commit", reason: "\(path): an earlier commit failed")
        }
        do {
            try commitAll(operations, path)
        } catch {
            if error != .noSpace { isBroken = true }
            throw error
        }
    }

    private func commitAll(
        _ operations: [BackendOperation], _ path: String
    ) throws(BackendError) {
        var begun: OpaquePointer?
        try LMDBFailure.check("begin", unsafe mdb_txn_begin(handle, nil, 0, &begun), path: path)
        guard let transaction = unsafe begun else {
            throw .failed(operation: "begin", reason: "\(path): no transaction")
        }
        var changed = summary
        changed.transaction = UInt64(unsafe mdb_txn_id(transaction))
        var bytes = 0
        do {
            for operation in operations {
                let code = unsafe apply(operation, transaction, &changed)
                try LMDBFailure.check("change", code, path: path)
                if case .put(_, _, let value) = operation { bytes += value.count }
            }
            let code = unsafe Self.store(changed, summaryTable, transaction)
            try LMDBFailure.check("change", code, path: path)
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        let code = unsafe mdb_txn_commit(transaction)
        if code == EIO, hasLittleRoom(for: bytes, path) { throw .noSpace }
        try LMDBFailure.check("commit", code, path: path)
        summary = changed
    }

    /// Whether the file system is so full that an unexplained failure must come from that: LMDB
    /// answers EIO where the system wrote only a part of what it was given.
    private func hasLittleRoom(for bytes: Int, _ path: String) -> Bool {
        // Pages are copied before they change, so a batch needs more than its own size.
        (PosixCalls.freeBytes(at: path) ?? .max) < 2 * bytes + 1 << 20
    }

    private func apply(
        _ operation: BackendOperation, _ transaction: OpaquePointer,
        _ summary: inout LMDBRecordSummary
    ) -> Int32 {
        switch operation {
        case .put(let table, let key, let value):
            unsafe put(table, key, value, transaction, &summary)
        case .delete(let table, let key):
            unsafe delete(table, key, transaction, &summary)
        }
    }

    private func put(
        _ table: BackendTable, _ key: Bytes, _ value: Bytes, _ transaction: OpaquePointer,
        _ summary: inout LMDBRecordSummary
    ) -> Int32 {
        guard 1...Self.keyBytesMax ~= key.count else { return MDB_BAD_VALSIZE }
        let handle = tables[Int(table.rawValue)]
        return unsafe key.withUnsafeBytes { keyBytes in
            unsafe value.withUnsafeBytes { valueBytes in
                let checksum = unsafe EntryChecksum.of(table, key: keyBytes, value: valueBytes)
                var name = unsafe MDB_val(keyBytes)
                var room = unsafe MDB_val()
                unsafe room.mv_size = value.count + EntryChecksum.sizeBytes
                let size = unsafe room.mv_size
                // History grows at its end: then LMDB need not search, and fills its pages.
                var code =
                    table == .records
                    ? unsafe mdb_put(
                        transaction, handle, &name, &room, UInt32(MDB_APPEND | MDB_RESERVE))
                    : MDB_KEYEXIST
                if code == MDB_KEYEXIST {
                    unsafe room.mv_size = size
                    let flags = UInt32(MDB_NOOVERWRITE | MDB_RESERVE)
                    code = unsafe mdb_put(transaction, handle, &name, &room, flags)
                }
                if code == MDB_KEYEXIST {
                    // `room` is the value that is to be replaced.
                    unsafe remove(table, key.count, room, from: &summary)
                    unsafe room.mv_size = size
                    code = unsafe mdb_put(transaction, handle, &name, &room, UInt32(MDB_RESERVE))
                }
                guard code == MDB_SUCCESS else { return code }
                let target = unsafe UnsafeMutableRawBufferPointer(
                    start: room.mv_data, count: size)
                unsafe target.copyMemory(from: valueBytes)
                unsafe target.storeBytes(
                    of: checksum.littleEndian, toByteOffset: value.count, as: UInt32.self)
                summary.add(table, checksum: checksum, sizeBytes: key.count + value.count)
                return MDB_SUCCESS
            }
        }
    }

    private func delete(
        _ table: BackendTable, _ key: Bytes, _ transaction: OpaquePointer,
        _ summary: inout LMDBRecordSummary
    ) -> Int32 {
        guard 1...Self.keyBytesMax ~= key.count else { return MDB_BAD_VALSIZE }
        let handle = tables[Int(table.rawValue)]
        return unsafe key.withUnsafeBytes { keyBytes in
            var name = unsafe MDB_val(keyBytes)
            var old = unsafe MDB_val()
            let found = unsafe mdb_get(transaction, handle, &name, &old)
            if found == MDB_NOTFOUND { return MDB_SUCCESS }
            guard found == MDB_SUCCESS else { return found }
            unsafe remove(table, key.count, old, from: &summary)
            return unsafe mdb_del(transaction, handle, &name, nil)
        }
    }

    /// Takes a stored value out of the summary, by the checksum that is stored with it: were that
    /// damaged, the next check would find a wrong sum.
    private func remove(
        _ table: BackendTable, _ keyBytes: Int, _ stored: MDB_val,
        from summary: inout LMDBRecordSummary
    ) {
        let bytes = unsafe UnsafeRawBufferPointer(stored)
        guard let checksum = unsafe StoredValue.checksum(of: bytes) else { return }
        let size = keyBytes + bytes.count - EntryChecksum.sizeBytes
        summary.remove(table, checksum: checksum, sizeBytes: size)
    }

    /// Stores the summary.
    static func store(
        _ summary: LMDBRecordSummary, _ table: MDB_dbi, _ transaction: OpaquePointer?
    ) -> Int32 {
        unsafe LMDBRecordSummary.key.withUnsafeBytes { keyBytes in
            unsafe summary.encoded().withUnsafeBytes { valueBytes in
                var name = unsafe MDB_val(keyBytes)
                var item = unsafe MDB_val(valueBytes)
                return unsafe mdb_put(transaction, table, &name, &item, 0)
            }
        }
    }
}
