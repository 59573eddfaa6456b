internal import Primitives
package import StoreModel
package import Wire

// Answers of etcd's KV service, written from the store's own types.

/// The header of every answer (etcdserverpb.ResponseHeader).
package struct WireHeader: Sendable, Equatable {
    /// The cluster that answers.
    package var clusterID: UInt64
    /// The member that answers.
    package var memberID: UInt64
    /// The store's revision when the answer was made.
    package var revision: Int64
    /// The member's Raft term.
    package var term: UInt64

    /// Makes a header.
    package init(
        clusterID: UInt64 = 0, memberID: UInt64 = 0, revision: Int64 = 0, term: UInt64 = 0
    ) {
        self.clusterID = clusterID
        self.memberID = memberID
        self.revision = revision
        self.term = term
    }

    /// Writes it as the field `1` of an answer.
    package func encode(into writer: inout ProtobufWriter) {
        writer.message(1, estimate: 32) { writer in
            writer.write(1, clusterID)
            writer.write(2, memberID)
            writer.write(3, revision)
            writer.write(4, term)
        }
    }
}

extension KeyValue {
    /// Writes mvccpb.KeyValue as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field, estimate: key.count + value.count + 24) { writer in
            writer.write(1, key)
            writer.write(2, createRevision.rawValue)
            writer.write(3, modRevision.rawValue)
            writer.write(4, version)
            writer.write(5, value)
            writer.write(6, lease.rawValue)
        }
    }
}

extension Event {
    /// Writes mvccpb.Event as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        let previousBytes = previous.map { $0.key.count + $0.value.count + 24 } ?? 0
        let estimate = keyValue.key.count + keyValue.value.count + 28 + previousBytes
        writer.message(field, estimate: estimate) { writer in
            writer.write(1, UInt64(kind.rawValue))
            keyValue.encode(2, into: &writer)
            previous?.encode(3, into: &writer)
        }
    }
}

extension RangeResponse {
    /// Writes the fields of etcdserverpb.RangeResponse behind the header.
    package func encode(into writer: inout ProtobufWriter) {
        for keyValue in keyValues { keyValue.encode(2, into: &writer) }
        writer.write(3, hasMore)
        writer.write(4, count)
    }

    /// About how many bytes that takes.
    package var estimatedBytes: Int {
        keyValues.reduce(64) { $0 + $1.key.count + $1.value.count + 32 }
    }
}

extension DeleteRangeResponse {
    /// Writes the fields of etcdserverpb.DeleteRangeResponse behind the header.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(2, deleted)
        for keyValue in previous { keyValue.encode(3, into: &writer) }
    }
}

extension TransactionResponse {
    /// Writes the fields of etcdserverpb.TxnResponse behind the header. As in etcd, the answers
    /// inside carry the revision in a header of their own.
    package func encode(into writer: inout ProtobufWriter, revision: Int64) {
        let inner = WireHeader(revision: revision)
        writer.write(2, succeeded)
        for part in parts {
            writer.message(3, estimate: 128) { writer in
                switch part {
                case .range(let response):
                    writer.message(1, estimate: response.estimatedBytes) { writer in
                        inner.encode(into: &writer)
                        response.encode(into: &writer)
                    }
                case .put(let previous):
                    writer.message(2) { writer in
                        inner.encode(into: &writer)
                        previous?.encode(2, into: &writer)
                    }
                case .deleteRange(let response):
                    writer.message(3) { writer in
                        inner.encode(into: &writer)
                        response.encode(into: &writer)
                    }
                case .transaction(let response):
                    writer.message(4, estimate: 128) { writer in
                        inner.encode(into: &writer)
                        response.encode(into: &writer, revision: revision)
                    }
                }
            }
        }
    }
}
