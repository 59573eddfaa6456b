/// A page of an LMDB data file as it lies on the disk (docs/formats/lmdb.md).
///
/// Nothing here trusts what the page says: `isSound` must hold before the nodes are looked at,
/// and `node` checks each node against the page's bounds.
///
/// SAFETY: every offset is compared with the buffer's size before it is read; the buffer outlives
/// the value, since the check keeps it.
@safe
struct LMDBPage {
    private let bytes: UnsafeRawBufferPointer

    /// Bytes before the first node pointer.
    static let headBytes = 16
    /// Bytes of a node before its key.
    static let nodeHeadBytes = 8

    static let branch: UInt16 = 0x01
    static let leaf: UInt16 = 0x02
    static let overflow: UInt16 = 0x04
    static let meta: UInt16 = 0x08

    /// Marks a value that lies in pages of its own.
    static let bigData: UInt16 = 0x01
    /// Marks a value that describes a table.
    static let subTable: UInt16 = 0x02

    /// One key with its value or child page.
    @safe
    struct Node {
        var flags: UInt16
        var key: UnsafeRawBufferPointer
        /// A leaf's value, or the number of the page where it begins.
        var data: UnsafeRawBufferPointer
        /// What the head's size fields say: a leaf's value size, a branch's child page.
        var size: Int
        var child: UInt64
        /// Bytes that the node takes in the page.
        var spaceBytes: Int
    }

    private let byteCount: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        byteCount = bytes.count
    }

    var number: UInt64 { load(0) }
    var flags: UInt16 { load(10) }
    /// Pages of a value that lies in pages of its own, this one among them.
    var overflowCount: Int { Int(load(12) as UInt32) }
    private var lower: Int { Int(load(12) as UInt16) }
    private var upper: Int { Int(load(14) as UInt16) }

    /// How many nodes a branch or leaf page has.
    var nodeCount: Int { (lower - Self.headBytes) / 2 }

    /// Whether the free space lies inside the page and behind the pointers.
    var isSound: Bool {
        lower > Self.headBytes && lower % 2 == 0 && lower <= upper
            && upper <= byteCount
    }

    /// Bytes between the free space and the end of the page, which the nodes fill exactly.
    var nodeBytes: Int { byteCount - upper }

    /// The node at a position below `nodeCount`; nil if it does not lie inside the page.
    func node(_ position: Int) -> Node? {
        let start = Int(load(Self.headBytes + 2 * position) as UInt16)
        guard start >= upper, start % 2 == 0, start + Self.nodeHeadBytes <= byteCount else {
            return nil
        }
        let low = UInt64(load(start) as UInt16) | UInt64(load(start + 2) as UInt16) << 16
        let flags: UInt16 = load(start + 4)
        let keyStart = start + Self.nodeHeadBytes
        let dataStart = keyStart + Int(load(start + 6) as UInt16)
        let isLeaf = self.flags == Self.leaf
        let dataBytes = isLeaf ? (flags & Self.bigData != 0 ? 8 : Int(low)) : 0
        let end = dataStart + dataBytes
        guard end <= byteCount else { return nil }
        return unsafe Node(
            flags: isLeaf ? flags : 0,
            key: UnsafeRawBufferPointer(rebasing: bytes[keyStart..<dataStart]),
            data: UnsafeRawBufferPointer(rebasing: bytes[dataStart..<end]), size: Int(low),
            child: low | UInt64(flags) << 32, spaceBytes: (end - start + 1) & ~1)
    }

    private func load<Number: FixedWidthInteger>(_ offset: Int) -> Number {
        unsafe loadNumber(bytes, offset)
    }
}

/// A little-endian number, which must lie inside the buffer.
func loadNumber<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int
) -> Number {
    unsafe Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
}
