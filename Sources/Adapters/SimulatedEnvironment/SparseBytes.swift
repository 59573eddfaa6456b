internal import Primitives

/// A file's bytes in pages; a page of nothing but zeros takes no memory, so that reserving a
/// segment costs nothing. Pages are shared between copies until one of them is written to.
///
/// SAFETY: the pointers are into arrays that are held for the whole call, and each range is
/// checked against its buffer by the slice it is made from.
struct SparseBytes {
    static let pageBytes = 4_096
    static let sectorBytes = 512
    static let sectorsPerPage = pageBytes / sectorBytes
    /// The dirty mask of a page of which every sector is concerned.
    static let wholePage = UInt8.max

    /// Empty where a page holds zeros only; what lies behind the last page is zero as well.
    private var pages: [Bytes] = []

    /// Pages that may hold something else than zeros all have lower numbers.
    var pageCount: Int { pages.count }

    /// Whether a page takes memory.
    func isPopulated(_ page: Int) -> Bool {
        page < pages.count && !pages[page].isEmpty
    }

    /// `count` bytes from `offset`.
    func read(at offset: Int, count: Int) -> Bytes {
        guard count > 0 else { return [] }
        return unsafe Bytes(unsafeUninitializedCapacity: count) { target, initialized in
            var done = 0
            while done < count {
                let page = (offset + done) / Self.pageBytes
                let start = (offset + done) % Self.pageBytes
                let length = min(Self.pageBytes - start, count - done)
                let part = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(target)[done..<done + length])
                if isPopulated(page) {
                    unsafe pages[page].withUnsafeBytes { source in
                        unsafe part.copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: source[start..<start + length]))
                    }
                } else {
                    unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
                }
                done += length
            }
            initialized = count
        }
    }

    /// Puts `bytes[range]` at `offset`.
    mutating func write(_ bytes: Bytes, _ range: Range<Int>, at offset: Int) {
        var done = 0
        while done < range.count {
            let page = (offset + done) / Self.pageBytes
            let start = (offset + done) % Self.pageBytes
            let length = min(Self.pageBytes - start, range.count - done)
            let from = range.lowerBound + done
            populate(page)
            unsafe pages[page].withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { source in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<start + length])
                        .copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: source[from..<from + length]))
                }
            }
            done += length
        }
    }

    /// Makes all bytes of `range` zero.
    mutating func zero(_ range: Range<Int>) {
        var position = range.lowerBound
        let end = min(range.upperBound, pages.count * Self.pageBytes)
        while position < end {
            let page = position / Self.pageBytes
            let start = position % Self.pageBytes
            let length = min(Self.pageBytes - start, end - position)
            if length == Self.pageBytes {
                pages[page] = []
            } else if !pages[page].isEmpty {
                unsafe pages[page].withUnsafeMutableBytes { target in
                    _ = unsafe UnsafeMutableRawBufferPointer(
                        rebasing: target[start..<start + length]
                    ).initializeMemory(as: UInt8.self, repeating: 0)
                }
            }
            position += length
        }
    }

    /// Takes over the sectors of a page that are set in `mask`.
    mutating func copySectors(_ mask: UInt8, ofPage page: Int, from other: SparseBytes) {
        let start = page * Self.pageBytes
        guard other.isPopulated(page) else {
            for sector in 0..<Self.sectorsPerPage where mask & (1 << sector) != 0 {
                let from = start + sector * Self.sectorBytes
                zero(from..<from + Self.sectorBytes)
            }
            return
        }
        var sector = 0
        while sector < Self.sectorsPerPage {
            guard mask & (1 << sector) != 0 else {
                sector += 1
                continue
            }
            let first = sector
            while sector < Self.sectorsPerPage, mask & (1 << sector) != 0 { sector += 1 }
            let range = first * Self.sectorBytes..<sector * Self.sectorBytes
            write(other.pages[page], range, at: start + range.lowerBound)
        }
    }

    /// Takes over one sector, counted from the start of the file.
    mutating func copySector(_ sector: Int, from other: SparseBytes) {
        copySectors(
            1 << UInt8(sector % Self.sectorsPerPage), ofPage: sector / Self.sectorsPerPage,
            from: other)
    }

    /// Turns over one bit.
    mutating func flip(bit: Int, at offset: Int) {
        let page = offset / Self.pageBytes
        populate(page)
        pages[page][offset % Self.pageBytes] ^= 1 << UInt8(bit)
    }

    /// The numbers of the sectors below `size` bytes that hold more than zeros, ascending.
    func writtenSectors(below size: Int) -> [Int] {
        var sectors: [Int] = []
        for page in pages.indices where !pages[page].isEmpty {
            for sector in 0..<Self.sectorsPerPage {
                let start = page * Self.pageBytes + sector * Self.sectorBytes
                guard start < size else { return sectors }
                let count = min(Self.sectorBytes, size - start)
                if read(at: start, count: count).contains(where: { $0 != 0 }) {
                    sectors.append(start / Self.sectorBytes)
                }
            }
        }
        return sectors
    }

    private mutating func populate(_ page: Int) {
        if page >= pages.count {
            pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count))
        }
        if pages[page].isEmpty {
            pages[page] = Bytes(repeating: 0, count: Self.pageBytes)
        }
    }
}
