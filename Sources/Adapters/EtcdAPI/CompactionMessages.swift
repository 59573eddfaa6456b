package import Primitives
package import Wire

/// A wish to forget history (etcdserverpb.CompactionRequest).
package struct WireCompactionRequest: Sendable, Equatable {
    /// History before it is forgotten.
    package var revision: Revision
    /// Answer only when the space is free.
    package var isPhysical: Bool

    /// Makes a request.
    package init(revision: Revision, isPhysical: Bool = false) {
        self.revision = revision
        self.isPhysical = isPhysical
    }

    /// Reads a request.
    /// - Throws: `ProtobufError`.
    package init(decoding message: ProtobufReader) throws {
        self.init(revision: .zero)
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: revision = Revision(try reader.int64())
            case 2: isPhysical = try reader.bool()
            default: try reader.skip()
            }
        }
    }

    /// Writes the request.
    package func encode(into writer: inout ProtobufWriter) {
        writer.write(1, revision.rawValue)
        writer.write(2, isPhysical)
    }
}
