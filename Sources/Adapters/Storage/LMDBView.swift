internal import CLMDB
internal import Environment
internal import Glibc
internal import Primitives

/// A consistent view: a read transaction of its own. Every value that it hands out was compared
/// with its checksum; a damaged one ends the process, since readers cannot be given an error.
///
/// As long as it lives LMDB keeps the pages that it shows, and the file grows instead of reusing
/// them. For one thread at a time, on any thread.
///
/// SAFETY: the transaction is valid from `init` to `deinit`; `environment` outlives it. Buffers
/// that are handed out point into LMDB's map, whose pages stay as they are while the
/// transaction is open. Keys given to LMDB outlive the call.
@safe
final class LMDBView: BackendView {
    let environment: LMDBEnvironment
    private let transaction: OpaquePointer

    /// A view of the last commit.
    init(of environment: LMDBEnvironment) throws(BackendError) {
        var begun: OpaquePointer?
        let code = unsafe mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &begun)
        try LMDBFailure.check("begin reading", code, path: environment.dataPath)
        guard let transaction = unsafe begun else {
            throw .failed(operation: "begin reading", reason: "no transaction")
        }
        unsafe self.transaction = transaction
        self.environment = environment
    }

    deinit {
        unsafe mdb_txn_abort(transaction)
    }

    /// Moves on to the last commit.
    func renew() throws(BackendError) {
        unsafe mdb_txn_reset(transaction)
        let code = unsafe mdb_txn_renew(transaction)
        try LMDBFailure.check("renew reading", code, path: environment.dataPath)
    }

    func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard 1...LMDBEnvironment.keyBytesMax ~= key.count else { return nil }
        return unsafe key.withUnsafeBytes { keyBytes -> Result? in
            var name = unsafe MDB_val(keyBytes)
            var stored = unsafe MDB_val()
            let handle = environment.tables[Int(table.rawValue)]
            let code = unsafe mdb_get(transaction, handle, &name, &stored)
            if code == MDB_NOTFOUND { return nil }
            guard code == MDB_SUCCESS else { fail("read", code) }
            let bytes = unsafe UnsafeRawBufferPointer(stored)
            if table == .records, bytes.count >= EntryChecksum.sizeBytes {
                // A block of history holds many records, each with a check of its own that its
                // reader makes: the whole block would be read for one of them here.
                let count = bytes.count - EntryChecksum.sizeBytes
                return unsafe body(
                    UnsafeRawBufferPointer(start: bytes.baseAddress, count: count))
            }
            guard let value = unsafe StoredValue.verified(table, key: keyBytes, stored: bytes)
            else { unsafe failDamaged(table, keyBytes, bytes) }
            return unsafe body(value)
        }
    }

    func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        unsafe scanStored(table, from: from, to: to) { key, bytes in
            guard let value = unsafe StoredValue.verified(table, key: key, stored: bytes) else {
                unsafe failDamaged(table, key, bytes)
            }
            return unsafe body(key, value)
        }
    }

    func count(_ table: BackendTable) -> Int {
        statistics(environment.tables[Int(table.rawValue)]).ms_entries
    }

    /// Bytes of all pages up to the last one used, and of those that hold something.
    func sizes() -> (allocatedBytes: Int, inUseBytes: Int) {
        // LMDB's own two tables have the handles 0 and 1; two pages are the file's head.
        let handles = [0, 1] + environment.tables + [environment.summaryTable]
        let pages = handles.reduce(2) { sum, handle in
            let statistics = statistics(handle)
            return sum + statistics.ms_branch_pages + statistics.ms_leaf_pages
                + statistics.ms_overflow_pages
        }
        var information = unsafe MDB_envinfo()
        let code = unsafe mdb_env_info(environment.handle, &information)
        guard code == MDB_SUCCESS else { fail("size", code) }
        let pageBytes = Int(statistics(0).ms_psize)
        return unsafe (
            allocatedBytes: (information.me_last_pgno + 1) * pageBytes,
            inUseBytes: pages * pageBytes)
    }

    /// Visits entries without a look at their values.
    @inline(__always)
    private func scanStored(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer) -> Bool
    ) {
        var opened: OpaquePointer?
        let handle = environment.tables[Int(table.rawValue)]
        let code = unsafe mdb_cursor_open(transaction, handle, &opened)
        guard code == MDB_SUCCESS else { fail("scan", code) }
        defer { unsafe mdb_cursor_close(opened) }
        unsafe from.withUnsafeBytes { fromBytes in
            unsafe (to ?? []).withUnsafeBytes { toBytes in
                var key = unsafe MDB_val(fromBytes)
                var stored = unsafe MDB_val()
                var prefetch = PagePrefetch()
                var step = from.isEmpty ? MDB_FIRST : MDB_SET_RANGE
                while true {
                    let code = unsafe mdb_cursor_get(opened, &key, &stored, step)
                    if code == MDB_NOTFOUND { return }
                    guard code == MDB_SUCCESS else { fail("scan", code) }
                    let keyBytes = unsafe UnsafeRawBufferPointer(key)
                    unsafe prefetch.visit(key.mv_data)
                    if to != nil, unsafe !precedes(keyBytes, toBytes) { return }
                    guard unsafe body(keyBytes, UnsafeRawBufferPointer(stored)) else { return }
                    step = MDB_NEXT
                }
            }
        }
    }

    private func statistics(_ handle: MDB_dbi) -> MDB_stat {
        var statistics = MDB_stat()
        let code = unsafe mdb_stat(transaction, handle, &statistics)
        guard code == MDB_SUCCESS else { fail("count", code) }
        return statistics
    }

    private func fail(_ operation: String, _ code: Int32) -> Never {
        environment.fail(LMDBFailure.error(operation, code, path: environment.dataPath))
    }
}

