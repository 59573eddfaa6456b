internal import Environment
internal import Primitives
internal import StoreModel

// What goes out to the backend.
extension RecordStore {
    /// Blocks that one batch writes again without their dead records.
    static let rewritesMax = 64

    /// Whether there is anything for a batch.
    var hasChanges: Bool {
        tail.untakenCount > 0 || tail.isOpenBlockStale || !touched.isEmpty
    }

    /// Whether space waits to be made free.
    var hasCrowdedBlocks: Bool { !crowded.isEmpty }

    /// Forgets a record that is compacted.
    mutating func drop(_ id: RecordID) {
        if tail.drop(id) { return }
        guard let block = block(of: id) else {
            invariant(false, "record \(id.main).\(id.sub) is in no block")
            return
        }
        blocks[block].dead.append(id)
        if !blocks[block].isTouched {
            blocks[block].isTouched = true
            touched.append(blocks[block].base)
        }
    }

    /// Puts everything that changed since the last batch into `batch`.
    mutating func take(into batch: inout BackendBatch) {
        invariant(!isBatchUnderWay, "a batch is taken while another is under way")
        isBatchUnderWay = true
        if tail.untakenCount > 0 || tail.isOpenBlockStale { takeTail(into: &batch) }
        takeDead(into: &batch)
        rewriteCrowded(into: &batch)
    }

    /// Packs the tail into blocks. The first continues the open block under the same name, and
    /// the last stays open if it is small.
    private mutating func takeTail(into batch: inout BackendBatch) {
        var base = tail.openBlock
        var start = tail.closedCount
        var block: ContiguousArray<RecordBlock.Part> = []
        var blockBytes = 0
        for position in tail.closedCount..<tail.records.count {
            if tail.records[position].isDropped { continue }
            let id = tail.records[position].id
            let bytes = RecordHeader.encodedCount(of: tail.records[position].keyValue)
            if let name = base,
                blockBytes > 0 && blockBytes + bytes > RecordBlock.bytesMax
                    || !RecordBlock.admits(id, base: name)
            {
                close(&block, base: name, into: &batch)
                (base, start, blockBytes) = (id, position, 0)
            }
            base = base ?? id
            block.append(RecordBlock.Part(id: id, position: position, byteCount: bytes))
            blockBytes += bytes
        }
        if let base {
            if !block.isEmpty, blockBytes < RecordBlock.openBytesMax {
                let bytes = RecordBlock.encode(base: base, block, of: tail.records)
                batch.put(.records, key: base.encoded, value: bytes)
                tail.noteTaken(closed: start, openBlock: base)
                return
            }
            close(&block, base: base, into: &batch)
        }
        tail.noteTaken(closed: tail.records.count, openBlock: nil)
    }

    private mutating func close(
        _ block: inout ContiguousArray<RecordBlock.Part>, base: RecordID,
        into batch: inout BackendBatch
    ) {
        if block.isEmpty {
            // All records of the open block were dropped.
            batch.delete(.records, key: base.encoded)
            return
        }
        let bytes = RecordBlock.encode(base: base, block, of: tail.records)
        batch.put(.records, key: base.encoded, value: bytes)
        blocks.append(BlockInfo(base: base, count: block.count))
        block.removeAll(keepingCapacity: true)
    }

    /// Says which records of closed blocks are dead, and removes blocks that have no others.
    private mutating func takeDead(into batch: inout BackendBatch) {
        var hasEmptyBlocks = false
        for base in touched {
            guard let block = block(of: base) else { continue }
            blocks[block].isTouched = false
            let info = blocks[block]
            if info.dead.count == info.count {
                batch.delete(.records, key: base.encoded)
                batch.delete(.meta, key: MetaKey.dead(base))
                hasEmptyBlocks = true
                continue
            }
            batch.put(.meta, key: MetaKey.dead(base), value: info.dead.encoded)
            if info.dead.count * 2 >= info.count, !info.isQueued {
                blocks[block].isQueued = true
                crowded.append(base)
            }
        }
        touched.removeAll(keepingCapacity: true)
        if hasEmptyBlocks { blocks.removeAll { $0.dead.count == $0.count } }
    }

    /// Writes half-dead blocks again under their names, a bounded number at a time.
    private mutating func rewriteCrowded(into batch: inout BackendBatch) {
        guard !isViewStale else { return }
        var waiting: ContiguousArray<RecordID> = []
        var rewrites = 0
        for base in crowded {
            guard let block = block(of: base), blocks[block].base == base else { continue }
            let isVisible = tail.first.map { base < $0 } ?? true
            guard rewrites < Self.rewritesMax, isVisible else {
                waiting.append(base)
                continue
            }
            rewrites += 1
            rewrite(block, into: &batch)
        }
        crowded = waiting
    }

    private mutating func rewrite(_ block: Int, into batch: inout BackendBatch) {
        let info = blocks[block]
        let result = backend.withValue(.records, info.base.encoded) { span in
            // A damaged block stays as it is; whoever reads from it finds out.
            try? RecordBlock.removing(info.dead, from: span, base: info.base)
        }
        blocks[block].isQueued = false
        guard let rest = result ?? nil else { return }
        invariant(
            rest.count == info.count - info.dead.count,
            "a block of \(info.count) with \(info.dead.count) dead records keeps \(rest.count)")
        batch.put(.records, key: info.base.encoded, value: rest.bytes)
        batch.delete(.meta, key: MetaKey.dead(info.base))
        blocks[block].count = rest.count
        blocks[block].dead = []
    }

    /// The batch taken is durable. A backend that cannot show it yet is asked again after the
    /// next: until then the tail keeps what is in it.
    mutating func batchCommitted() {
        invariant(isBatchUnderWay, "a batch is committed that was not taken")
        isBatchUnderWay = false
        do {
            try backend.refresh()
            isViewStale = false
            tail.removeClosed()
        } catch {
            isViewStale = true
        }
    }
}

extension ContiguousArray<RecordID> {
    /// The names, twelve bytes each.
    var encoded: Bytes {
        var writer = ByteWriter(capacity: count * 12)
        for id in self {
            writer.writeBigEndian(id.main.rawValue)
            writer.writeBigEndian(id.sub)
        }
        return writer.bytes
    }

    /// Reads what `encoded` wrote.
    init(decoding span: ByteSpan) throws(DecodingError) {
        self = []
        guard span.count % 12 == 0 else {
            throw .invalid(field: "dead records", offset: span.count)
        }
        for offset in stride(from: 0, to: span.count, by: 12) {
            append(try RecordID(decoding: span.extracting(offset..<offset + 12)))
        }
    }
}
