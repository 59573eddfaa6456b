internal import Environment
internal import Primitives
internal import StoreModel

/// The names of the meta table (docs/formats/backend.md).
enum MetaKey {
    static let format = Bytes("format".utf8)
    static let applied = Bytes("applied".utf8)
    static let membership = Bytes("membership".utf8)
    static let revision = Bytes("revision".utf8)
    static let compaction = Bytes("compaction".utf8)
    static let alarms = Bytes("alarms".utf8)
    static let deadPrefix = Bytes("dead".utf8)

    /// Where the compacted records of a block are listed that the block still has.
    static func dead(_ block: RecordID) -> Bytes { deadPrefix + block.encoded }
}

/// The parts of the state that are single values.
struct Meta: Equatable {
    /// How the tables are laid out.
    static let format: UInt8 = 1

    /// The last entry applied.
    var appliedIndex = LogIndex.zero
    var appliedTerm = Term.zero
    /// Set by the engine; opaque here.
    var membershipRecord: Bytes = []
    /// A new store is at 1, as in etcd.
    var revision = Revision(1)
    /// Older revisions cannot be read; zero before the first compaction.
    var compactRevision = Revision.zero
    /// Up to where the compaction's work is done.
    var sweptRevision = Revision.zero
    /// Sorted.
    var alarms: [Alarm] = []

    /// Puts what differs from `saved` into a batch.
    func write(into batch: inout BackendBatch, saved: Meta, savesApplied: Bool = true) {
        if saved.appliedIndex == .zero {
            batch.put(.meta, key: MetaKey.format, value: [Self.format])
        }
        if savesApplied, saved.appliedIndex != appliedIndex || saved.appliedTerm != appliedTerm {
            writeApplied(into: &batch)
        }
        if saved.membershipRecord != membershipRecord {
            batch.put(.meta, key: MetaKey.membership, value: membershipRecord)
        }
        if saved.revision != revision {
            var writer = ByteWriter(capacity: 8)
            writer.write(revision.rawValue)
            batch.put(.meta, key: MetaKey.revision, value: writer.bytes)
        }
        if saved.compactRevision != compactRevision || saved.sweptRevision != sweptRevision {
            var writer = ByteWriter(capacity: 16)
            writer.write(compactRevision.rawValue)
            writer.write(sweptRevision.rawValue)
            batch.put(.meta, key: MetaKey.compaction, value: writer.bytes)
        }
        if saved.alarms != alarms {
            batch.put(.meta, key: MetaKey.alarms, value: encodedAlarms())
        }
    }

    /// Puts the last entry applied into a batch.
    func writeApplied(into batch: inout BackendBatch) {
        var writer = ByteWriter(capacity: 16)
        writer.write(appliedIndex.rawValue)
        writer.write(appliedTerm.rawValue)
        batch.put(.meta, key: MetaKey.applied, value: writer.bytes)
    }

    private func encodedAlarms() -> Bytes {
        var writer = ByteWriter(capacity: 4 + 9 * alarms.count)
        writer.write(UInt32(alarms.count))
        for alarm in alarms {
            writer.write(alarm.member.rawValue)
            writer.write(alarm.kind.rawValue)
        }
        return writer.bytes
    }

    /// Reads the values of a view; as new where it has none.
    init(from view: any BackendView) throws(LoadError) {
        self.init()
        let format: UInt8? = try Self.read(MetaKey.format, of: view) {
            reader throws(DecodingError) in try reader.read(UInt8.self)
        }
        guard let format else {
            let isEmpty = BackendTable.allCases.allSatisfy { view.count($0) == 0 }
            guard isEmpty else { throw .missingFormat }
            return
        }
        guard format == Self.format else { throw .unknownFormat(format) }
        try readPosition(of: view)
        try readRevisions(of: view)
        alarms =
            try Self.read(MetaKey.alarms, of: view) {
                reader throws(DecodingError) in try Self.readAlarms(&reader)
            } ?? []
    }

    /// As new.
    init() {}

    private mutating func readPosition(of view: any BackendView) throws(LoadError) {
        let applied = try Self.read(MetaKey.applied, of: view) {
            reader throws(DecodingError) in
            (LogIndex(try reader.read()), Term(try reader.read()))
        }
        if let applied { (appliedIndex, appliedTerm) = applied }
        membershipRecord =
            try Self.read(MetaKey.membership, of: view) {
                reader throws(DecodingError) in try reader.read(count: reader.remaining)
            } ?? []
    }

    private mutating func readRevisions(of view: any BackendView) throws(LoadError) {
        let newest = try Self.read(MetaKey.revision, of: view) {
            reader throws(DecodingError) in Revision(try reader.read())
        }
        if let newest { revision = newest }
        let compaction = try Self.read(MetaKey.compaction, of: view) {
            reader throws(DecodingError) in
            (Revision(try reader.read()), Revision(try reader.read()))
        }
        if let compaction { (compactRevision, sweptRevision) = compaction }
        guard revision >= Revision(1) else {
            throw .damaged(.meta, key: MetaKey.revision, .invalid(field: "revision", offset: 0))
        }
        guard sweptRevision >= .zero, sweptRevision <= compactRevision else {
            throw .damaged(.meta, key: MetaKey.compaction, .invalid(field: "swept", offset: 8))
        }
    }

    private static func readAlarms(_ reader: inout ByteReader) throws(DecodingError) -> [Alarm] {
        let count = try reader.readCount(minimumSize: 9)
        var alarms: [Alarm] = []
        for _ in 0..<count {
            let member = PeerID(try reader.read())
            let offset = reader.offset
            guard let kind = Alarm.Kind(rawValue: try reader.read()) else {
                throw .invalid(field: "alarm kind", offset: offset)
            }
            alarms.append(Alarm(member: member, kind: kind))
        }
        guard alarms == alarms.sorted() else { throw .invalid(field: "alarm order", offset: 4) }
        return alarms
    }

    /// Reads one value completely; nil if it is not there.
    private static func read<Value>(
        _ key: Bytes, of view: any BackendView,
        _ body: (inout ByteReader) throws(DecodingError) -> Value
    ) throws(LoadError) -> Value? {
        guard let bytes = view.withValue(.meta, key, { copy($0) }) else {
            return nil
        }
        do throws(DecodingError) {
            var reader = ByteReader(bytes)
            let value = try body(&reader)
            try reader.finish()
            return value
        } catch {
            throw .damaged(.meta, key: key, error)
        }
    }
}
