internal import Environment
internal import Primitives

/// The trees of one state of the file.
///
/// SAFETY: page buffers stay valid while their level is visited; bounds point into the buffers
/// of upper levels.
extension LMDBFileCheck {
    /// What a tree holds, which decides what its leaves must look like.
    enum Content: Equatable {
        /// Transaction → pages that it freed.
        case freePages
        /// Name → description of a table.
        case tables
        /// Entries of a table of the backend.
        case entries(BackendTable)
        /// The summary.
        case summary
    }

    /// Keys that a page may hold: from `low`, included, to `high`, excluded.
    @safe
    struct Bounds {
        var low: UnsafeRawBufferPointer?
        var high: UnsafeRawBufferPointer?
    }

    /// What a walk counted, to be compared with the table's description.
    struct Counts: Equatable {
        var branchPages: UInt64 = 0
        var leafPages: UInt64 = 0
        var overflowPages: UInt64 = 0
        var entries: UInt64 = 0
    }

    /// Walks everything that a meta page leads to; the summary, which the entries must match.
    mutating func checkContent(_ meta: LMDBMeta) throws(BackendError) -> LMDBRecordSummary {
        found.transaction = meta.transaction
        try walk(meta.main, .tables)
        let names = LMDBEnvironment.tableNames + [LMDBEnvironment.summaryTableName]
        guard tables.map(\.name) == names.sorted() else {
            throw corrupted(nil, "tables \(tables.map(\.name))")
        }
        for (name, table) in tables {
            guard table.flags == 0 else { throw corrupted(nil, "flags of table \(name)") }
            let index = LMDBEnvironment.tableNames.firstIndex(of: name)
            let kind = index.flatMap { BackendTable(rawValue: UInt8($0)) }
            try walk(table, kind.map { .entries($0) } ?? .summary)
        }
        try walk(meta.free, .freePages)
        try checkUnwritten()
        guard let stored, stored.transaction == meta.transaction else {
            throw corrupted(
                nil, "transaction \(meta.transaction) in force, "
                    + "but content of \(stored?.transaction ?? 0)")
        }
        for table in BackendTable.allCases {
            let index = Int(table.rawValue)
            guard stored.sums[index] == found.sums[index] else {
                let name = LMDBEnvironment.tableNames[index]
                throw corrupted(nil, "the entries of \(name) do not add up to the summary")
            }
        }
        return stored
    }

    /// The summary of a state that need not be in force, without a look at anything else.
    func summary(in meta: LMDBMeta) throws(BackendError) -> LMDBRecordSummary {
        var description: LMDBTable?
        try lookUp(meta.main) { key, value in
            if key == Bytes(LMDBEnvironment.summaryTableName.utf8) {
                description = LMDBTable(value)
            }
        }
        guard let description else { throw corrupted(nil, "no summary before the last commit") }
        var record: Bytes = []
        try lookUp(description) { key, value in
            if key == LMDBRecordSummary.key { record = value }
        }
        do throws(DecodingError) {
            return try LMDBRecordSummary(decoding: record)
        } catch {
            throw corrupted(nil, "summary before the last commit: \(error)")
        }
    }

    /// Visits the entries of a table of a single page.
    private func lookUp(
        _ table: LMDBTable, _ body: (_ key: Bytes, _ value: Bytes) -> Void
    ) throws(BackendError) {
        guard let root = table.root, table.depth == 1, 2...lastPage ~= root else {
            throw corrupted(nil, "a table before the last commit")
        }
        let page = try read(root, level: 0)
        guard page.flags == LMDBPage.leaf, page.isSound else {
            throw corrupted(Int(root) * pageBytes, "no leaf page")
        }
        for position in 0..<page.nodeCount {
            guard let node = page.node(position) else {
                throw corrupted(Int(root) * pageBytes, "node \(position) is outside")
            }
            unsafe body(Bytes(node.key), Bytes(node.data))
        }
    }

