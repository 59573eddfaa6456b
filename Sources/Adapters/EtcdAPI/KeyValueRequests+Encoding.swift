package import StoreModel
package import Wire

// Requests of etcd's KV service as a client writes them.

extension RangeRequest {
    /// Writes etcdserverpb.RangeRequest.
    package func encode(isSerializable: Bool, into writer: inout ProtobufWriter) {
        writer.write(1, range.key)
        writer.write(2, range.end)
        writer.write(3, limit)
        writer.write(4, revision.rawValue)
        writer.write(5, UInt64(sortOrder.rawValue))
        writer.write(6, UInt64(sortTarget.rawValue))
        writer.write(7, isSerializable)
        writer.write(8, isKeysOnly)
        writer.write(9, isCountOnly)
        writer.write(10, minModRevision.rawValue)
        writer.write(11, maxModRevision.rawValue)
        writer.write(12, minCreateRevision.rawValue)
        writer.write(13, maxCreateRevision.rawValue)
    }
}

extension PutRequest {
    /// Writes etcdserverpb.PutRequest.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, key)
        writer.write(2, value)
        writer.write(3, lease.rawValue)
        writer.write(4, wantsPrevious)
        writer.write(5, ignoresValue)
        writer.write(6, ignoresLease)
    }
}

extension DeleteRangeRequest {
    /// Writes etcdserverpb.DeleteRangeRequest.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, range.key)
        writer.write(2, range.end)
        writer.write(3, wantsPrevious)
    }
}

extension Compare {
    /// Writes etcdserverpb.Compare as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field, estimate: 64) { writer in
            writer.write(1, UInt64(relation.rawValue))
            switch operand {
            case .version(let version):
                writer.write(3, range.key)
                writer.write(4, version)
            case .create(let revision):
                writer.write(2, 1 as UInt64)
                writer.write(3, range.key)
                writer.write(5, revision.rawValue)
            case .mod(let revision):
                writer.write(2, 2 as UInt64)
                writer.write(3, range.key)
                writer.write(6, revision.rawValue)
            case .value(let value):
                writer.write(2, 3 as UInt64)
                writer.write(3, range.key)
                writer.writeEvenIfEmpty(7, value)
            case .lease(let lease):
                writer.write(2, 4 as UInt64)
                writer.write(3, range.key)
                writer.write(8, lease.rawValue)
            }
            writer.write(64, range.end)
        }
    }
}

extension TransactionRequest {
    /// Writes etcdserverpb.TxnRequest.
    package func encode(into writer: inout ProtobufWriter) {
        for compare in compares { compare.encode(1, into: &writer) }
        for operation in success { operation.encode(2, into: &writer) }
        for operation in failure { operation.encode(3, into: &writer) }
    }
}

extension TransactionOperation {
    /// Writes etcdserverpb.RequestOp as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field, estimate: 128) { writer in
            switch self {
            case .range(let request):
                writer.message(1, estimate: 64) {
                    request.encode(isSerializable: false, into: &$0)
                }
            case .put(let request):
                let estimate = request.key.count + request.value.count + 16
                writer.message(2, estimate: estimate) { request.encode(into: &$0) }
            case .deleteRange(let request):
                writer.message(3, estimate: 64) { request.encode(into: &$0) }
            case .transaction(let request):
                writer.message(4, estimate: 128) { request.encode(into: &$0) }
            }
        }
    }
}
