internal import Primitives

/// One of the two meta pages, which take turns: the one with the higher transaction number is in
/// force, the other describes the state before the last commit.
struct LMDBMeta {
    /// LMDB's list of free pages.
    var free: LMDBTable
    /// The table of tables.
    var main: LMDBTable
    var lastPage: UInt64
    var transaction: UInt64

    /// Bytes of a meta page that mean something.
    static let sizeBytes = 152
    static let magic: UInt32 = 0xBEEF_C0DE
    /// LMDB's version of the file format.
    static let version: UInt32 = 1
    /// Flags of the list of free pages: its keys are numbers. Others would be settings of the
    /// environment that are never made here.
    static let freeFlags: UInt16 = 0x08

    /// Reads the meta page with number `page`.
    /// - Throws: `.invalid` with the offset in the page.
    init(_ bytes: Bytes, page: UInt64) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard try reader.read() == page else { throw .invalid(field: "page number", offset: 0) }
        reader = ByteReader(bytes, from: 10)
        guard try reader.read() == LMDBPage.meta else {
            throw .invalid(field: "page flags", offset: 10)
        }
        reader = ByteReader(bytes, from: 16)
        guard try reader.read() == Self.magic else { throw .invalid(field: "magic", offset: 16) }
        guard try reader.read() == Self.version else {
            throw .invalid(field: "version", offset: 20)
        }
        reader = ByteReader(bytes, from: 40)
        free = try LMDBTable(decoding: &reader)
        main = try LMDBTable(decoding: &reader)
        lastPage = try reader.read()
        transaction = try reader.read()
        guard free.flags == Self.freeFlags else {
            throw .invalid(field: "flags of the free list", offset: 44)
        }
        guard main.flags == 0 else { throw .invalid(field: "flags of the tables", offset: 92) }
        // A page must hold a key of the greatest length twice; LMDB's offsets have 16 bits.
        guard 4_096...32_768 ~= free.pageBytes, free.pageBytes.nonzeroBitCount == 1 else {
            throw .invalid(field: "page size", offset: 40)
        }
    }
}
