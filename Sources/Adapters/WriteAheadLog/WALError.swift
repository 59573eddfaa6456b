package import Environment
package import Primitives

/// Why a log cannot be opened, or cannot go on.
package enum WALError: Error, Equatable, Sendable {
    /// A disk operation failed. The log refuses all further work: what a failed sync or write
    /// left on the disk is not known.
    case disk(DiskError)
    /// The bytes of `path` at `offset` are not what was written there, and no crash explains it.
    case damaged(path: String, offset: Int, Damage)
    /// The file belongs to another cluster or member; these are the ones it names.
    case foreign(path: String, offset: Int, clusterID: UInt64, memberID: UInt64)
    /// The file is of a format version that this build does not know.
    case unsupportedVersion(path: String, offset: Int, version: UInt32)
    /// The segment of this sequence number was there and is gone.
    case missingSegment(directory: String, sequence: UInt32)
    /// Two files claim the same place in the log.
    case duplicateSegment(path: String, sequence: UInt32)
    /// An entry is larger than the format allows.
    case entryTooLarge(index: LogIndex, sizeBytes: Int)

    /// What is wrong with the bytes.
    package enum Damage: Sendable, Equatable {
        /// They do not fit their checksum.
        case checksum
        /// The file is no log segment.
        case magic
        /// The file was cut short, and what is missing may have counted.
        case truncated
        /// The header says something impossible, or something else than the file's name.
        case header
        /// A sector is not there although later ones prove that it had been synced.
        case lostSector
        /// Batches do not follow one another.
        case order
        /// A record is of an unknown type, or not as its type demands.
        case record
        /// A record, or the next segment, contradicts what came before.
        case contradiction
    }
}

extension WALError: CustomStringConvertible {
    /// One sentence with the file and the place, for operators.
    package var description: String {
        switch self {
        case .disk(let error):
            return "log: \(error)"
        case .damaged(let path, let offset, let damage):
            return "log segment \(path) is damaged at offset \(offset): \(damage)"
        case .foreign(let path, let offset, let clusterID, let memberID):
            return "log segment \(path) at offset \(offset): belongs to cluster "
                + "\(String(clusterID, radix: 16)), member \(String(memberID, radix: 16))"
        case .unsupportedVersion(let path, let offset, let version):
            return "log segment \(path) at offset \(offset): format version \(version) "
                + "is not supported"
        case .missingSegment(let directory, let sequence):
            return "log folder \(directory): segment \(sequence) is missing"
        case .duplicateSegment(let path, let sequence):
            return "log segment \(path): another file is segment \(sequence) as well"
        case .entryTooLarge(let index, let sizeBytes):
            return "log entry \(index) of \(sizeBytes) bytes is too large"
        }
    }
}

extension WALError.Damage: CustomStringConvertible {
    /// What is wrong, in words.
    package var description: String {
        switch self {
        case .checksum: "the bytes do not fit their checksum"
        case .magic: "this is no log segment"
        case .truncated: "the file ends here, too early"
        case .header: "the header is impossible or does not fit the file's name"
        case .lostSector: "a synced sector is not there any more"
        case .order: "the batches do not follow one another"
        case .record: "a record is of an unknown type or malformed"
        case .contradiction: "it contradicts what comes before it"
        }
    }
}