    /// Walks a table and compares it with its description.
    private mutating func walk(_ table: LMDBTable, _ content: Content) throws(BackendError) {
        var counts = Counts()
        if let root = table.root {
            guard 1...Self.depthMax ~= table.depth else {
                throw corrupted(nil, "\(content) has a depth of \(table.depth)")
            }
            let bounds = unsafe Bounds(low: nil, high: nil)
            try visit(root, 0, table.depth, bounds, content, &counts)
        } else if table.depth != 0 {
            throw corrupted(nil, "\(content) is empty and has a depth of \(table.depth)")
        }
        let said = Counts(
            branchPages: table.branchPages, leafPages: table.leafPages,
            overflowPages: table.overflowPages, entries: table.entries)
        guard counts == said else {
            throw corrupted(nil, "\(content) should have \(said) and has \(counts)")
        }
    }

    private mutating func visit(
        _ number: UInt64, _ level: Int, _ depth: Int, _ bounds: Bounds, _ content: Content,
        _ counts: inout Counts
    ) throws(BackendError) {
        try refer(to: number)
        let page = try read(number, level: level)
        let offset = Int(number) * pageBytes
        let isLeaf = level == depth - 1
        guard page.flags == (isLeaf ? LMDBPage.leaf : LMDBPage.branch), page.isSound else {
            throw corrupted(offset, "the head of a page of \(content)")
        }
        guard isLeaf else {
            counts.branchPages += 1
            try visitChildren(of: page, level, depth, bounds, content, &counts)
            return
        }
        counts.leafPages += 1
        var previous: UnsafeRawBufferPointer?
        var space = 0
        for position in 0..<page.nodeCount {
            guard let node = page.node(position) else {
                throw corrupted(offset, "node \(position) is outside of the page")
            }
            let isAbove: Bool
            if let previous = unsafe previous {
                isAbove = unsafe isOrdered(previous, node.key, content)
            } else {
                isAbove = unsafe bounds.low.map { unsafe !isOrdered(node.key, $0, content) } ?? true
            }
            let isBelow = unsafe bounds.high.map { unsafe isOrdered(node.key, $0, content) } ?? true
            guard isAbove, isBelow else {
                throw corrupted(offset, "key \(position) is out of order")
            }
            try visitEntry(node, offset, content, &counts)
            unsafe previous = node.key
            space += node.spaceBytes
            counts.entries += 1
        }
        guard space == page.nodeBytes else { throw corrupted(offset, "nodes and gaps") }
    }

    private mutating func visitChildren(
        of page: LMDBPage, _ level: Int, _ depth: Int, _ bounds: Bounds, _ content: Content,
        _ counts: inout Counts
    ) throws(BackendError) {
        let offset = Int(page.number) * pageBytes
        var nodes: [LMDBPage.Node] = []
        for position in 0..<page.nodeCount {
            guard let node = page.node(position) else {
                throw corrupted(offset, "node \(position) is outside of the page")
            }
            nodes.append(node)
        }
        guard nodes.reduce(0, { $0 + $1.spaceBytes }) == page.nodeBytes else {
            throw corrupted(offset, "nodes and gaps")
        }
        for (position, node) in nodes.enumerated() {
            // The first key stands for everything below the second.
            let low = unsafe position == 0 ? bounds.low : node.key
            let high = unsafe position + 1 < nodes.count ? nodes[position + 1].key : bounds.high
            if let low = unsafe low, let high = unsafe high {
                guard unsafe isOrdered(low, high, content) else {
                    throw corrupted(offset, "key \(position) is out of order")
                }
            }
            let inside = unsafe Bounds(low: low, high: high)
            try visit(node.child, level + 1, depth, inside, content, &counts)
        }
    }

    /// Whether a key comes before another in the order of its table.
    private func isOrdered(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ content: Content
    ) -> Bool {
        guard content == .freePages, left.count == 8, right.count == 8 else {
            return unsafe precedes(left, right)
        }
        let (first, second): (UInt64, UInt64) = unsafe (loadNumber(left, 0), loadNumber(right, 0))
        return first < second
    }
}
