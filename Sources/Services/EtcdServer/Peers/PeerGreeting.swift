internal import Primitives
internal import ReplicatedStore
internal import StoreModel

/// How one member introduces itself to another (docs/formats/peer.md).
struct PeerGreeting: Equatable {
    /// How every greeting and every answer begins.
    static let magic = Bytes("KEELPEER".utf8)
    /// The version of greetings and frames together with that of the messages.
    static let version = UInt32(1) << 16 | UInt32(PeerMessage.codingVersion)

    /// What the connection is for.
    enum Purpose: UInt8 {
        /// Messages from the greeter, until one end hangs up.
        case messages = 1
        /// The list of members, once.
        case members = 2
    }

    var purpose: Purpose
    /// Zero where the greeter does not know it yet.
    var clusterID: UInt64
    var from: PeerID
    var to: PeerID
    /// The greeter's last applied entry if it is a member as of that entry, else zero.
    var appliedIndex: LogIndex
    /// Where the greeter can be reached.
    var peerURLs: [String]

    var encoded: Bytes {
        var writer = ByteWriter(capacity: 128)
        writer.bytes += Self.magic
        writer.write(Self.version)
        writer.write(purpose.rawValue)
        writer.write(clusterID)
        writer.write(from.rawValue)
        writer.write(to.rawValue)
        writer.write(appliedIndex.rawValue)
        writer.write(UInt32(peerURLs.count))
        for url in peerURLs { writer.writeCounted(url) }
        return writer.bytes
    }

    init(
        purpose: Purpose, clusterID: UInt64, from: PeerID, to: PeerID, appliedIndex: LogIndex,
        peerURLs: [String]
    ) {
        self.purpose = purpose
        self.clusterID = clusterID
        self.from = from
        self.to = to
        self.appliedIndex = appliedIndex
        self.peerURLs = peerURLs
    }

    /// Reads a greeting.
    init(decoding bytes: Bytes) throws(PeerRefusal) {
        do throws(DecodingError) {
            var reader = ByteReader(bytes)
            try reader.readPeerHead()
            let start = reader.offset
            guard let purpose = Purpose(rawValue: try reader.read()) else {
                throw DecodingError.invalid(field: "purpose", offset: start)
            }
            self.purpose = purpose
            clusterID = try reader.read()
            from = PeerID(try reader.read())
            to = PeerID(try reader.read())
            appliedIndex = LogIndex(try reader.read())
            peerURLs = []
            for _ in 0..<(try reader.readCount(minimumSize: 4)) {
                peerURLs.append(try reader.readText("peer URL"))
            }
            try reader.finish()
        } catch {
            throw PeerRefusal(error)
        }
    }
}

/// What the member that was greeted answers.
enum PeerAnswer: Equatable {
    /// Messages may come.
    case welcome
    case refused(PeerRefusal)
    case members(clusterID: UInt64, [MemberDescription])

    var encoded: Bytes {
        var writer = ByteWriter(capacity: 64)
        writer.bytes += PeerGreeting.magic
        writer.write(PeerGreeting.version)
        switch self {
        case .welcome: writer.write(UInt8(1))
        case .refused(let refusal):
            writer.write(UInt8(2))
            writer.write(refusal.reason.rawValue)
            writer.writeCounted(refusal.text)
        case .members(let clusterID, let members):
            writer.write(UInt8(3))
            writer.write(clusterID)
            writer.write(UInt32(members.count))
            for member in members { writer.write(member) }
        }
        return writer.bytes
    }

    /// Reads an answer.
    init(decoding bytes: Bytes) throws(PeerRefusal) {
        do throws(DecodingError) {
            var reader = ByteReader(bytes)
            try reader.readPeerHead()
            let start = reader.offset
            switch try reader.read(UInt8.self) {
            case 1: self = .welcome
            case 2:
                guard let reason = PeerRefusal.Reason(rawValue: try reader.read()) else {
                    throw DecodingError.invalid(field: "reason", offset: start + 1)
                }
                self = .refused(PeerRefusal(reason, try reader.readText("text")))
            case 3:
                let clusterID = try reader.read(UInt64.self)
                var members: [MemberDescription] = []
                for _ in 0..<(try reader.readCount(minimumSize: 21)) {
                    members.append(try reader.readMember())
                }
                self = .members(clusterID: clusterID, members)
            default: throw DecodingError.invalid(field: "answer", offset: start)
            }
            try reader.finish()
        } catch {
            throw PeerRefusal(error)
        }
    }
}

/// Why two members do not talk.
struct PeerRefusal: Error, Equatable, CustomStringConvertible {
    /// What kind of reason.
    enum Reason: UInt8 {
        /// Not a greeting of this protocol.
        case malformed = 1
        case otherVersion = 2
        case otherCluster = 3
        /// The one greeted is another member than the greeter thinks.
        case otherMember = 4
        /// The greeter was removed from the cluster.
        case removed = 5
        case stopping = 6
    }

    var reason: Reason
    var text: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = text
    }

    /// Bytes that are no greeting.
    init(_ error: DecodingError) {
        if case .invalid(field: "version", _) = error {
            self.init(.otherVersion, "the other end speaks another version of the protocol")
        } else {
            self.init(.malformed, "no greeting of a store member: \(error)")
        }
    }

    var description: String { text }
}

extension ByteReader {
    fileprivate mutating func readPeerHead() throws(DecodingError) {
        guard try read(count: PeerGreeting.magic.count) == PeerGreeting.magic else {
            throw .invalid(field: "magic", offset: 0)
        }
        guard try read(UInt32.self) == PeerGreeting.version else {
            throw .invalid(field: "version", offset: PeerGreeting.magic.count)
        }
    }

    fileprivate mutating func readMember() throws(DecodingError) -> MemberDescription {
        let id = PeerID(try read())
        let isLearner = try readFlag("learner")
        var attributes = MemberAttributes(name: try readText("name"))
        for _ in 0..<(try readCount(minimumSize: 4)) {
            attributes.peerURLs.append(try readText("peer URL"))
        }
        for _ in 0..<(try readCount(minimumSize: 4)) {
            attributes.clientURLs.append(try readText("client URL"))
        }
        return MemberDescription(id: id, attributes: attributes, isLearner: isLearner)
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ member: MemberDescription) {
        write(member.id.rawValue)
        write(member.isLearner)
        writeCounted(member.attributes.name)
        for urls in [member.attributes.peerURLs, member.attributes.clientURLs] {
            write(UInt32(urls.count))
            for url in urls { writeCounted(url) }
        }
    }
}
