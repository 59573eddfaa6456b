internal import Environment
internal import Primitives
internal import StoreModel

// Going through history in order.
extension RecordStore {
    /// Visits the records from a revision on, in order, until one of the closures says false.
    /// Records of the backend that are compacted may or may not be among them.
    func visit(
        from main: Revision, stored: (_ id: RecordID, _ record: ByteSpan) -> Bool,
        recent: (TailRecord) -> Bool
    ) {
        let first = RecordID(main: main, sub: 0)
        var goesOn = true
        if tail.first.map({ first < $0 }) ?? true {
            let base = block(of: first).map { blocks[$0].base } ?? first
            backend.visit(.records, from: base.encoded, to: tail.first?.encoded) { key, value in
                goesOn = RecordStore.visitBlock(name: key, value, from: first, stored)
                return goesOn
            }
        }
        guard goesOn else { return }
        for record in tail.records[tail.position(from: first)...] where !record.isDropped {
            if !recent(record) { return }
        }
    }

    private static func visitBlock(
        name: ByteSpan, _ span: ByteSpan, from first: RecordID,
        _ body: (RecordID, ByteSpan) -> Bool
    ) -> Bool {
        do {
            let base = try RecordID(decoding: name)
            for place in try RecordBlock.places(in: span, base: base) where place.id >= first {
                if !body(place.id, span.extracting(place.bytes)) { return false }
            }
        } catch {
            // It was whole when the index was built; what is wrong now must not be passed over.
            invariant(false, "block \(copy(name)) is damaged: \(error)")
        }
        return true
    }

    /// Reads the blocks of the backend at the start and tells `body` of every record that is not
    /// dead, in order.
    mutating func load(
        _ body: (_ id: RecordID, _ record: ByteSpan) throws(DecodingError) -> Void
    ) throws(LoadError) {
        let dead = try loadDead()
        var nextDead = 0
        var failure: LoadError?
        var loaded: ContiguousArray<BlockInfo> = []
        backend.visit(.records, from: [], to: nil) { key, value in
            do throws(DecodingError) {
                let base = try RecordID(decoding: key)
                var info = BlockInfo(base: base, count: 0)
                if nextDead < dead.count, dead[nextDead].base == base {
                    info.dead = dead[nextDead].names
                    nextDead += 1
                }
                let places = try RecordBlock.places(in: value, base: base)
                if let last = places.last, let next = loaded.last, last.id <= next.base {
                    throw .invalid(field: "block order", offset: 0)
                }
                info.count = places.count
                let gone = info.dead.sorted()
                for place in places {
                    let isDead = gone.partitionPoint { $0 < place.id }
                    if isDead < gone.count, gone[isDead] == place.id { continue }
                    try body(place.id, value.extracting(place.bytes))
                }
                loaded.append(info)
                return true
            } catch {
                failure = .damaged(.records, key: copy(key), error)
                return false
            }
        }
        if let failure { throw failure }
        guard nextDead == dead.count else {
            throw .damaged(
                .meta, key: MetaKey.dead(dead[nextDead].base),
                .invalid(field: "block of dead records", offset: 0))
        }
        blocks = loaded
        for block in blocks.indices where blocks[block].dead.count * 2 >= blocks[block].count {
            blocks[block].isQueued = true
            crowded.append(blocks[block].base)
        }
    }

    private typealias DeadList = (base: RecordID, names: ContiguousArray<RecordID>)

    private func loadDead() throws(LoadError) -> [DeadList] {
        var dead: [DeadList] = []
        let prefix = MetaKey.deadPrefix
        var end = prefix
        end[end.count - 1] += 1
        try backend.readAll(.meta, from: prefix, to: end) { key, value throws(DecodingError) in
            let base = try RecordID(
                decoding: key.span.extracting(droppingFirst: prefix.count))
            dead.append((base, try ContiguousArray(decoding: value.span)))
        }
        return dead
    }
}
