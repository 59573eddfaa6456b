import Primitives
import StoreModel
import Testing

@testable import MVCC

/// The tree of keys against a sorted array.
@Suite struct KeyIndexTests {
    private func item(_ main: Int64, isLive: Bool = true) -> KeyItem {
        KeyItem(
            id: RecordID(main: Revision(main), sub: 0), create: Revision(isLive ? 1 : 0),
            version: isLive ? 1 : 0, lease: .zero, hash: UInt32(truncatingIfNeeded: main))
    }

    private func record(_ index: inout KeyIndex, _ key: Bytes, _ item: KeyItem) {
        let (place, isPresent) = index.find(key)
        index.record(item, for: key, at: place, isPresent: isPresent)
    }

    private func keys(_ index: KeyIndex, _ span: KeySpan) -> [Bytes] {
        var keys: [Bytes] = []
        index.visitLeaves(span) { leaf, positions in
            keys += positions.map { leaf.key(at: $0) }
            return true
        }
        return keys
    }

    private enum Order: CaseIterable {
        case ascending
        case descending
        case scattered
        case samePrefixes
    }

    private func name(_ number: Int, _ order: Order, of count: Int) -> Bytes {
        let digits = { (number: Int) in
            bytes(String(repeating: "0", count: 8 - "\(number)".count) + "\(number)")
        }
        switch order {
        case .ascending: return bytes("/registry/pods/") + digits(number)
        case .descending: return bytes("/registry/pods/") + digits(count - number)
        case .scattered: return bytes(String(mix64(UInt64(number)), radix: 36))
        case .samePrefixes:
            return Bytes(repeating: 0x61, count: number % 40) + bytes("\(number / 40)")
        }
    }

    @Test(arguments: Order.allCases)
    private func `keys are found and ordered however they came`(order: Order) {
        let count = 30_000
        var index = KeyIndex()
        var all: [Bytes] = []
        for number in 0..<count {
            let key = name(number, order, of: count)
            record(&index, key, item(Int64(number) + 2))
            all.append(key)
        }
        all.sort { $0.lexicographicallyPrecedes($1) }
        index.checkInvariants()
        #expect(index.branches.count > 1)
        #expect(keys(index, index.span(of: everything)) == all)
        #expect(index.liveCount == count)
        var random = SplitMix64(seed: 3)
        for _ in 0..<300 {
            let first = random.below(count)
            let last = first + random.below(count - first)
            let range = KeyRange(key: all[first], end: all[last] + [0])
            let span = index.span(of: range)
            #expect(index.liveCount(in: span) == last - first + 1)
            #expect(index.liveCount(in: span, at: .max) == last - first + 1)
        }
    }

    @Test(arguments: 0..<6)
    func `keys come and go as in a sorted array`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var index = KeyIndex()
        var all: [Bytes: Int] = [:]
        var main: Int64 = 1
        let space = [40, 3_000, 20_000][seed % 3]
        for step in 0..<20_000 {
            main += 1
            let key = bytes("/a/\(random.below(space))/b")
            let (place, isPresent) = index.find(key)
            #expect(isPresent == (all[key] != nil))
            let isShrinking = step / 5_000 % 2 == 1
            if isPresent, random.chance(isShrinking ? 0.9 : 0.1) {
                index.record(item(main, isLive: false), for: key, at: place, isPresent: true)
                while index.item(at: place).older != 0 {
                    index.removeOlder(after: nil, at: place)
                }
                index.remove(at: place)
                all[key] = nil
            } else if !isShrinking || !isPresent {
                index.record(item(main), for: key, at: place, isPresent: isPresent)
                all[key, default: 0] += 1
            }
            if step % 2_500 == 0 { index.checkInvariants() }
        }
        index.checkInvariants()
        let expected = all.keys.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(keys(index, index.span(of: everything)) == expected)
        #expect(index.liveCount == all.count)
        #expect(index.older.count == all.values.reduce(0) { $0 + $1 - 1 })
    }

    @Test func `an index can become empty again, and grow again`() {
        var index = KeyIndex()
        let names = (0..<10_000).map { bytes("\($0)") }
        for round in 0..<2 {
            for name in names { record(&index, name, item(Int64(round) + 2)) }
            #expect(index.liveCount == names.count)
            for name in round == 0 ? names : names.reversed() {
                record(&index, name, item(9, isLive: false))
                let place = index.find(name).place
                index.removeOlder(after: nil, at: place)
                index.remove(at: place)
            }
            #expect(index.liveCount == 0)
            #expect(keys(index, index.span(of: everything)).isEmpty)
            index.checkInvariants()
        }
    }

    @Test func `a copy does not change with the original`() {
        var index = KeyIndex()
        for number in 0..<500 { record(&index, bytes("\(number)"), item(2)) }
        let copy = index
        for number in 0..<1_000 { record(&index, bytes("\(number)"), item(3)) }
        #expect(copy.liveCount == 500)
        #expect(copy.item(of: bytes("7"))?.main == 2)
        #expect(index.item(of: bytes("7"))?.main == 3)
        #expect(copy.older.count == 0)
        copy.checkInvariants()
        index.checkInvariants()
    }

    @Test func `older versions are found by revision`() {
        var index = KeyIndex()
        for (main, isLive) in [(2, true), (5, true), (7, false), (9, true)] {
            record(&index, [1], item(Int64(main), isLive: isLive))
        }
        let item = index.item(of: [1])!
        let found = (1...8).map { index.olderVersion(of: item, at: $0)?.main }
        #expect(found == [nil, 2, 2, 2, 5, 5, nil, nil])
        #expect((1...9).map { index.exists(item, at: $0) }
            == [false, true, true, true, true, true, false, false, true])
        let span = index.span(of: everything)
        #expect((1...9).map { index.liveCount(in: span, at: $0) } == [0, 1, 1, 1, 1, 1, 0, 0, 1])
    }

    @Test func `records wanted are read in the order of history`() {
        var random = SplitMix64(seed: 5)
        for count in [0, 1, 2, 50, 5_000] {
            let wanted = ContiguousArray(
                (0..<count).map { _ in
                    WantedRecord(
                        id: RecordID(
                            main: Revision(Int64(random.next() >> UInt64(1 + random.below(60)))),
                            sub: 0), hash: 0)
                })
            let order = wanted.historyOrder()
            #expect(order.sorted() == Array(0..<count))
            let revisions = order.map { wanted[$0].id.main }
            #expect(revisions == revisions.sorted())
        }
    }
}
