internal import CLMDB
internal import Environment
internal import Primitives

/// A value as it is stored: the caller's bytes and, behind them, the entry's checksum.
///
/// SAFETY: looks only inside the buffers that it is given.
enum StoredValue {
    /// The checksum at the end; nil if the bytes are too few to have one.
    @inline(__always)
    static func checksum(of stored: UnsafeRawBufferPointer) -> UInt32? {
        let offset = stored.count - EntryChecksum.sizeBytes
        guard offset >= 0 else { return nil }
        return unsafe UInt32(
            littleEndian: stored.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The caller's bytes; nil if they are not those that the checksum was made of.
    @inline(__always)
    static func verified(
        _ table: BackendTable, key: UnsafeRawBufferPointer, stored: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard let checksum = unsafe checksum(of: stored) else { return nil }
        let count = stored.count - EntryChecksum.sizeBytes
        let value = unsafe UnsafeRawBufferPointer(start: stored.baseAddress, count: count)
        guard unsafe EntryChecksum.of(table, key: key, value: value) == checksum else {
            return nil
        }
        return unsafe value
    }
}

extension MDB_val {
    /// Points to bytes that LMDB reads and does not change.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes that LMDB points to.
    @inline(__always)
    init(_ value: MDB_val) {
        unsafe self.init(start: value.mv_data, count: value.mv_size)
    }
}