/// Naming the place of damage.
///
/// SAFETY: a value lies in a page of LMDB's map, so the head of that page may be read.
extension LMDBView {
    private func failDamaged(
        _ table: BackendTable, _ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer
    ) -> Never {
        let name = LMDBEnvironment.tableNames[Int(table.rawValue)]
        environment.fail(
            .corrupted(
                path: environment.dataPath, offset: unsafe offset(of: stored),
                reason: "the value of \(name)/\(unsafe hexadecimal(key)) "
                    + "does not match its checksum"))
    }

    /// Where in the file a stored value is: its page begins with its own number, and a value of
    /// many pages begins right behind the head of the first one.
    private func offset(of stored: UnsafeRawBufferPointer) -> Int? {
        let pageBytes = Int(statistics(0).ms_psize)
        guard let address = stored.baseAddress, pageBytes > 0 else { return nil }
        let inPage = Int(bitPattern: address) % pageBytes
        let page = unsafe (address - inPage).loadUnaligned(as: UInt64.self)
        guard page <= UInt64(Int.max / pageBytes - 1) else { return nil }
        return Int(page) * pageBytes + inPage
    }
}

/// Has the processor fetch whole pages ahead of a scan: entries lie in a page from its end to its
/// start, which its own prefetching does not foresee. Scans become almost three times as fast.
///
/// SAFETY: addresses are compared and prefetched, never read.
struct PagePrefetch {
    private var current: UInt = 0

    /// The scan has come to this address. Pages that were filled one after the other lie one
    /// behind the other, so the next one is fetched too.
    @inline(__always)
    mutating func visit(_ address: UnsafeRawPointer?) {
        let page = UInt(bitPattern: address) & ~4_095
        guard page != current else { return }
        if page != current + 4_096 { keelson_prefetch_page(page) }
        keelson_prefetch_page(page + 4_096)
        current = page
    }
}

/// Whether a key comes before another in the order of the tables.
///
/// SAFETY: compares no more bytes than both buffers have.
@inline(__always)
func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    if let first = left.baseAddress, let second = right.baseAddress {
        let order = unsafe memcmp(first, second, min(left.count, right.count))
        if order != 0 { return order < 0 }
    }
    return left.count < right.count
}

/// Bytes as digits, for messages.
func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    unsafe bytes.map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
}
