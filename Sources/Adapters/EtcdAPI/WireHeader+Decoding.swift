package import Wire

extension WireHeader {
    /// Reads etcdserverpb.ResponseHeader.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: clusterID = try reader.uint64()
            case 2: memberID = try reader.uint64()
            case 3: revision = try reader.int64()
            case 4: term = try reader.uint64()
            default: try reader.skip()
            }
        }
    }

    /// Reads the header of an answer and leaves the rest alone; zeros if it has none.
    /// - Throws: `ProtobufError`.
    package static func ofAnswer(_ message: ProtobufReader) throws -> WireHeader {
        var reader = message
        var header = WireHeader()
        try reader.forEachField { field, reader in
            guard field == 1 else { return false }
            header = try WireHeader(decoding: try reader.message())
            return true
        }
        return header
    }
}
