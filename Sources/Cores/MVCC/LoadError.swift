public import Environment
public import Primitives
public import StoreModel

/// Why a backend cannot be the start of a state machine. Nothing was changed.
public enum LoadError: Error, Equatable, Sendable {
    /// The entry of a table says something impossible.
    case damaged(BackendTable, key: Bytes, DecodingError)
    /// The tables are laid out as this build does not know.
    case unknownFormat(UInt8)
    /// There is data, but nothing says how it is laid out.
    case missingFormat
    /// A key is attached to a lease that is not there.
    case unknownLease(LeaseID, key: Bytes)
    /// More is compacted than there is.
    case compactedBeyondRevision(Revision, newest: Revision)
    /// A record is newer than the newest revision.
    case recordBeyondRevision(RecordID, newest: Revision)
}
