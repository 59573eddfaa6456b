internal import Primitives
package import StoreModel
package import Wire

// Answers of etcd's KV and watch services as a client reads them. The header is read apart
// (`WireHeader.ofAnswer`).

extension KeyValue {
    /// Reads mvccpb.KeyValue.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init(
            key: [], value: [], createRevision: .zero, modRevision: .zero, version: 0,
            lease: .zero)
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: key = try reader.readBytes()
            case 2: createRevision = Revision(try reader.int64())
            case 3: modRevision = Revision(try reader.int64())
            case 4: version = try reader.int64()
            case 5: value = try reader.readBytes()
            case 6: lease = LeaseID(try reader.int64())
            default: try reader.skip()
            }
        }
    }
}

extension Event {
    /// Reads mvccpb.Event.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for a kind that does not exist.
    package init(decoding message: ProtobufReader) throws {
        var number: UInt64 = 0
        var keyValue: KeyValue?
        var previous: KeyValue?
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: number = try reader.uint64()
            case 2: keyValue = try KeyValue(decoding: try reader.message())
            case 3: previous = try KeyValue(decoding: try reader.message())
            default: try reader.skip()
            }
        }
        guard let kind = Kind(rawValue: UInt8(clamping: number)), let keyValue else {
            throw GRPCStatus(.internal, "an event without kind or key")
        }
        self.init(kind: kind, keyValue: keyValue, previous: previous)
    }
}

extension RangeResponse {
    /// Reads etcdserverpb.RangeResponse.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: keyValues.append(try KeyValue(decoding: try reader.message()))
            case 3: hasMore = try reader.bool()
            case 4: count = try reader.int64()
            default: try reader.skip()
            }
        }
    }
}

extension DeleteRangeResponse {
    /// Reads etcdserverpb.DeleteRangeResponse.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: deleted = try reader.int64()
            case 3: previous.append(try KeyValue(decoding: try reader.message()))
            default: try reader.skip()
            }
        }
    }
}

/// etcdserverpb.PutResponse.
package enum WirePutResponse {
    /// Writes the field behind the header.
    package static func encode(_ previous: KeyValue?, into writer: inout ProtobufWriter) {
        previous?.encode(2, into: &writer)
    }

    /// The version before, if the answer has it.
    /// - Throws: `ProtobufError`.
    package static func previous(_ message: ProtobufReader) throws -> KeyValue? {
        var previous: KeyValue?
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 2 else { return false }
            previous = try KeyValue(decoding: try reader.message())
            return true
        }
        return previous
    }
}

extension TransactionResponse {
    /// Levels of nesting that are read.
    private static let depthMax = 32

    /// Reads etcdserverpb.TxnResponse.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader, depth: Int = 0) throws {
        guard depth < Self.depthMax else { throw ProtobufError.nestedTooDeep }
        self.init(succeeded: false)
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: succeeded = try reader.bool()
            case 3:
                if let part = try Self.part(try reader.message(), depth) { parts.append(part) }
            default: try reader.skip()
            }
        }
    }

    private static func part(_ message: ProtobufReader, _ depth: Int) throws -> Part? {
        var part: Part?
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: part = .range(try RangeResponse(decoding: try reader.message()))
            case 2: part = .put(try WirePutResponse.previous(try reader.message()))
            case 3: part = .deleteRange(try DeleteRangeResponse(decoding: try reader.message()))
            case 4:
                part = .transaction(
                    try TransactionResponse(decoding: try reader.message(), depth: depth + 1))
            default: try reader.skip()
            }
        }
        return part
    }
}

extension WatchDelivery {
    /// Reads etcdserverpb.WatchResponse, on the stream that the caller names.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for an event that is none.
    package init(decoding message: ProtobufReader, stream: WatchStreamID) throws {
        var header = WireHeader()
        var watchID: Int64 = 0
        var (isCreated, isCancelled, hasMoreFragments) = (false, false, false)
        var compactRevision: Int64 = 0
        var reason = ""
        var events: [Event] = []
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: header = try WireHeader(decoding: try reader.message())
            case 2: watchID = try reader.int64()
            case 3: isCreated = try reader.bool()
            case 4: isCancelled = try reader.bool()
            case 5: compactRevision = try reader.int64()
            case 6: reason = try reader.text()
            case 7: hasMoreFragments = try reader.bool()
            case 11: events.append(try Event(decoding: try reader.message()))
            default: try reader.skip()
            }
        }
        let body: Body
        if isCancelled {
            body = .cancelled(compactRevision: Revision(compactRevision), reason: reason)
        } else if isCreated {
            body = .created
        } else if events.isEmpty, !hasMoreFragments {
            body = .progress
        } else {
            body = .events(events, hasMoreFragments: hasMoreFragments)
        }
        self.init(
            stream: stream, watchID: watchID, revision: Revision(header.revision), body: body)
    }
}
