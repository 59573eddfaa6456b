internal import Primitives

/// The unit in which a disk writes: all of it or nothing. Layout in docs/formats/wal.md.
enum Sector {
    static let sizeBytes = 512
    /// Where a sector's share of its batch starts.
    static let payloadOffset = 12
    static let payloadBytes = 496
    static let trailerOffset = 508
    /// The batch number of the sector that closes a segment.
    static let closingBatch = UInt32.max
    /// Segments are numbered below this, so that a number fits into a trailer.
    static let sequenceMax: UInt32 = 0xFFF_FFFF

    /// The last word of every sector of a segment: its number and, in the lowest 4 bits, the
    /// inverted exclusive or of the number's 4-bit digits. Two of them, or one and zero, differ in
    /// at least two bits, so that one flipped bit makes none of them.
    static func trailer(of sequence: UInt32) -> UInt32 {
        var folded = sequence ^ sequence >> 16
        folded ^= folded >> 8
        folded ^= folded >> 4
        return sequence << 4 | ~folded & 0xF
    }

    /// The chain after one more checksum.
    static func chain(_ chain: UInt32, adding checksum: UInt32) -> UInt32 {
        var result = CRC32C(continuing: chain)
        result.update(UInt64(checksum))
        return result.value
    }

    /// Whether a word is the trailer of some segment.
    static func isTrailer(_ word: UInt32) -> Bool {
        word >> 4 != 0 && word == trailer(of: word >> 4)
    }
}

/// What a sector of a segment turns out to be.
enum SectorState: Equatable {
    /// What was there before the segment was begun; also where a write to it did not get to its
    /// end, since the trailer is the last to arrive.
    case absent
    /// Neither this nor that. No crash explains it.
    case damaged
    /// Written in this segment, whole. Batches up to `durable` had been synced before.
    case current(batch: UInt32, durable: UInt32)
}

/// What makes the sectors of a segment unlike those of every other one.
struct SectorKey: Equatable {
    let trailer: UInt32
    private let seed: UInt32

    init(identity: UInt32, sequence: UInt32) {
        trailer = Sector.trailer(of: sequence)
        seed = Sector.chain(identity, adding: sequence)
    }

    /// The checksum of the sector that starts at `offset` of `bytes`, as the segment's `number`-th.
    /// It leaves the trailer out, so that a sector of which only that is wrong is still good.
    func checksum(of bytes: Bytes, at offset: Int, number: Int) -> UInt32 {
        var checksum = CRC32C(continuing: seed ^ UInt32(truncatingIfNeeded: number))
        checksum.update(bytes, in: offset + 4..<offset + Sector.trailerOffset)
        return checksum.value
    }

    /// What the `number`-th sector is; what lies behind the end of the file is absent.
    func state(of number: Int, in bytes: Bytes) -> SectorState {
        let offset = number * Sector.sizeBytes
        guard offset + Sector.sizeBytes <= bytes.count else { return .absent }
        let batch = bytes.word(at: offset + 4)
        // Batches are counted from 1: in empty sectors there is nothing to be checked.
        if batch > 0, bytes.word(at: offset) == checksum(of: bytes, at: offset, number: number) {
            return .current(batch: batch, durable: bytes.word(at: offset + 8))
        }
        let found = bytes.word(at: offset + Sector.trailerOffset)
        let isOld = found == 0 || (Sector.isTrailer(found) && found >> 4 < trailer >> 4)
        return isOld ? .absent : .damaged
    }
}

extension [UInt8] {
    /// The little-endian word at `offset`.
    func word(at offset: Int) -> UInt32 {
        UInt32(self[offset]) | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2]) << 16
            | UInt32(self[offset + 3]) << 24
    }

    /// Replaces the four bytes at `offset` by a little-endian word.
    mutating func setWord(_ word: UInt32, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: word)
        self[offset + 1] = UInt8(truncatingIfNeeded: word >> 8)
        self[offset + 2] = UInt8(truncatingIfNeeded: word >> 16)
        self[offset + 3] = UInt8(truncatingIfNeeded: word >> 24)
    }
}
