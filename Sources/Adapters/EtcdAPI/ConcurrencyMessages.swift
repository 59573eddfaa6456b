package import Primitives
package import Wire

// Messages of etcd's lock and election services (v3lockpb, v3electionpb).

/// v3lockpb.LockRequest, and with a value v3electionpb.CampaignRequest.
package struct WireLockRequest: Sendable, Equatable {
    /// The lock or the election.
    package var name: Bytes
    /// Zero for one that the server grants.
    package var lease: LeaseID
    /// What a candidate proclaims; empty for a lock.
    package var value: Bytes

    /// Makes a request.
    package init(name: Bytes = [], lease: LeaseID = .zero, value: Bytes = []) {
        self.name = name
        self.lease = lease
        self.value = value
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: name = try reader.readBytes()
            case 2: lease = LeaseID(try reader.int64())
            case 3: value = try reader.readBytes()
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, name)
        writer.write(2, lease.rawValue)
        writer.write(3, value)
    }
}

/// A message whose only field of interest is the bytes at field 1: v3lockpb.UnlockRequest (the
/// key) and v3electionpb.LeaderRequest (the name).
package enum WireSingleBytes {
    /// The bytes.
    /// - Throws: `ProtobufError`.
    package static func decode(_ message: ProtobufReader) throws -> Bytes {
        var bytes: Bytes = []
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            bytes = try reader.readBytes()
            return true
        }
        return bytes
    }
}

/// Who leads an election (v3electionpb.LeaderKey).
package struct WireLeaderKey: Sendable, Equatable {
    /// The election.
    package var name: Bytes
    /// The key that the leader holds.
    package var key: Bytes
    /// The key's create revision.
    package var revision: Revision
    /// The leader's lease.
    package var lease: LeaseID

    /// Names a leader.
    package init(
        name: Bytes = [], key: Bytes = [], revision: Revision = .zero, lease: LeaseID = .zero
    ) {
        self.name = name
        self.key = key
        self.revision = revision
        self.lease = lease
    }

    /// Reads a leader key.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: name = try reader.readBytes()
            case 2: key = try reader.readBytes()
            case 3: revision = Revision(try reader.int64())
            case 4: lease = LeaseID(try reader.int64())
            default: try reader.skip()
            }
        }
    }

    /// Writes the leader key as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field, estimate: 96) { writer in
            writer.write(1, name)
            writer.write(2, key)
            writer.write(3, revision.rawValue)
            writer.write(4, lease.rawValue)
        }
    }
}

/// v3electionpb.ProclaimRequest, and without a value ResignRequest.
package struct WireProclaimRequest: Sendable, Equatable {
    /// Nil if the message names nobody.
    package var leader: WireLeaderKey?
    /// What the leader proclaims.
    package var value: Bytes

    /// Makes a request.
    package init(leader: WireLeaderKey? = nil, value: Bytes = []) {
        self.leader = leader
        self.value = value
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: leader = try WireLeaderKey(decoding: try reader.message())
            case 2: value = try reader.readBytes()
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        leader?.encode(1, into: &writer)
        writer.write(2, value)
    }
}
