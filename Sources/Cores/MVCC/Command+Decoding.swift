internal import Primitives
internal import StoreModel

extension ByteReader {
    /// Transactions within transactions that are read; more are refused, so that bytes cannot
    /// exhaust the stack. Far above what `StoreLimits` allows.
    private static let depthMax = 64

    /// Reads what `ByteWriter.write(_ command:)` wrote, or a build that wrote the older `version`.
    mutating func readCommand(version: UInt8) throws(DecodingError) -> Command {
        let start = offset
        guard let tag = Command.Tag(rawValue: try read()) else {
            throw .invalid(field: "command", offset: start)
        }
        switch tag {
        case .put: return .put(try readPut())
        case .deleteRange: return .deleteRange(try readDeleteRange())
        case .transaction: return .transaction(try readTransaction(depth: 0))
        case .compact: return .compact(Revision(try read()))
        case .leaseGrant: return .leaseGrant(LeaseID(try read()), ttlSeconds: try read())
        case .leaseRevoke: return .leaseRevoke(LeaseID(try read()))
        case .leaseExpire:
            let (term, asOf) = try readClock(version)
            return .leaseExpire(
                try readList(minimumSize: 8) { (reader) throws(DecodingError) in
                    LeaseID(try reader.read())
                }, term: term, asOf: asOf)
        case .leaseCheckpoint:
            let (term, asOf) = try readClock(version)
            return .leaseCheckpoint(
                try readList(minimumSize: 16) { (reader) throws(DecodingError) in
                    LeaseCheckpoint(
                        id: LeaseID(try reader.read()), remainingSeconds: try reader.read())
                }, term: term, asOf: asOf)
        case .activateAlarm: return .activateAlarm(try readAlarm())
        case .deactivateAlarm: return .deactivateAlarm(try readAlarm())
        case .setMember:
            let id = PeerID(try read())
            let isKnown = try readFlag("attributes")
            return .setMember(id, isKnown ? try MemberAttributes(from: &self) : nil)
        }
    }

    /// Whose clock it was, and which leases it knew: version 1 did not say, and meant any.
    private mutating func readClock(_ version: UInt8) throws(DecodingError) -> (Term, LogIndex) {
        (Term(try read()), version == 1 ? LogIndex(.max) : LogIndex(try read()))
    }

    private mutating func readList<Element>(
        minimumSize: Int, _ readElement: (inout ByteReader) throws(DecodingError) -> Element
    ) throws(DecodingError) -> [Element] {
        let count = try readCount(minimumSize: minimumSize)
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try readElement(&self)) }
        return list
    }

    private mutating func readFlags(_ known: UInt8) throws(DecodingError) -> UInt8 {
        let start = offset
        let flags = try read(UInt8.self)
        guard flags & ~known == 0 else { throw .invalid(field: "flags", offset: start) }
        return flags
    }

    private mutating func readAlarm() throws(DecodingError) -> Alarm {
        let member = PeerID(try read())
        let start = offset
        guard let kind = Alarm.Kind(rawValue: try read()) else {
            throw .invalid(field: "alarm kind", offset: start)
        }
        return Alarm(member: member, kind: kind)
    }

    private mutating func readRange() throws(DecodingError) -> KeyRange {
        KeyRange(key: try readCounted(), end: try readCounted())
    }

    private mutating func readPut() throws(DecodingError) -> PutRequest {
        let flags = try readFlags(7)
        let lease = LeaseID(try read())
        return PutRequest(
            key: try readCounted(), value: try readCounted(), lease: lease,
            wantsPrevious: flags & 1 != 0, ignoresValue: flags & 2 != 0,
            ignoresLease: flags & 4 != 0)
    }

    private mutating func readDeleteRange() throws(DecodingError) -> DeleteRangeRequest {
        let wantsPrevious = try readFlag("wants previous")
        return DeleteRangeRequest(try readRange(), wantsPrevious: wantsPrevious)
    }

    private mutating func readRangeRequest() throws(DecodingError) -> RangeRequest {
        let flags = try readFlags(3)
        let start = offset
        guard let order = RangeRequest.SortOrder(rawValue: try read()),
            let target = RangeRequest.SortTarget(rawValue: try read())
        else { throw .invalid(field: "sort", offset: start) }
        var request = RangeRequest(KeyRange(key: []))
        request.isKeysOnly = flags & 1 != 0
        request.isCountOnly = flags & 2 != 0
        request.sortOrder = order
        request.sortTarget = target
        request.limit = try read()
        request.revision = Revision(try read())
        request.minModRevision = Revision(try read())
        request.maxModRevision = Revision(try read())
        request.minCreateRevision = Revision(try read())
        request.maxCreateRevision = Revision(try read())
        request.range = try readRange()
        return request
    }

    private mutating func readTransaction(depth: Int) throws(DecodingError) -> TransactionRequest {
        guard depth <= Self.depthMax else {
            throw .invalid(field: "transaction depth", offset: offset)
        }
        let readOperation = { (reader: inout ByteReader) throws(DecodingError) in
            try reader.readOperation(depth: depth)
        }
        let compares = try readList(minimumSize: 14) { (reader) throws(DecodingError) in
            try reader.readCompare()
        }
        return TransactionRequest(
            compares: compares,
            success: try readList(minimumSize: 10, readOperation),
            failure: try readList(minimumSize: 10, readOperation))
    }

    private mutating func readCompare() throws(DecodingError) -> Compare {
        let start = offset
        guard let relation = Compare.Relation(rawValue: try read()) else {
            throw .invalid(field: "relation", offset: start)
        }
        let operand: Compare.Operand
        switch try read(UInt8.self) {
        case 0: operand = .version(try read())
        case 1: operand = .create(Revision(try read()))
        case 2: operand = .mod(Revision(try read()))
        case 3: operand = .value(try readCounted())
        case 4: operand = .lease(LeaseID(try read()))
        default: throw .invalid(field: "operand", offset: start + 1)
        }
        return Compare(try readRange(), relation, operand)
    }

    private mutating func readOperation(depth: Int) throws(DecodingError) -> TransactionOperation {
        let start = offset
        let tag = try read(UInt8.self)
        if tag == 0 { return .range(try readRangeRequest()) }
        switch Command.Tag(rawValue: tag) {
        case .put: return .put(try readPut())
        case .deleteRange: return .deleteRange(try readDeleteRange())
        case .transaction: return .transaction(try readTransaction(depth: depth + 1))
        default: throw .invalid(field: "operation", offset: start)
        }
    }
}
