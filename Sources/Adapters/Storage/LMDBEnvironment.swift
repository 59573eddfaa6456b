internal import CLMDB
internal import Environment
internal import Glibc
internal import Primitives
internal import Synchronization

/// One open LMDB environment: a folder with a data file and a lock file. Closed when the last
/// backend or view that uses it is gone.
///
/// SAFETY: `@unchecked Sendable` because LMDB itself allows its environment on any thread;
/// `summary` and `isBroken` belong to the one commit that may run at a time; all else is
/// constant or behind a lock. The handle is valid from `init` to `deinit`, and every
/// transaction's owner keeps this object.
@safe
final class LMDBEnvironment: @unchecked Sendable {
    let handle: OpaquePointer
    /// LMDB's handles of the tables, by `BackendTable.rawValue`.
    let tables: [MDB_dbi]
    /// The handle of the table that holds the summary.
    let summaryTable: MDB_dbi
    /// The folder of folders that it is in; holds the lock as long as any environment is open.
    let folder: BackendFolder
    /// What is in the file after the last commit.
    var summary: LMDBRecordSummary
    /// A commit failed so that nobody knows what reached the disk.
    var isBroken = false
    private let location: Mutex<String>

    /// The names of the tables in the file, by `BackendTable.rawValue`.
    static let tableNames = ["records", "leases", "roster", "meta"]
    /// The name of the table that holds the summary.
    static let summaryTableName = "summary"
    /// Bytes that LMDB's lock file has for the 126 readers that LMDB allows by itself. A longer
    /// file would make room for more.
    static let lockFileBytes = 8_192
    /// LMDB's limit for keys, fixed when the library is built.
    static let keyBytesMax = 511

    /// How an environment is opened.
    enum Purpose {
        /// A checked file, whose content this is.
        case existing(LMDBRecordSummary)
        /// A new file that nobody relies on before `finishBuilding`.
        case building
    }

    /// Opens the environment in the folder `path`, which must exist.
    init(path: String, folder: BackendFolder, purpose: Purpose) throws(BackendError) {
        let dataPath = Self.dataPath(in: path)
        let environment = unsafe try Self.open(path, folder.sizeMax, purpose)
        do {
            let handles: [MDB_dbi]
            switch purpose {
            case .existing(let found):
                unsafe handles = try Self.openTables(environment, dataPath, first: nil)
                summary = found
                // Slots of readers that ended without a word would keep pages for ever.
                var dead: Int32 = 0
                let code = unsafe mdb_reader_check(environment, &dead)
                try LMDBFailure.check("check readers", code, path: dataPath)
            case .building:
                summary = LMDBRecordSummary()
                // LMDB counts a file's transactions from 1.
                summary.transaction = 1
                unsafe handles = try Self.openTables(environment, dataPath, first: summary)
            }
            tables = Array(handles.dropLast())
            summaryTable = handles[handles.count - 1]
        } catch {
            unsafe mdb_env_close(environment)
            throw error
        }
        unsafe handle = environment
        self.folder = folder
        location = Mutex(dataPath)
    }

    deinit {
        unsafe mdb_env_close(handle)
    }

    /// The data file, for messages.
    var dataPath: String { location.withLock { $0 } }

    /// The data file in the folder of an environment.
    static func dataPath(in path: String) -> String { path + "/data.mdb" }

    /// Makes everything that was committed while building durable, and every later commit too.
    func finishBuilding() throws(BackendError) {
        let path = dataPath
        let code = unsafe mdb_env_set_flags(handle, UInt32(MDB_NOSYNC), 0)
        try LMDBFailure.check("set flags", code, path: path)
        try LMDBFailure.check("sync", unsafe mdb_env_sync(handle, 1), path: path)
    }

    /// Its folder has a new name.
    func moved(to path: String) {
        location.withLock { $0 = Self.dataPath(in: path) }
    }

    /// Ends the process: the stored data are damaged, or a sync failed.
    func fail(_ error: BackendError) -> Never {
        folder.onFault(error)
    }

    private static func open(
        _ path: String, _ sizeMax: Int, _ purpose: Purpose
    ) throws(BackendError) -> OpaquePointer {
        let dataPath = dataPath(in: path)
        var created: OpaquePointer?
        let code = unsafe mdb_env_create(&created)
        try LMDBFailure.check("create environment", code, path: dataPath)
        guard let environment = unsafe created else {
            throw .failed(operation: "create environment", reason: "no handle")
        }
        do {
            let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
            let mapBytes = max(1, sizeMax / pageBytes) * pageBytes
            try LMDBFailure.check(
                "set map size", unsafe mdb_env_set_mapsize(environment, mapBytes), path: dataPath)
            let tableCount = UInt32(tableNames.count + 1)
            try LMDBFailure.check(
                "set tables", unsafe mdb_env_set_maxdbs(environment, tableCount), path: dataPath)
            // Readers are tied to their transactions and not to threads, so that a view may be
            // made on one thread and used on another.
            var flags = MDB_NOTLS
            // Building in a folder that is thrown away after a crash needs no sync before its end.
            if case .building = purpose { flags |= MDB_NOSYNC }
            try LMDBFailure.check(
                "open", unsafe mdb_env_open(environment, path, UInt32(flags), 0o600),
                path: dataPath)
        } catch {
            unsafe mdb_env_close(environment)
            throw error
        }
        return unsafe environment
    }

    /// The handles of all tables and, last, of the summary's. Makes the tables and stores the
    /// `first` summary where one is given, in one transaction.
    private static func openTables(
        _ environment: OpaquePointer, _ path: String, first: LMDBRecordSummary?
    ) throws(BackendError) -> [MDB_dbi] {
        var transaction: OpaquePointer?
        let flags = first == nil ? UInt32(MDB_RDONLY) : 0
        let begun = unsafe mdb_txn_begin(environment, nil, flags, &transaction)
        try LMDBFailure.check("begin", begun, path: path)
        var handles: [MDB_dbi] = []
        do {
            for name in tableNames + [summaryTableName] {
                var table: MDB_dbi = 0
                let flags = first == nil ? 0 : UInt32(MDB_CREATE)
                let code = unsafe mdb_dbi_open(transaction, name, flags, &table)
                try LMDBFailure.check("open table \(name)", code, path: path)
                handles.append(table)
            }
            if let first {
                let code = unsafe store(first, handles[handles.count - 1], transaction)
                try LMDBFailure.check("store the summary", code, path: path)
            }
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        // Only a commit keeps the handles, in a transaction that reads too.
        try LMDBFailure.check("open tables", unsafe mdb_txn_commit(transaction), path: path)
        return handles
    }
}
