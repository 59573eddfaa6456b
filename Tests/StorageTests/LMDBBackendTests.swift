import Dispatch
import Environment
import Primitives
import Storage
import Synchronization
import Testing

/// The contract of `Backend`, kept by LMDB.
@Suite struct LMDBBackendTests {
    let folder = TemporaryFolder()
    let disk = PosixDisk()

    private func provider(sizeMax: Int = 1 << 30) -> LMDBBackendProvider {
        LMDBBackendProvider(directory: folder.path + "/backend", disk: disk, sizeMax: sizeMax)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `random batches read as a dictionary would have them, across openings`(
        seed: UInt64
    ) throws {
        var source = BatchSource(seed: seed)
        var expected = Content()
        var backend = try provider().open()
        for round in 0..<40 {
            let batch = source.batch(operations: 1 + source.random.below(60))
            try backend.commit(batch)
            try backend.refresh()
            expected.apply(batch)
            if round % 8 == 7 {
                backend.close()
                backend = try provider().open()
            }
            if round % 20 == 13 { try backend.defragment(); try backend.refresh() }
            #expect(Content(of: backend) == expected)
            for table in BackendTable.allCases {
                #expect(backend.count(table) == expected[table].count)
                compareRange(table, &source, backend, expected)
            }
            let sizes = backend.sizes()
            #expect(0 < sizes.inUseBytes && sizes.inUseBytes <= sizes.allocatedBytes)
        }
        backend.close()
    }

    private func compareRange(
        _ table: BackendTable, _ source: inout BatchSource, _ backend: any Backend,
        _ expected: Content
    ) {
        let bounds = (0..<2).map { _ in
            table == .records
                ? BatchSource.record(UInt64(source.random.below(Int(source.lastRecord) + 2)))
                : [UInt8(source.random.below(60))]
        }
        let to = source.random.chance(0.3) ? nil : bounds[1]
        let found = backend.range(table, from: bounds[0], to: to)
        let wanted = expected.range(table, from: bounds[0], to: to)
        #expect(found.map(\.key) == wanted.map(\.key))
        #expect(found.map(\.value) == wanted.map(\.value))
        #expect(backend.value(table, bounds[0]) == expected[table][bounds[0]])
    }

    @Test func `a scan ends when it is told to`() throws {
        let backend = try provider().open()
        var batch = BackendBatch()
        for number in 0..<100 { batch.put(.leases, key: [UInt8(number)], value: [1]) }
        try backend.commit(batch)
        try backend.refresh()
        var visited: Bytes = []
        backend.scan(.leases, from: [10], to: nil) { key, _ in
            visited.append(key[0])
            return visited.count < 3
        }
        #expect(visited == [10, 11, 12])
        backend.scan(.leases, from: [50], to: [50]) { _, _ in
            Issue.record("nothing lies between a key and itself")
            return true
        }
    }

    @Test func `scans and reads may be nested`() throws {
        let backend = try provider().open()
        var batch = BackendBatch()
        for number in 0..<20 { batch.put(.leases, key: [UInt8(number)], value: [UInt8(number)]) }
        try backend.commit(batch)
        try backend.refresh()
        var pairs = 0
        backend.scan(.leases, from: [], to: nil) { key, _ in
            #expect(backend.value(.leases, Bytes(key)) == Bytes(key))
            backend.scan(.leases, from: Bytes(key), to: nil) { _, _ in
                pairs += 1
                return true
            }
            return true
        }
        #expect(pairs == 210)
    }

    @Test func `reads see a commit only after refresh`() throws {
        let backend = try provider().open()
        var batch = BackendBatch()
        batch.put(.meta, key: [1], value: [1])
        try backend.commit(batch)
        #expect(backend.value(.meta, [1]) == nil)
        #expect(backend.count(.meta) == 0)
        try backend.refresh()
        #expect(backend.value(.meta, [1]) == [1])
    }

    @Test func `a view is as of its making, whatever is committed later`() throws {
        let backend = try provider().open()
        var source = BatchSource(seed: 3)
        var expected = Content()
        var views: [(any BackendView, Content)] = []
        for _ in 0..<20 {
            let batch = source.batch(operations: 30)
            try backend.commit(batch)
            expected.apply(batch)
            // Not refreshed: a view shows the last commit all the same.
            views.append((try backend.makeView(), expected))
        }
        try backend.defragment()
        for (view, content) in views { #expect(Content(of: view) == content) }
        backend.close()
        for (view, content) in views { #expect(Content(of: view) == content) }
    }

    @Test(arguments: [0, 512])
    func `a key of a length that LMDB cannot have is refused whole`(count: Int) throws {
        let backend = try provider().open()
        var batch = BackendBatch()
        batch.put(.meta, key: [1], value: [1])
        batch.put(.meta, key: Bytes(repeating: 1, count: count), value: [1])
        #expect(throws: BackendError.self) { try backend.commit(batch) }
        try backend.refresh()
        #expect(Content(of: backend) == Content())
        #expect(backend.value(.meta, Bytes(repeating: 1, count: count)) == nil)
    }

    @Test func `commits run beside reads on another thread`() throws {
        let backend = try #require(try provider().open() as? LMDBBackend)
        let commits = 200
        let done = Flag()
        let group = DispatchGroup()
        DispatchQueue(label: "committer").async(group: group) {
            for number in 1...commits {
                var batch = BackendBatch()
                let value = Bytes(repeating: UInt8(number % 251), count: number)
                batch.put(.records, key: BatchSource.record(UInt64(number)), value: value)
                batch.put(.meta, key: [1], value: value)
                batch.put(.leases, key: [2], value: value)
                do {
                    try backend.commit(batch)
                } catch {
                    fatalError("\(error)")
                }
            }
            done.isSet.store(true, ordering: .releasing)
        }
        defer { group.wait() }
        var last = 0
        while true {
            let wasDone = done.isSet.load(ordering: .acquiring)
            try backend.refresh()
            let value = backend.value(.meta, [1])
            #expect(backend.value(.leases, [2]) == value)
            #expect(backend.count(.records) == value?.count ?? 0)
            #expect((value?.count ?? 0) >= last)
            last = value?.count ?? 0
            if wasDone { break }
        }
        #expect(last == commits)
    }

    @Test func `a folder is opened once`() throws {
        let backend = try provider().open()
        let refusal = #expect(throws: BackendError.self) { try provider().open() }
        guard case .failed("lock", let reason) = refusal else {
            Issue.record("refused with \(String(describing: refusal))")
            return
        }
        #expect(reason.contains(folder.path + "/backend/backend.lock"))
        // A view keeps the file open, so a second environment would still be one too many.
        var view: (any BackendView)? = try backend.makeView()
        backend.close()
        #expect(throws: BackendError.self) { try provider().open() }
        #expect(view?.count(.meta) == 0)
        view = nil
        try provider().open().close()
    }

    @Test func `files and folders are closed to others`() throws {
        try provider().open().close()
        var names = ["", "/data-1"]
        names += ["/backend.lock", "/data-1/data.mdb", "/data-1/lock.mdb"]
        for name in names {
            let mode = permissions(folder.path + "/backend" + name)
            #expect(mode & 0o077 == 0, "\(name) has mode \(String(mode, radix: 8))")
        }
    }

    @Test func `a full file refuses a batch whole, and takes commits again when it has room`()
        throws
    {
        let backend = try provider(sizeMax: 1 << 20).open()
        var expected = Content()
        var number: UInt64 = 0
        var refusal: BackendError?
        while refusal == nil {
            var batch = BackendBatch()
            for _ in 0..<20 {
                number += 1
                let value = Bytes(repeating: UInt8(number & 0xFF), count: 1_000)
                batch.put(.records, key: BatchSource.record(number), value: value)
                batch.put(.meta, key: [1], value: BatchSource.record(number))
            }
            do {
                try backend.commit(batch)
                expected.apply(batch)
            } catch {
                refusal = error
            }
            #expect(number < 1_000_000 / 1_000 + 100, "more was stored than there is room for")
        }
        #expect(refusal == .noSpace)
        #expect(expected[.records].count > 300)
        try backend.refresh()
        #expect(Content(of: backend) == expected)
        // Some room is always left for a batch that only deletes little by little.
        for key in expected[.records].keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            var batch = BackendBatch()
            batch.delete(.records, key: key)
            do {
                try backend.commit(batch)
                expected.apply(batch)
                try backend.refresh()
            } catch {
                #expect(error == .noSpace)
            }
            if expected[.records].count < 200 { break }
        }
        var batch = BackendBatch()
        batch.put(.meta, key: [2], value: Bytes(repeating: 1, count: 50_000))
        try backend.commit(batch)
        expected.apply(batch)
        try backend.refresh()
        #expect(Content(of: backend) == expected)
        backend.close()
        let again = try provider(sizeMax: 1 << 20).open()
        #expect(Content(of: again) == expected)
    }

    @Test func `space that deletions free is used again, and defragmentation gives it back`()
        throws
    {
        let backend = try provider().open()
        func fill(_ byte: UInt8) throws {
            for start in stride(from: 0, to: 1_000, by: 100) {
                var batch = BackendBatch()
                for number in start..<start + 100 {
                    let key = BatchSource.record(UInt64(number))
                    batch.put(.records, key: key, value: Bytes(repeating: byte, count: 900))
                }
                try backend.commit(batch)
                try backend.refresh()
            }
        }
        func empty() throws {
            for start in stride(from: 0, to: 1_000, by: 100) {
                var batch = BackendBatch()
                for number in start..<start + 100 {
                    batch.delete(.records, key: BatchSource.record(UInt64(number)))
                }
                try backend.commit(batch)
                try backend.refresh()
            }
        }
        try fill(1)
        let full = backend.sizes()
        try empty()
        #expect(backend.sizes().inUseBytes < full.inUseBytes / 5)
        for round in 0..<5 {
            try fill(UInt8(round))
            try empty()
        }
        #expect(backend.sizes().allocatedBytes < full.allocatedBytes * 3 / 2)
        try backend.defragment()
        try backend.refresh()
        #expect(backend.sizes().allocatedBytes < full.allocatedBytes / 5)
        #expect(try disk.list(folder.path + "/backend") == ["backend.lock", "data-2"])
    }
}

/// Something that one thread tells another.
private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
}
