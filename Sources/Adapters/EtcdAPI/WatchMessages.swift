internal import Primitives
package import StoreModel
package import Wire

/// What a client says on a watch stream (etcdserverpb.WatchRequest).
package enum WireWatchRequest: Sendable, Equatable {
    case create(WatchRequest)
    case cancel(watchID: Int64)
    case progress

    /// Reads a request; nil if it says nothing.
    /// - Throws: `ProtobufError`.
    package static func decode(_ message: ProtobufReader) throws -> WireWatchRequest? {
        var reader = message
        var request: WireWatchRequest?
        while let field = try reader.nextField() {
            switch field {
            case 1: request = .create(try create(try reader.message()))
            case 2: request = .cancel(watchID: try watchID(try reader.message()))
            case 3:
                try reader.skip()
                request = .progress
            default: try reader.skip()
            }
        }
        return request
    }

    private static func create(_ message: ProtobufReader) throws -> WatchRequest {
        var reader = message
        var request = WatchRequest(KeyRange(key: []))
        var filters: [UInt64] = []
        while let field = try reader.nextField() {
            switch field {
            case 1: request.range.key = try reader.readBytes()
            case 2: request.range.end = try reader.readBytes()
            case 3: request.startRevision = Revision(try reader.int64())
            case 4: request.wantsProgress = try reader.bool()
            case 5: try reader.append(to: &filters)
            case 6: request.wantsPrevious = try reader.bool()
            case 7: request.watchID = try reader.int64()
            case 8: request.allowsFragments = try reader.bool()
            default: try reader.skip()
            }
        }
        request.filtersPuts = filters.contains(0)
        request.filtersDeletes = filters.contains(1)
        return request
    }

    private static func watchID(_ message: ProtobufReader) throws -> Int64 {
        var reader = message
        var watchID: Int64 = 0
        while let field = try reader.nextField() {
            if field == 1 { watchID = try reader.int64() } else { try reader.skip() }
        }
        return watchID
    }

    /// Writes the request, for clients.
    package func encode(into writer: inout ProtobufWriter) {
        switch self {
        case .create(let request):
            writer.message(1, estimate: 64) { writer in
                writer.write(1, request.range.key)
                writer.write(2, request.range.end)
                writer.write(3, request.startRevision.rawValue)
                writer.write(4, request.wantsProgress)
                if request.filtersPuts { writer.writeEvenIfEmpty(5, [0]) }
                if request.filtersDeletes { writer.writeEvenIfEmpty(5, [1]) }
                writer.write(6, request.wantsPrevious)
                writer.write(7, request.watchID)
                writer.write(8, request.allowsFragments)
            }
        case .cancel(let watchID): writer.message(2) { $0.write(1, watchID) }
        case .progress: writer.message(3) { _ in }
        }
    }
}

extension WatchDelivery {
    /// Writes etcdserverpb.WatchResponse; the header's revision is the delivery's.
    package func encode(_ header: WireHeader, into writer: inout ProtobufWriter) {
        var header = header
        header.revision = revision.rawValue
        header.encode(into: &writer)
        writer.write(2, watchID)
        switch body {
        case .created: writer.write(3, true)
        case .progress: break
        case .cancelled(let compactRevision, let reason):
            // A watch that was refused: clients take it for the answer to their wish only with
            // both flags (etcd).
            if watchID == -1 { writer.write(3, true) }
            writer.write(4, true)
            writer.write(5, compactRevision.rawValue)
            writer.write(6, reason)
        case .events(let events, let hasMoreFragments):
            writer.write(7, hasMoreFragments)
            for event in events { event.encode(11, into: &writer) }
        }
    }
}
