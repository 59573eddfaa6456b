package import Primitives
package import StoreModel

/// Who a member is, as its folder remembers it from its first start on; flags that say otherwise
/// later are without effect, as in etcd.
package struct MemberRecord: Sendable, Equatable {
    /// The version of the folder's layout that this code makes and reads.
    package static let layoutVersion = 1
    /// How the file begins.
    private static let magic = "keelson store member"

    /// The cluster that the folder belongs to.
    package var clusterID: UInt64
    /// The member that the folder belongs to.
    package var memberID: PeerID
    /// The member's name for people.
    package var name: String
    /// The token that the identifiers were made with.
    package var token: String
    /// It joined a cluster that existed: it starts empty and is sent an image.
    package var hasJoined: Bool
    /// The members at its first start, to begin from and to talk to until the store knows better.
    package var members: [(PeerID, MemberAttributes)]

    /// Describes a member.
    package init(
        clusterID: UInt64, memberID: PeerID, name: String, token: String, hasJoined: Bool,
        members: [(PeerID, MemberAttributes)]
    ) {
        self.clusterID = clusterID
        self.memberID = memberID
        self.name = name
        self.token = token
        self.hasJoined = hasJoined
        self.members = members
    }

    /// Whether all that the file says is equal.
    package static func == (left: MemberRecord, right: MemberRecord) -> Bool {
        left.encoded == right.encoded
    }

    /// The file's text (docs/formats/member-folder.md): a line each, the last one a checksum.
    package var encoded: String {
        var lines = [
            Self.magic, "layout \(Self.layoutVersion)", "cluster \(Self.hex(clusterID))",
            "member \(Self.hex(memberID.rawValue))", "name \(Self.quoted(name))",
            "token \(Self.quoted(token))", "start \(hasJoined ? "existing" : "new")",
        ]
        for (id, attributes) in members {
            let fields =
                [Self.hex(id.rawValue), Self.quoted(attributes.name)]
                + attributes.peerURLs.map(Self.quoted)
            lines.append("first " + fields.joined(separator: " "))
        }
        let text = lines.joined(separator: "\n") + "\n"
        let checksum = CRC32C.checksum(of: Bytes(text.utf8))
        return text + "crc32c " + Self.hex(UInt64(checksum)) + "\n"
    }

    /// Reads a file's text.
    /// - Throws: what is wrong with it.
    package init(decoding text: String) throws(FolderError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.first == Self.magic else { throw .damaged("does not begin as it must") }
        // The layout comes before the checksum: a later one may be computed differently.
        guard lines.count > 1, lines[1].hasPrefix("layout "),
            let layout = Int(lines[1].dropFirst(7))
        else { throw .damaged("has no layout version") }
        guard layout <= Self.layoutVersion else { throw .newer(layout) }
        guard layout == Self.layoutVersion, lines.popLast() == "", let sum = lines.popLast(),
            sum.hasPrefix("crc32c ")
        else { throw .damaged("is cut off") }
        let body = Bytes((lines.joined(separator: "\n") + "\n").utf8)
        guard UInt64(sum.dropFirst(7), radix: 16) == UInt64(CRC32C.checksum(of: body)) else {
            throw .damaged("has a wrong checksum")
        }
        self.init(
            clusterID: 0, memberID: .zero, name: "", token: "", hasJoined: false, members: [])
        for line in lines.dropFirst(2) { try read(line) }
        guard memberID != .zero else { throw .damaged("names no member") }
    }

    private mutating func read(_ line: String) throws(FolderError) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let values = parts.dropFirst().map(Self.unquoted)
        switch (parts.first, values.count) {
        case ("cluster", 1): clusterID = try Self.number(values[0])
        case ("member", 1): memberID = PeerID(try Self.number(values[0]))
        case ("name", 1): name = values[0]
        case ("token", 1): token = values[0]
        case ("start", 1): hasJoined = values[0] == "existing"
        case ("first", 2...):
            members.append(
                (
                    PeerID(try Self.number(values[0])),
                    MemberAttributes(name: values[1], peerURLs: Array(values[2...]))
                ))
        default: throw .damaged("has an unknown line: \(line)")
        }
    }

    private static func number(_ text: String) throws(FolderError) -> UInt64 {
        guard let number = UInt64(text, radix: 16) else {
            throw .damaged("has no identifier where one must be: \(text)")
        }
        return number
    }

    /// Sixteen hexadecimal digits at most, as etcd's tools print identifiers.
    package static func hex(_ number: UInt64) -> String { String(number, radix: 16) }

    /// Without spaces and line breaks, so that a line can be split at its spaces.
    private static func quoted(_ text: String) -> String {
        var quoted = ""
        for byte in text.utf8 {
            if byte > 0x20, byte != 0x25, byte < 0x7F {
                quoted.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                quoted += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return quoted
    }

    private static func unquoted(_ text: String) -> String {
        var bytes: Bytes = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2,
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
