internal import Primitives

/// A table's description: in a meta page for LMDB's own two, in a leaf for the others
/// (docs/formats/lmdb.md).
struct LMDBTable: Equatable {
    var pageBytes: UInt32
    var flags: UInt16
    var depth: Int
    var branchPages: UInt64
    var leafPages: UInt64
    var overflowPages: UInt64
    var entries: UInt64
    /// nil for an empty table.
    var root: UInt64?

    /// Bytes of a description.
    static let sizeBytes = 48

    /// Reads a description.
    init(decoding reader: inout ByteReader) throws(DecodingError) {
        pageBytes = try reader.read()
        flags = try reader.read()
        depth = Int(try reader.read(UInt16.self))
        branchPages = try reader.read()
        leafPages = try reader.read()
        overflowPages = try reader.read()
        entries = try reader.read()
        let root = try reader.read(UInt64.self)
        self.root = root == .max ? nil : root
    }

    /// Reads a description that is all of `bytes`; nil if it is not.
    init?(_ bytes: Bytes) {
        guard bytes.count == Self.sizeBytes else { return nil }
        var reader = ByteReader(bytes)
        do throws(DecodingError) {
            try self.init(decoding: &reader)
        } catch {
            return nil
        }
    }
}
