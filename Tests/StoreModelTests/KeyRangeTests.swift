import Primitives
import StoreModel
import Testing

/// etcd's key and range_end, as its documentation defines them.
@Suite struct `Key ranges` {
    struct Case: Sendable, CustomTestStringConvertible {
        var range: KeyRange
        var inside: [Bytes]
        var outside: [Bytes]
        var testDescription: String { "\(range.key) ..< \(range.end)" }
    }

    static let cases: [Case] = [
        // One key.
        Case(range: KeyRange(key: [5]), inside: [[5]], outside: [[], [4], [5, 0], [6]]),
        // Half-open.
        Case(
            range: KeyRange(key: [5], end: [7]), inside: [[5], [5, 0], [6, 255, 255]],
            outside: [[], [4, 255], [7], [7, 0]]),
        // From a key on.
        Case(
            range: KeyRange(key: [5], end: [0]), inside: [[5], [5, 0], [255, 255]],
            outside: [[], [4, 255]]),
        // Everything.
        Case(range: KeyRange(key: [0], end: [0]), inside: [[0], [0, 0], [255]], outside: [[]]),
        // Empty because its end comes first, or at once.
        Case(range: KeyRange(key: [5], end: [5]), inside: [], outside: [[5], [5, 0], [4]]),
        Case(range: KeyRange(key: [5], end: [4]), inside: [], outside: [[4], [5], [4, 5]]),
        // A prefix: the end is the prefix with its last byte increased.
        Case(
            range: KeyRange(key: [97, 47], end: [97, 48]), inside: [[97, 47], [97, 47, 255]],
            outside: [[97], [97, 48], [98]]),
        // Two zero bytes are an ordinary end, not the mark for everything.
        Case(range: KeyRange(key: [0], end: [0, 0]), inside: [[0]], outside: [[], [0, 0], [1]]),
    ]

    @Test(arguments: cases)
    func `a range holds the keys that etcd says`(_ example: Case) {
        for key in example.inside { #expect(example.range.contains(key), "\(key)") }
        for key in example.outside { #expect(!example.range.contains(key), "\(key)") }
    }

    @Test func `kinds of range exclude one another`() {
        #expect(KeyRange(key: [1]).isSingleKey)
        #expect(!KeyRange(key: [1]).isUnbounded)
        #expect(KeyRange(key: [1], end: [0]).isUnbounded)
        #expect(!KeyRange(key: [1], end: [0]).isSingleKey)
        let bounded = KeyRange(key: [1], end: [0, 0])
        #expect(!bounded.isUnbounded && !bounded.isSingleKey)
    }
}
