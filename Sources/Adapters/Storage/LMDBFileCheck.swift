internal import Environment
internal import Glibc
internal import Primitives

/// Reads a whole LMDB data file before LMDB may: its library follows whatever the pages say, and
/// has no checksums. What passes has sound pages, each in use once; keys in order; values that
/// match their checksums; entries that add up to the summary; and both meta pages tell of the
/// transaction that their content was written by.
///
/// Costs one pass over the pages in use, which brings them into memory for the reads to come.
///
/// SAFETY: the buffers have the file's page size and live until the check ends, one for each
/// level of a tree, so that the keys of upper levels stay valid below; the descriptor belongs to
/// the check alone.
@safe
struct LMDBFileCheck {
    let path: String
    let pageBytes: Int
    let descriptor: Int32
    /// The last page that may be in use.
    let lastPage: UInt64
    /// Pages that the file has.
    private let filePages: UInt64
    /// One bit for each page that something refers to.
    var referred: [UInt64]
    /// What the entries add up to.
    var found = LMDBRecordSummary()
    /// What the file says of that.
    var stored: LMDBRecordSummary?
    /// The description of each table, in the order of its name.
    var tables: [(name: String, table: LMDBTable)] = []
    private let buffers: UnsafeMutableRawBufferPointer

    /// Levels that a tree may have: LMDB's own limit.
    static let depthMax = 32

    /// Checks the file; what is in it.
    /// - Throws: `.corrupted` with the offset of what is wrong; `.failed` if it cannot be read.
    static func run(path: String, sizeMax: Int) throws(BackendError) -> LMDBRecordSummary {
        let descriptor: Int32
        do throws(DiskError) {
            descriptor = try PosixCalls.check("open", path) {
                unsafe open(path, O_RDONLY | O_CLOEXEC)
            }
        } catch .notFound {
            throw .corrupted(path: path, offset: nil, reason: "the file is missing")
        } catch {
            throw BackendError(error)
        }
        defer { close(descriptor) }
        let metas = try readMetas(path, descriptor)
        // As LMDB chooses: the second one only where it is newer.
        let inForce = metas[0].transaction < metas[1].transaction ? 1 : 0
        var check = try LMDBFileCheck(path, descriptor, metas[inForce], sizeMax)
        defer { unsafe check.buffers.deallocate() }
        let summary = try check.checkContent(metas[inForce])
        try check.checkTurns(metas, inForce)
        return summary
    }

