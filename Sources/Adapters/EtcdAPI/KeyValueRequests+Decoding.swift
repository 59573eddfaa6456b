package import StoreModel
package import Wire
internal import Primitives

// Requests of etcd's KV service, read from the wire straight into the store's own types.

/// etcd's texts for requests that are wrong whatever the store holds.
enum RequestFault {
    static let sortOption = GRPCStatus(.invalidArgument, "etcdserver: invalid sort option")
    static let nesting = GRPCStatus(.invalidArgument, "etcdserver: transactions nested too deeply")
}

extension RangeRequest {
    /// Reads etcdserverpb.RangeRequest.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for an unknown sort option.
    package static func decode(
        _ message: ProtobufReader
    ) throws -> (request: RangeRequest, isSerializable: Bool) {
        var reader = message
        var request = RangeRequest(KeyRange(key: []))
        var isSerializable = false
        while let field = try reader.nextField() {
            switch field {
            case 1: request.range.key = try reader.readBytes()
            case 2: request.range.end = try reader.readBytes()
            case 3: request.limit = try reader.int64()
            case 4: request.revision = Revision(try reader.int64())
            case 5:
                guard let order = SortOrder(rawValue: UInt8(clamping: try reader.uint64())) else {
                    throw RequestFault.sortOption
                }
                request.sortOrder = order
            case 6:
                guard let target = SortTarget(rawValue: UInt8(clamping: try reader.uint64()))
                else { throw RequestFault.sortOption }
                request.sortTarget = target
            case 7: isSerializable = try reader.bool()
            case 8: request.isKeysOnly = try reader.bool()
            case 9: request.isCountOnly = try reader.bool()
            case 10: request.minModRevision = Revision(try reader.int64())
            case 11: request.maxModRevision = Revision(try reader.int64())
            case 12: request.minCreateRevision = Revision(try reader.int64())
            case 13: request.maxCreateRevision = Revision(try reader.int64())
            default: try reader.skip()
            }
        }
        return (request, isSerializable)
    }
}

extension PutRequest {
    /// Reads etcdserverpb.PutRequest.
    /// - Throws: `ProtobufError`.
    package static func decode(_ message: ProtobufReader) throws -> PutRequest {
        var reader = message
        var request = PutRequest(key: [], value: [])
        while let field = try reader.nextField() {
            switch field {
            case 1: request.key = try reader.readBytes()
            case 2: request.value = try reader.readBytes()
            case 3: request.lease = LeaseID(try reader.int64())
            case 4: request.wantsPrevious = try reader.bool()
            case 5: request.ignoresValue = try reader.bool()
            case 6: request.ignoresLease = try reader.bool()
            default: try reader.skip()
            }
        }
        return request
    }
}

extension DeleteRangeRequest {
    /// Reads etcdserverpb.DeleteRangeRequest.
    /// - Throws: `ProtobufError`.
    package static func decode(_ message: ProtobufReader) throws -> DeleteRangeRequest {
        var reader = message
        var request = DeleteRangeRequest(KeyRange(key: []))
        while let field = try reader.nextField() {
            switch field {
            case 1: request.range.key = try reader.readBytes()
            case 2: request.range.end = try reader.readBytes()
            case 3: request.wantsPrevious = try reader.bool()
            default: try reader.skip()
            }
        }
        return request
    }
}

extension TransactionRequest {
    /// Levels of nesting that are read at all; the store's own limit is lower.
    private static let depthMax = 32

    /// Reads etcdserverpb.TxnRequest.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for an unknown sort option or too much nesting.
    package static func decode(
        _ message: ProtobufReader, depth: Int = 0
    ) throws -> TransactionRequest {
        guard depth < depthMax else { throw RequestFault.nesting }
        var reader = message
        var request = TransactionRequest()
        while let field = try reader.nextField() {
            switch field {
            case 1: request.compares.append(try Compare.decode(try reader.message()))
            case 2:
                if let operation = try operation(try reader.message(), depth) {
                    request.success.append(operation)
                }
            case 3:
                if let operation = try operation(try reader.message(), depth) {
                    request.failure.append(operation)
                }
            default: try reader.skip()
            }
        }
        return request
    }

    /// Whether a transaction that only reads may be answered from this member's own state: all its
    /// operations are ranges that say so (etcd).
    /// - Throws: `ProtobufError`.
    package static func isSerializable(_ message: ProtobufReader) throws -> Bool {
        var reader = message
        while let field = try reader.nextField() {
            guard field == 2 || field == 3 else {
                try reader.skip()
                continue
            }
            var operation = try reader.message()
            var isSerializable = false
            while let kind = try operation.nextField() {
                guard kind == 1 else {
                    try operation.skip()
                    continue
                }
                isSerializable = try RangeRequest.decode(try operation.message()).isSerializable
            }
            guard isSerializable else { return false }
        }
        return true
    }

    /// An operation without content has no effect and no answer of its own, as in etcd.
    private static func operation(
        _ message: ProtobufReader, _ depth: Int
    ) throws -> TransactionOperation? {
        var reader = message
        var operation: TransactionOperation?
        while let field = try reader.nextField() {
            switch field {
            case 1: operation = .range(try RangeRequest.decode(try reader.message()).request)
            case 2: operation = .put(try PutRequest.decode(try reader.message()))
            case 3: operation = .deleteRange(try DeleteRangeRequest.decode(try reader.message()))
            case 4:
                operation = .transaction(
                    try TransactionRequest.decode(try reader.message(), depth: depth + 1))
            default: try reader.skip()
            }
        }
        return operation
    }
}

extension Compare {
    /// Reads etcdserverpb.Compare. A missing operand is the zero of its kind.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for an unknown target or result.
    package static func decode(_ message: ProtobufReader) throws -> Compare {
        var reader = message
        var range = KeyRange(key: [])
        var relation = UInt64(0)
        var target = UInt64(0)
        var numbers: [Int: Int64] = [:]
        var value: Bytes = []
        while let field = try reader.nextField() {
            switch field {
            case 1: relation = try reader.uint64()
            case 2: target = try reader.uint64()
            case 3: range.key = try reader.readBytes()
            case 4, 5, 6, 8: numbers[field] = try reader.int64()
            case 7: value = try reader.readBytes()
            case 64: range.end = try reader.readBytes()
            default: try reader.skip()
            }
        }
        guard let relation = Relation(rawValue: UInt8(clamping: relation)) else {
            throw GRPCStatus(.invalidArgument, "etcdserver: unknown compare result")
        }
        let operand: Operand
        switch target {
        case 0: operand = .version(numbers[4] ?? 0)
        case 1: operand = .create(Revision(numbers[5] ?? 0))
        case 2: operand = .mod(Revision(numbers[6] ?? 0))
        case 3: operand = .value(value)
        case 4: operand = .lease(LeaseID(numbers[8] ?? 0))
        default: throw GRPCStatus(.invalidArgument, "etcdserver: unknown compare target")
        }
        return Compare(range, relation, operand)
    }
}
