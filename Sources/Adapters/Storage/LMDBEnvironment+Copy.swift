internal import Environment
internal import Primitives

/// Copying all entries of another environment.
///
/// LMDB's own compacting copy is not used: it gives up on a file that has ever leaked a page,
/// would carry the old transaction number into a file that counts from one, and compares no
/// checksum on the way.
///
/// SAFETY: keys and values are copied out of the view's buffers inside of the visit.
extension LMDBEnvironment {
    /// Bytes of entries that are committed at a time.
    private static let copyBytes = 16 << 20

    /// Stores all entries of the other's last commit here.
    /// - Throws: `.corrupted` if they are not those that the other's summary speaks of.
    func copyAll(of other: LMDBEnvironment) throws(BackendError) {
        let view = try LMDBView(of: other)
        for table in BackendTable.allCases {
            var pending: [BackendOperation] = []
            var bytes = 0
            var failure: BackendError?
            unsafe view.scan(table, from: [], to: nil) { key, value in
                unsafe pending.append(.put(table, key: Bytes(key), value: Bytes(value)))
                bytes += key.count + value.count
                guard bytes >= Self.copyBytes else { return true }
                do throws(BackendError) {
                    try commit(pending)
                } catch {
                    failure = error
                    return false
                }
                pending.removeAll(keepingCapacity: true)
                bytes = 0
                return true
            }
            if let failure { throw failure }
            try commit(pending)
        }
        guard summary.sums == other.summary.sums else {
            throw .corrupted(
                path: other.dataPath, offset: nil,
                reason: "its entries do not add up to its summary")
        }
    }
}
