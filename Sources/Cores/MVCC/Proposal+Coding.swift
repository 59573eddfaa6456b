package import Primitives
package import StoreModel

// docs/formats/proposal.md has the layout.
extension Proposal {
    private static let version: UInt8 = 2

    /// The proposal as it stands in the log.
    package func encoded() -> Bytes {
        var writer = ByteWriter(capacity: 96 + command.sizeHint)
        writer.write(Self.version)
        writer.write(origin.rawValue)
        writer.write(requestNumber)
        writer.write(command)
        return writer.bytes
    }

    /// Reads what `encoded` wrote.
    package init(decoding bytes: Bytes) throws(DecodingError) {
        var reader = ByteReader(bytes)
        let (version, origin, requestNumber) = try Self.readHead(&reader)
        let command = try reader.readCommand(version: version)
        try reader.finish()
        self.init(origin: origin, requestNumber: requestNumber, command: command)
    }

    /// Whom an encoded proposal's answer is for, without reading the command.
    package static func address(
        of bytes: Bytes
    ) throws(DecodingError) -> (origin: PeerID, requestNumber: UInt64) {
        var reader = ByteReader(bytes)
        let head = try readHead(&reader)
        return (head.origin, head.requestNumber)
    }

    private static func readHead(
        _ reader: inout ByteReader
    ) throws(DecodingError) -> (version: UInt8, origin: PeerID, requestNumber: UInt64) {
        let found = try reader.read(UInt8.self)
        guard 1...version ~= found else {
            throw .invalid(field: "proposal version", offset: 0)
        }
        return (found, PeerID(try reader.read()), try reader.read())
    }
}

extension Command {
    /// The first byte of an encoded command.
    enum Tag: UInt8 {
        case put = 1
        case deleteRange = 2
        case transaction = 3
        case compact = 4
        case leaseGrant = 5
        case leaseRevoke = 6
        case leaseExpire = 7
        case leaseCheckpoint = 8
        case activateAlarm = 9
        case deactivateAlarm = 10
        case setMember = 11
    }

    /// Room for the bulk of a put.
    fileprivate var sizeHint: Int {
        if case .put(let put) = self { return put.key.count + put.value.count }
        return 0
    }
}
