internal import Environment
internal import Primitives

/// The entries of a leaf.
///
/// SAFETY: node buffers stay valid during the visit of their page, and a value of its own pages
/// is an array that outlives the visit.
extension LMDBFileCheck {
    /// Checks an entry of the page at `offset`.
    mutating func visitEntry(
        _ node: LMDBPage.Node, _ offset: Int, _ content: Content, _ counts: inout Counts
    ) throws(BackendError) {
        let keyMax = content == .freePages ? 8 : LMDBEnvironment.keyBytesMax
        guard unsafe 1...keyMax ~= node.key.count else {
            throw unsafe corrupted(offset, "a key of \(node.key.count) bytes")
        }
        guard node.flags == LMDBPage.bigData else {
            guard node.flags == (content == .tables ? LMDBPage.subTable : 0) else {
                throw corrupted(offset, "flags \(node.flags) of a node of \(content)")
            }
            try unsafe take(node.key, node.data, offset, content)
            return
        }
        let first: UInt64 = unsafe loadNumber(node.data, 0)
        let bytes = try readPages(from: first, sizeBytes: node.size, &counts)
        let start = Int(first) * pageBytes
        var failure: BackendError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(BackendError) {
                let stored = unsafe UnsafeRawBufferPointer(
                    rebasing: buffer[LMDBPage.headBytes...])
                try unsafe take(node.key, stored, start, content)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// A value that lies in pages of its own, behind the head of the first one.
    private mutating func readPages(
        from first: UInt64, sizeBytes: Int, _ counts: inout Counts
    ) throws(BackendError) -> Bytes {
        guard first >= 2, first <= lastPage else {
            throw corrupted(nil, "a reference to page \(first), the last one is \(lastPage)")
        }
        let offset = Int(first) * pageBytes
        let needed = (LMDBPage.headBytes - 1 + sizeBytes) / pageBytes + 1
        guard UInt64(needed) <= lastPage - first + 1 else {
            throw corrupted(offset, "a value of \(sizeBytes) bytes")
        }
        // A damaged size must not make this read what is not there, or much more than once.
        let head = try read(first, level: Self.depthMax - 1)
        guard head.flags == LMDBPage.overflow, head.overflowCount >= needed else {
            throw corrupted(offset, "the head of a value's pages")
        }
        try refer(to: first, count: head.overflowCount)
        counts.overflowPages += UInt64(head.overflowCount)
        var value = Bytes(repeating: 0, count: LMDBPage.headBytes + sizeBytes)
        var failure: BackendError?
        unsafe value.withUnsafeMutableBytes { buffer in
            do throws(BackendError) {
                try unsafe readExactly(buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return value
    }

    private mutating func take(
        _ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer, _ offset: Int,
        _ content: Content
    ) throws(BackendError) {
        switch content {
        case .freePages:
            try unsafe takeFreePages(key, stored, offset)
        case .tables:
            guard let table = LMDBTable(unsafe Bytes(stored)) else {
                throw corrupted(offset, "the description of a table")
            }
            tables.append((unsafe String(decoding: key, as: UTF8.self), table))
        case .entries(let table):
            guard let checksum = unsafe StoredValue.checksum(of: stored),
                unsafe StoredValue.verified(table, key: key, stored: stored) != nil
            else {
                let name = LMDBEnvironment.tableNames[Int(table.rawValue)]
                throw corrupted(
                    offset,
                    "the value of \(name)/\(unsafe hexadecimal(key)) does not match its checksum")
            }
            let size = key.count + stored.count - EntryChecksum.sizeBytes
            found.add(table, checksum: checksum, sizeBytes: size)
        case .summary:
            do throws(DecodingError) {
                guard unsafe Bytes(key) == LMDBRecordSummary.key else {
                    throw .invalid(field: "key", offset: 0)
                }
                self.stored = try LMDBRecordSummary(decoding: unsafe Bytes(stored))
            } catch {
                throw corrupted(offset, "the summary: \(error)")
            }
        }
    }

    /// Pages that were freed: a count, and the numbers in descending order.
    private mutating func takeFreePages(
        _ key: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer, _ offset: Int
    ) throws(BackendError) {
        guard key.count == 8, stored.count >= 8, stored.count % 8 == 0 else {
            throw corrupted(offset, "an entry of the free list")
        }
        let transaction: UInt64 = unsafe loadNumber(key, 0)
        let count: UInt64 = unsafe loadNumber(stored, 0)
        guard transaction <= found.transaction, count < UInt64(stored.count / 8) else {
            throw corrupted(offset, "an entry of the free list")
        }
        var previous = UInt64.max
        for position in 1..<Int(count) + 1 {
            let page: UInt64 = unsafe loadNumber(stored, 8 * position)
            guard page < previous else { throw corrupted(offset, "the order of free pages") }
            try refer(to: page)
            previous = page
        }
    }
}