    private init(
        _ path: String, _ descriptor: Int32, _ meta: LMDBMeta, _ sizeMax: Int
    ) throws(BackendError) {
        self.path = path
        self.descriptor = descriptor
        pageBytes = Int(meta.free.pageBytes)
        lastPage = meta.lastPage
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw BackendError(PosixCalls.error("stat", path, errno))
        }
        filePages = UInt64(status.st_size) / UInt64(pageBytes)
        let pagesMax = max(Int(status.st_size), sizeMax) / pageBytes
        guard 1...UInt64(pagesMax) ~= lastPage else {
            throw .corrupted(path: path, offset: nil, reason: "last page \(lastPage)")
        }
        referred = [UInt64](repeating: 0, count: Int(lastPage / 64) + 1)
        unsafe buffers = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.depthMax * pageBytes, alignment: 16)
    }

    private static func readMetas(
        _ path: String, _ descriptor: Int32
    ) throws(BackendError) -> [LMDBMeta] {
        var metas: [LMDBMeta] = []
        var offset = 0
        for page in 0..<2 as Range<UInt64> {
            do throws(DecodingError) {
                let bytes = try readHead(descriptor, at: offset)
                metas.append(try LMDBMeta(bytes, page: page))
            } catch {
                throw corrupted(path, offset, "meta page \(page): ", error)
            }
            offset = Int(metas[0].free.pageBytes)
        }
        guard metas[0].free.pageBytes == metas[1].free.pageBytes else {
            throw .corrupted(path: path, offset: offset + 40, reason: "two page sizes")
        }
        return metas
    }

    private static func readHead(
        _ descriptor: Int32, at offset: Int
    ) throws(DecodingError) -> Bytes {
        let count = LMDBMeta.sizeBytes
        let bytes = unsafe Bytes(unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe max(0, pread(descriptor, buffer.baseAddress, count, offset))
        }
        guard bytes.count == count else {
            throw .truncated(offset: bytes.count, missing: count - bytes.count)
        }
        return bytes
    }

    /// Both meta pages were written by the transactions that they speak of, one after the other,
    /// each in its place: otherwise an older state would pass for the newest.
    private func checkTurns(_ metas: [LMDBMeta], _ inForce: Int) throws(BackendError) {
        let newest = metas[inForce].transaction
        let earlier = metas[1 - inForce]
        guard newest % 2 == UInt64(inForce), earlier.transaction == newest - 1 else {
            throw .corrupted(
                path: path, offset: nil,
                reason: "transactions \(newest) and \(earlier.transaction) in the meta pages")
        }
        guard earlier.transaction > 0 else {
            guard earlier.main.root == nil, earlier.free.root == nil else {
                throw .corrupted(path: path, offset: nil, reason: "content before the first commit")
            }
            return
        }
        let summary = try self.summary(in: earlier)
        guard summary.transaction == earlier.transaction else {
            throw .corrupted(
                path: path, offset: nil,
                reason: "a meta page tells of transaction \(earlier.transaction), "
                    + "its content of \(summary.transaction)")
        }
    }

    /// Reads a page into the buffer of a level.
    /// - Throws: `.corrupted` if it is missing or says that it is another page.
    func read(_ number: UInt64, level: Int) throws(BackendError) -> LMDBPage {
        let offset = Int(number) * pageBytes
        let buffer = unsafe UnsafeMutableRawBufferPointer(
            rebasing: buffers[level * pageBytes..<(level + 1) * pageBytes])
        try unsafe readExactly(buffer, at: offset)
        let page = unsafe LMDBPage(UnsafeRawBufferPointer(buffer))
        guard page.number == number else {
            throw corrupted(offset, "page \(number) says that it is page \(page.number)")
        }
        return page
    }

    /// Fills a buffer from the file.
    func readExactly(
        _ buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(BackendError) {
        var filled = 0
        while filled < buffer.count {
            let count: Int
            do throws(DiskError) {
                count = try PosixCalls.check("read", path) {
                    unsafe pread(
                        descriptor, buffer.baseAddress! + filled, buffer.count - filled,
                        offset + filled)
                }
            } catch {
                throw BackendError(error)
            }
            guard count > 0 else { throw corrupted(offset + filled, "the file ends here") }
            filled += count
        }
    }

    /// Notes that something refers to pages.
    /// - Throws: `.corrupted` if they do not exist, or something referred to them before.
    mutating func refer(to number: UInt64, count: Int = 1) throws(BackendError) {
        guard number >= 2, number <= lastPage, UInt64(count) <= lastPage - number + 1 else {
            throw corrupted(nil, "a reference to page \(number), the last one is \(lastPage)")
        }
        for page in number..<number + UInt64(count) {
            let (word, bit) = (Int(page / 64), UInt64(1) << (page % 64))
            guard referred[word] & bit == 0 else {
                throw corrupted(Int(page) * pageBytes, "two references to page \(page)")
            }
            referred[word] |= bit
        }
    }

    /// The last pages need not have been written if they were free again before the commit; but
    /// then they are in the list of free pages.
    func checkUnwritten() throws(BackendError) {
        guard filePages <= lastPage else { return }
        for page in filePages...lastPage
        where referred[Int(page / 64)] & UInt64(1) << (page % 64) == 0 {
            throw corrupted(Int(page) * pageBytes, "the file ends before page \(page)")
        }
    }

    /// The error for damage at `offset`.
    func corrupted(_ offset: Int?, _ reason: String) -> BackendError {
        .corrupted(path: path, offset: offset, reason: reason)
    }

    private static func corrupted(
        _ path: String, _ start: Int, _ prefix: String, _ error: DecodingError
    ) -> BackendError {
        switch error {
        case .truncated(let offset, let missing):
            .corrupted(
                path: path, offset: start + offset, reason: prefix + "\(missing) bytes missing")
        case .invalid(let field, let offset):
            .corrupted(path: path, offset: start + offset, reason: prefix + "wrong \(field)")
        }
    }
}
