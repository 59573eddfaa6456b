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

extension LoadError: CustomStringConvertible {
    /// One sentence for operators.
    public var description: String {
        switch self {
        case .damaged(let table, let key, let error):
            let digits = key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            return "the backend's table \(table) is damaged at key \(digits.joined()): \(error)"
        case .unknownFormat(let version):
            return "the backend has format \(version), which this version does not know"
        case .missingFormat: return "the backend holds data but does not say in which format"
        case .unknownLease(let lease, let key):
            return "the backend attaches key \(String(decoding: key, as: UTF8.self)) to lease "
                + "\(String(lease.rawValue, radix: 16)), which is not there"
        case .compactedBeyondRevision(let compacted, let newest):
            return "the backend is compacted to revision \(compacted), but ends at \(newest)"
        case .recordBeyondRevision(let record, let newest):
            return "the backend has a record of revision \(record.main), but ends at \(newest)"
        }
    }
}
