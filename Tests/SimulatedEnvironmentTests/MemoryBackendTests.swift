import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// The backend in memory as any backend must be.
@Suite struct MemoryBackendTests {
    private func batch(_ pairs: [(Bytes, Bytes?)]) -> BackendBatch {
        var batch = BackendBatch()
        for (key, value) in pairs {
            if let value {
                batch.put(.records, key: key, value: value)
            } else {
                batch.delete(.records, key: key)
            }
        }
        return batch
    }

    private func value(
        _ view: any BackendView, _ key: Bytes, _ table: BackendTable = .records
    ) -> Bytes? {
        view.read(table, key: key) { Bytes($0) }
    }

    private func pairs(
        _ view: any BackendView, from: Bytes = [], to: Bytes? = nil, limit: Int = .max,
        _ table: BackendTable = .records
    ) -> [[Bytes]] {
        var found: [[Bytes]] = []
        guard limit > 0 else { return [] }
        view.scan(table, from: from, to: to) { key, value in
            found.append([Bytes(key), Bytes(value)])
            return found.count < limit
        }
        return found
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `it holds what a naive model holds`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        var model: [Bytes: Bytes] = [:]
        // Few and many keys, of lengths on both sides of a machine word.
        let keyCount = [10, 300, 3_000][Int(seed % 3)]
        func key() -> Bytes {
            let number = random.below(keyCount)
            return Bytes(repeating: UInt8(number % 7), count: number % 11)
                + [UInt8(number / 256), UInt8(number % 256)]
        }
        for _ in 0..<60 {
            let changes = (0..<random.below(120)).map { _ in
                (key(), random.chance(0.4) ? nil : pattern(random.below(40), seed: random.next()))
            }
            try backend.commit(batch(changes))
            for (key, value) in changes { model[key] = value }
            try backend.refresh()
            let sorted = model.keys.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(backend.count(.records) == model.count)
            #expect(pairs(backend) == sorted.map { [$0, model[$0]!] })
            let (from, to) = (key(), key())
            let inRange = sorted.filter {
                !$0.lexicographicallyPrecedes(from) && $0.lexicographicallyPrecedes(to)
            }
            #expect(pairs(backend, from: from, to: to).map { $0[0] } == inRange)
            #expect(pairs(backend, from: from, to: to, limit: 3).map { $0[0] }
                == Array(inRange.prefix(3)))
            for _ in 0..<20 {
                let wanted = key()
                #expect(value(backend, wanted) == model[wanted])
            }
        }
    }

    @Test func `keys sort as unsigned bytes, prefixes first`() throws {
        let backend = try MemoryBackendProvider().open()
        let keys: [Bytes] = [
            [], [0], [0, 0], [0, 1], [1], [127], [128], [255], [255, 255],
            Bytes(repeating: 255, count: 8), Bytes(repeating: 255, count: 9),
        ]
        try backend.commit(batch(keys.shuffled(with: 3).map { ($0, [1]) }))
        try backend.refresh()
        #expect(pairs(backend).map { $0[0] } == keys)
        #expect(pairs(backend, from: [1], to: [255]).map { $0[0] } == [[1], [127], [128]])
        #expect(pairs(backend, from: [2], to: [1]) == [])
        #expect(pairs(backend, from: [2], to: []) == [])
    }

    @Test func `tables are apart, and the last change of a batch wins`() throws {
        let backend = try MemoryBackendProvider().open()
        var changes = BackendBatch()
        for table in BackendTable.allCases {
            changes.put(table, key: [1], value: [0])
            changes.put(table, key: [1], value: [table.rawValue])
            changes.put(table, key: [2], value: [9])
            changes.delete(table, key: [2])
            changes.delete(table, key: [3])
        }
        try backend.commit(changes)
        try backend.refresh()
        for table in BackendTable.allCases {
            #expect(pairs(backend, table) == [[[1], [table.rawValue]]])
            #expect(backend.count(table) == 1)
        }
    }

    @Test func `reads see a commit only after refresh`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        try backend.commit(batch([([1], [1])]))
        #expect(value(backend, [1]) == nil)
        #expect(backend.count(.records) == 0)
        #expect(pairs(backend) == [])
        try backend.refresh()
        #expect(value(backend, [1]) == [1])
        try backend.commit(batch([([1], [2]), ([2], [2])]))
        try backend.commit(batch([([1], nil)]))
        #expect(pairs(backend) == [[[1], [1]]])
        try backend.refresh()
        #expect(pairs(backend) == [[[2], [2]]])
        let again = try provider.open()
        #expect(pairs(again) == [[[2], [2]]])
    }

    @Test func `a view has the last commit and keeps it`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        try backend.commit(batch([([1], [1])]))
        let view = try backend.makeView()
        #expect(value(view, [1]) == [1])
        try backend.commit(batch((0..<200).map { ([UInt8($0)], [2]) }))
        try backend.refresh()
        #expect(pairs(view) == [[[1], [1]]])
        #expect(view.count(.records) == 1)
        #expect(try backend.makeView().count(.records) == 200)
        _ = try provider.replace { fresh throws(BackendError) in
            try fresh.commit(BackendBatch())
        }
        #expect(pairs(view) == [[[1], [1]]])
    }

    @Test func `sizes grow with what is stored, and defragmentation gives space back`() throws {
        let backend = try MemoryBackendProvider().open()
        let empty = backend.sizes()
        #expect(empty.allocatedBytes == empty.inUseBytes)
        let keys = (0..<100).map { Bytes([UInt8($0)]) }
        try backend.commit(batch(keys.map { ($0, Bytes(repeating: 1, count: 1_000)) }))
        let full = backend.sizes()
        #expect(full.inUseBytes >= empty.inUseBytes + 100_000)
        try backend.commit(batch(keys.map { ($0, nil) }))
        #expect(backend.sizes() == (full.allocatedBytes, empty.inUseBytes))
        try backend.defragment()
        #expect(backend.sizes() == empty)
    }

    @Test func `a commit above the capacity changes nothing`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        try backend.commit(batch([([1], [1])]))
        try backend.refresh()
        let sizes = backend.sizes()
        provider.capacityBytes = sizes.allocatedBytes + 4_096
        let large = Bytes(repeating: 1, count: 10_000)
        #expect(throws: BackendError.noSpace) {
            try backend.commit(batch([([1], nil), ([2], large)]))
        }
        try backend.refresh()
        #expect(pairs(backend) == [[[1], [1]]])
        #expect(backend.sizes() == sizes)
        try backend.commit(batch([([2], [2])]))
    }

    @Test func `equal seeds and calls give equal backends`() throws {
        let dumps = try (0..<2).map { _ in
            var random = SplitMix64(seed: 4)
            let provider = MemoryBackendProvider(seed: 1)
            var rates = BackendFaultRates()
            rates.failed = 0.1
            rates.noSpace = 0.1
            provider.injectFaults(rates, seed: 6)
            let backend = try provider.open()
            var failures = 0
            for _ in 0..<300 {
                do {
                    try backend.commit(batch([([UInt8(random.below(200))], [UInt8(failures)])]))
                } catch {
                    failures = (failures + 1) % 256
                }
            }
            #expect(failures > 20)
            return pairs(provider.durableView())
        }
        #expect(dumps[0] == dumps[1])
    }
}

extension Array {
    /// The elements in an order that the seed decides.
    fileprivate func shuffled(with seed: UInt64) -> [Element] {
        var random = SplitMix64(seed: seed)
        return shuffled(using: &random)
    }
}
