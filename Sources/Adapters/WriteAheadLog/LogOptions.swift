package import Primitives

/// What a log is told once.
package struct LogOptions: Sendable {
    /// Size of a segment file in bytes; rounded up to whole sectors, at least 4 KiB. A segment
    /// for a single batch that would not fit is as large as it must be.
    package var segmentBytes: Int
    /// The cluster whose log it is; a log of another one is refused.
    package var clusterID: UInt64
    /// The member whose log it is; a log of another one is refused.
    package var memberID: UInt64
    /// A deliberate bug; only simulator builds honour it.
    package var mutation: Mutation?

    /// Describes a log.
    package init(
        segmentBytes: Int, clusterID: UInt64, memberID: UInt64, mutation: Mutation? = nil
    ) {
        self.segmentBytes = segmentBytes
        self.clusterID = clusterID
        self.memberID = memberID
        self.mutation = mutation
    }

    /// What a segment file normally takes.
    var standardSizeBytes: Int {
        let sectors = (max(segmentBytes, 4_096) + Sector.sizeBytes - 1) / Sector.sizeBytes
        return sectors * Sector.sizeBytes
    }

    /// Goes into every checksum, so that no sector of another log is taken for one of this.
    var identity: UInt32 {
        var writer = ByteWriter(capacity: 16)
        writer.write(clusterID)
        writer.write(memberID)
        return CRC32C.checksum(of: writer.bytes)
    }
}
