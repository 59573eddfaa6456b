package import Primitives
package import StoreModel
package import Wire

// Messages of etcd's maintenance service.

/// etcdserverpb.AlarmRequest.
package struct WireAlarmRequest: Sendable, Equatable {
    /// What is to be done.
    package enum Action: UInt64, Sendable {
        case get = 0
        case activate = 1
        case deactivate = 2
    }

    /// What is to be done.
    package var action: Action
    /// Zero for all members.
    package var member: PeerID
    /// Nil for all kinds.
    package var kind: Alarm.Kind?

    /// Makes a request.
    package init(action: Action = .get, member: PeerID = .zero, kind: Alarm.Kind? = nil) {
        self.action = action
        self.member = member
        self.kind = kind
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`, or a `GRPCStatus` for an unknown action or kind.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1:
                guard let action = Action(rawValue: try reader.uint64()) else {
                    throw GRPCStatus(.invalidArgument, "etcdserver: unknown alarm action")
                }
                self.action = action
            case 2: member = PeerID(try reader.uint64())
            case 3:
                let number = try reader.uint64()
                kind = Alarm.Kind(rawValue: UInt8(clamping: number))
                guard kind != nil || number == 0 else {
                    throw GRPCStatus(.invalidArgument, "etcdserver: unknown alarm type")
                }
            default: try reader.skip()
            }
        }
    }

    /// The member and the kind of an etcdserverpb.AlarmMember.
    fileprivate static func member(
        _ message: ProtobufReader
    ) throws -> (member: PeerID, kind: Alarm.Kind?) {
        var found: (member: PeerID, kind: Alarm.Kind?) = (.zero, nil)
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: found.member = PeerID(try reader.uint64())
            case 2: found.kind = Alarm.Kind(rawValue: UInt8(clamping: try reader.uint64()))
            default: try reader.skip()
            }
        }
        return found
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, action.rawValue)
        writer.write(2, member.rawValue)
        writer.write(3, UInt64(kind?.rawValue ?? 0))
    }
}

extension Alarm {
    /// Reads etcdserverpb.AlarmResponse; kinds that are not known are left out.
    /// - Throws: `ProtobufError`.
    package static func list(_ message: ProtobufReader) throws -> [Alarm] {
        var alarms: [Alarm] = []
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 2 else { return false }
            let request = try WireAlarmRequest.member(try reader.message())
            if let kind = request.kind { alarms.append(Alarm(member: request.member, kind: kind)) }
            return true
        }
        return alarms
    }

    /// Writes etcdserverpb.AlarmMember as the field of an answer.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field) { writer in
            writer.write(1, member.rawValue)
            writer.write(2, UInt64(kind.rawValue))
        }
    }
}

extension Alarm.Kind {
    /// etcd's name.
    package var wireName: String {
        switch self {
        case .noSpace: "NOSPACE"
        case .corrupt: "CORRUPT"
        }
    }
}

/// etcdserverpb.StatusResponse.
package struct WireStatus: Sendable, Equatable {
    /// The server's version, as etcd counts.
    package var version = ""
    /// The backend's size on disk.
    package var dbSizeBytes: Int64 = 0
    /// Who leads; zero for nobody.
    package var leader: UInt64 = 0
    /// The last committed entry.
    package var raftIndex: UInt64 = 0
    /// The Raft term.
    package var raftTerm: UInt64 = 0
    /// The last applied entry.
    package var appliedIndex: UInt64 = 0
    /// What is wrong, for people.
    package var errors: [String] = []
    /// The part of the backend's size that holds something.
    package var inUseBytes: Int64 = 0
    /// Whether the member has no vote.
    package var isLearner = false
    /// The version of what is stored.
    package var storageVersion = ""
    /// Bytes above which writes are refused.
    package var quotaBytes: Int64 = 0

    /// An empty status.
    package init() {}

    /// Reads an answer.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: version = try reader.text()
            case 3: dbSizeBytes = try reader.int64()
            case 4: leader = try reader.uint64()
            case 5: raftIndex = try reader.uint64()
            case 6: raftTerm = try reader.uint64()
            case 7: appliedIndex = try reader.uint64()
            case 8: errors.append(try reader.text())
            case 9: inUseBytes = try reader.int64()
            case 10: isLearner = try reader.bool()
            case 11: storageVersion = try reader.text()
            case 12: quotaBytes = try reader.int64()
            default: try reader.skip()
            }
        }
    }

    /// Writes the fields behind the header.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(2, version)
        writer.write(3, dbSizeBytes)
        writer.write(4, leader)
        writer.write(5, raftIndex)
        writer.write(6, raftTerm)
        writer.write(7, appliedIndex)
        writer.write(8, errors)
        writer.write(9, inUseBytes)
        writer.write(10, isLearner)
        writer.write(11, storageVersion)
        writer.write(12, quotaBytes)
    }
}

/// etcdserverpb.HashKVResponse; HashResponse has its first field alone.
package struct WireHash: Sendable, Equatable {
    /// The hash of all kept records up to `hashRevision`.
    package var hash: UInt32
    /// The compact revision when it was taken.
    package var compactRevision: Revision
    /// The revision up to which was hashed.
    package var hashRevision: Revision

    /// Makes an answer.
    package init(
        hash: UInt32 = 0, compactRevision: Revision = .zero, hashRevision: Revision = .zero
    ) {
        self.hash = hash
        self.compactRevision = compactRevision
        self.hashRevision = hashRevision
    }

    /// The revision asked for (etcdserverpb.HashKVRequest); zero for the newest.
    /// - Throws: `ProtobufError`.
    package static func revision(_ message: ProtobufReader) throws -> Revision {
        var revision = Revision.zero
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            revision = Revision(try reader.int64())
            return true
        }
        return revision
    }

    /// Reads an answer.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: hash = UInt32(truncatingIfNeeded: try reader.uint64())
            case 3: compactRevision = Revision(try reader.int64())
            case 4: hashRevision = Revision(try reader.int64())
            default: try reader.skip()
            }
        }
    }

    /// Writes the fields behind the header.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(2, UInt64(hash))
        writer.write(3, compactRevision.rawValue)
        writer.write(4, hashRevision.rawValue)
    }
}

/// One part of a snapshot (etcdserverpb.SnapshotResponse).
package struct WireSnapshotPart: Sendable, Equatable {
    /// Bytes still to come, without the sum at the end.
    package var remainingBytes: UInt64
    /// The next bytes.
    package var blob: Bytes
    /// The version of what is stored.
    package var version: String

    /// Makes a part.
    package init(remainingBytes: UInt64 = 0, blob: Bytes = [], version: String = "") {
        self.remainingBytes = remainingBytes
        self.blob = blob
        self.version = version
    }

    /// Reads a part.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 2: remainingBytes = try reader.uint64()
            case 3: blob = try reader.readBytes()
            case 4: version = try reader.text()
            default: try reader.skip()
            }
        }
    }

    /// Writes the fields behind the header.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(2, remainingBytes)
        writer.write(3, blob)
        writer.write(4, version)
    }
}

/// etcdserverpb.MoveLeaderRequest.
package enum WireMoveLeader {
    /// The member that is to lead.
    /// - Throws: `ProtobufError`.
    package static func target(_ message: ProtobufReader) throws -> PeerID {
        var target = PeerID.zero
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            target = PeerID(try reader.uint64())
            return true
        }
        return target
    }
}
