package import Primitives
package import StoreModel
package import Wire

// Messages of etcd's lease service.

/// A wish for a lease (etcdserverpb.LeaseGrantRequest), and its answer, which has the same facts
/// at other places.
package struct WireLeaseGrant: Sendable, Equatable {
    /// Seconds asked for or granted.
    package var ttlSeconds: Int64
    /// Zero lets the server choose.
    package var id: LeaseID

    /// Makes a request or an answer.
    package init(ttlSeconds: Int64 = 0, id: LeaseID = .zero) {
        self.ttlSeconds = ttlSeconds
        self.id = id
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(request message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: ttlSeconds = try reader.int64()
            case 2: id = LeaseID(try reader.int64())
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encodeRequest(into writer: inout ProtobufWriter) {
        writer.write(1, ttlSeconds)
        writer.write(2, id.rawValue)
    }

    /// Reads an answer (etcdserverpb.LeaseGrantResponse, or LeaseKeepAliveResponse, which has the
    /// same fields).
    /// - Throws: `ProtobufError`.
    package init(answer message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: id = LeaseID(try reader.int64())
            case 3: ttlSeconds = try reader.int64()
            default: try reader.skip()
            }
        }
    }

    /// Writes the fields of an answer behind the header.
    package func encodeAnswer(into writer: inout ProtobufWriter) {
        writer.write(2, id.rawValue)
        writer.write(3, ttlSeconds)
    }
}

/// Names a lease: LeaseRevokeRequest, LeaseKeepAliveRequest and, with `wantsKeys`,
/// LeaseTimeToLiveRequest.
package struct WireLeaseQuestion: Sendable, Equatable {
    /// Which lease.
    package var id: LeaseID
    /// Answer with the keys attached.
    package var wantsKeys: Bool

    /// Makes a request.
    package init(_ id: LeaseID, wantsKeys: Bool = false) {
        self.id = id
        self.wantsKeys = wantsKeys
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init(.zero)
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: id = LeaseID(try reader.int64())
            case 2: wantsKeys = try reader.bool()
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, id.rawValue)
        writer.write(2, wantsKeys)
    }
}

extension LeaseDescription {
    /// Writes the fields of etcdserverpb.LeaseTimeToLiveResponse behind the header.
    package func encode(remainingSeconds: Int64, into writer: inout ProtobufWriter) {
        writer.write(2, id.rawValue)
        writer.write(3, remainingSeconds)
        writer.write(4, grantedTTLSeconds)
        for key in keys { writer.writeEvenIfEmpty(5, key) }
    }

    /// Reads etcdserverpb.LeaseTimeToLiveResponse.
    /// - Throws: `ProtobufError`.
    package static func decode(
        _ message: ProtobufReader
    ) throws -> (lease: LeaseDescription, remainingSeconds: Int64) {
        var lease = LeaseDescription(id: .zero, grantedTTLSeconds: 0)
        var remainingSeconds: Int64 = 0
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: lease.id = LeaseID(try reader.int64())
            case 3: remainingSeconds = try reader.int64()
            case 4: lease.grantedTTLSeconds = try reader.int64()
            case 5: lease.keys.append(try reader.readBytes())
            default: try reader.skip()
            }
        }
        return (lease, remainingSeconds)
    }
}

/// The list of all leases (etcdserverpb.LeaseLeasesResponse).
package enum WireLeaseList {
    /// Writes the fields behind the header.
    package static func encode(_ leases: [LeaseID], into writer: inout ProtobufWriter) {
        for lease in leases {
            writer.message(2) { $0.write(1, lease.rawValue) }
        }
    }

    /// Reads an answer.
    /// - Throws: `ProtobufError`.
    package static func decode(_ message: ProtobufReader) throws -> [LeaseID] {
        var leases: [LeaseID] = []
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 2 else { return false }
            leases.append(try WireLeaseQuestion(decoding: try reader.message()).id)
            return true
        }
        return leases
    }
}
