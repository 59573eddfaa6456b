package import StoreModel
package import Wire

// Messages of etcd's cluster service.

/// One member (etcdserverpb.Member).
package struct WireMember: Sendable, Equatable {
    /// The member's identifier.
    package var id: UInt64
    /// Name and addresses.
    package var attributes: MemberAttributes
    /// Whether it has no vote.
    package var isLearner: Bool

    /// Describes a member.
    package init(
        id: UInt64 = 0, attributes: MemberAttributes = MemberAttributes(), isLearner: Bool = false
    ) {
        self.id = id
        self.attributes = attributes
        self.isLearner = isLearner
    }

    /// Reads a member.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: id = try reader.uint64()
            case 2: attributes.name = try reader.text()
            case 3: attributes.peerURLs.append(try reader.text())
            case 4: attributes.clientURLs.append(try reader.text())
            case 5: isLearner = try reader.bool()
            default: try reader.skip()
            }
        }
    }

    /// Writes the member as a field.
    package func encode(_ field: Int, into writer: inout ProtobufWriter) {
        writer.message(field, estimate: 128) { writer in
            writer.write(1, id)
            writer.write(2, attributes.name)
            writer.write(3, attributes.peerURLs)
            writer.write(4, attributes.clientURLs)
            writer.write(5, isLearner)
        }
    }

    /// Reads etcdserverpb.MemberListResponse and the other answers that list the members; `field`
    /// is 3 for MemberAddResponse, else 2.
    /// - Throws: `ProtobufError`.
    package static func list(
        _ message: ProtobufReader, field wanted: Int = 2
    ) throws -> [WireMember] {
        var members: [WireMember] = []
        var reader = message
        try reader.forEachField { field, reader in
            guard field == wanted else { return false }
            members.append(try WireMember(decoding: try reader.message()))
            return true
        }
        return members
    }
}

/// etcdserverpb.MemberAddRequest.
package struct WireMemberAddRequest: Sendable, Equatable {
    /// Where the new member can be reached.
    package var peerURLs: [String]
    /// Whether it is to have no vote.
    package var isLearner: Bool

    /// Makes a request.
    package init(peerURLs: [String] = [], isLearner: Bool = false) {
        self.peerURLs = peerURLs
        self.isLearner = isLearner
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: peerURLs.append(try reader.text())
            case 2: isLearner = try reader.bool()
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, peerURLs)
        writer.write(2, isLearner)
    }
}

/// etcdserverpb.MemberUpdateRequest, and without URLs MemberRemoveRequest and
/// MemberPromoteRequest.
package struct WireMemberUpdateRequest: Sendable, Equatable {
    /// Which member.
    package var id: UInt64
    /// Its new addresses.
    package var peerURLs: [String]

    /// Makes a request.
    package init(id: UInt64 = 0, peerURLs: [String] = []) {
        self.id = id
        self.peerURLs = peerURLs
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: id = try reader.uint64()
            case 2: peerURLs.append(try reader.text())
            default: try reader.skip()
            }
        }
    }

    /// Writes a request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, id)
        writer.write(2, peerURLs)
    }
}

/// etcdserverpb.MemberListRequest.
package enum WireMemberListRequest {
    /// Whether the list must be linearizable.
    /// - Throws: `ProtobufError`.
    package static func isLinearizable(_ message: ProtobufReader) throws -> Bool {
        var isLinearizable = false
        var reader = message
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            isLinearizable = try reader.bool()
            return true
        }
        return isLinearizable
    }
}
