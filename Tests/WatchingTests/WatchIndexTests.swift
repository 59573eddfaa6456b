import Primitives
import StoreModel
import Testing

@testable import Watching

/// Finding the watches of a key, against looking at every range.
@Suite struct `The index of watches` {
    private static let names = ["", "a", "aa", "ab", "abc", "b", "ba", "c", "ca", "d", "z"]

    private func range(_ random: inout SplitMix64) -> KeyRange {
        let start = bytes(Self.names[random.below(Self.names.count)])
        switch random.below(4) {
        case 0: return KeyRange(key: start.isEmpty ? [0] : start, end: [0])
        case 1: return KeyRange(key: start.isEmpty ? bytes("a") : start)
        default:
            let other = bytes(Self.names[random.below(Self.names.count)])
            let isAscending = start.lexicographicallyPrecedes(other)
            return isAscending ? KeyRange(key: start, end: other) : KeyRange(key: [0], end: [0])
        }
    }

    @Test func `it finds what a look at every range finds, whatever came and went`() {
        var random = SplitMix64(seed: 7)
        var index = WatchIndex()
        var ranges: [Int: KeyRange] = [:]
        for step in 0..<3_000 {
            let slot = random.below(60)
            if let old = ranges.removeValue(forKey: slot) {
                index.remove(slot, old)
            } else {
                let range = range(&random)
                ranges[slot] = range
                index.insert(slot, range)
            }
            #expect(index.isEmpty == ranges.isEmpty)
            let key = bytes(Self.names[1 + random.below(Self.names.count - 1)])
            var found: [Int] = []
            index.collect(key, into: &found)
            let expected = ranges.keys.filter { ranges[$0]!.contains(key) }.sorted()
            #expect(found.sorted() == expected, "step \(step), key \(key)")
            #expect(index.contains(key) == !expected.isEmpty)
        }
    }

    @Test func `many ranges added in order are found and removed`() {
        var tree = RangeTree()
        for number in 0..<5_000 {
            let start = bytes(String(100_000 + number))
            _ = tree.insert(number, KeyRange(key: start, end: start + [0x7E]))
        }
        for number in stride(from: 0, to: 5_000, by: 997) {
            var found: [Int] = []
            tree.collect(bytes(String(100_000 + number)) + bytes("/x"), into: &found)
            #expect(found == [number])
        }
        for number in 0..<5_000 {
            let start = bytes(String(100_000 + number))
            _ = tree.remove(at: 0, KeyRange(key: start, end: start + [0x7E]))
        }
        #expect(tree.isEmpty)
    }
}

/// How events are spread over deliveries.
@Suite struct `Cutting deliveries` {
    private func events(_ sizes: [[Int]]) -> [Event] {
        sizes.indices.flatMap { revision in
            sizes[revision].indices.map { place in
                Event(
                    kind: .put,
                    keyValue: KeyValue(
                        key: [UInt8(place)],
                        value: Bytes(repeating: 0, count: sizes[revision][place]),
                        createRevision: Revision(1), modRevision: Revision(Int64(revision + 2)),
                        version: 1, lease: .zero))
            }
        }
    }

    // Each event has 65 bytes beside its value, so 35 makes it 100.
    @Test(arguments: [
        ([[35], [35], [35]], false, [0..<2, 2..<3], [false, false]),
        ([[35], [35, 35], [35]], false, [0..<1, 1..<3, 3..<4], [false, false, false]),
        ([[35], [35, 35, 35], [35]], false, [0..<1, 1..<4, 4..<5], [false, false, false]),
        (
            [[35], [35, 35, 35], [35]], true, [0..<1, 1..<3, 3..<4, 4..<5],
            [false, true, false, false]
        ),
        ([[500, 35, 35]], true, [0..<1, 1..<3], [true, false]),
        ([[500]], true, [0..<1], [false]),
        ([], true, [], []),
    ])
    func `cuts lie between revisions, or within one that is too large and may be split`(
        _ sizes: [[Int]], _ allowsFragments: Bool, _ ranges: [Range<Int>], _ marks: [Bool]
    ) {
        let pieces = DeliveryPiece.cut(
            events(sizes), bytesMax: 200, allowsFragments: allowsFragments)
        #expect(pieces.map(\.events) == ranges)
        #expect(pieces.map(\.hasMoreFragments) == marks)
    }
}
