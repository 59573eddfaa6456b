package import Primitives
import Wire

/// What surrounds an object in a body of type `application/vnd.kubernetes.protobuf`: four bytes
/// `6b 38 73 00`, then the message `runtime.Unknown`, which says what kind of object it holds.
package struct ObjectEnvelope: Sendable, Equatable {
    /// The bytes that every such body begins with: `k8s` and a zero.
    package static let magic: Bytes = [0x6B, 0x38, 0x73, 0x00]

    /// The object's group and version.
    package var apiVersion = ""
    /// The object's kind.
    package var kind = ""
    /// The object itself, a protobuf message of its kind.
    package var message: Bytes = []
    /// How `message` is compressed; empty for not at all.
    package var contentEncoding = ""
    /// What `message` is, if not protobuf.
    package var contentType = ""

    /// Opens a body.
    package init(_ body: Bytes) throws(ObjectCodingError) {
        guard body.starts(with: Self.magic) else { throw ObjectCodingError(.noMagic) }
        do {
            var reader = ProtobufReader(body, from: Self.magic.count)
            try read(&reader)
        } catch {
            throw ObjectCodingError(.protobuf(error))
        }
        guard contentEncoding.isEmpty, contentType.isEmpty else {
            throw ObjectCodingError(.encoded(contentEncoding + contentType))
        }
    }

    // runtime.Unknown: typeMeta = 1 (apiVersion = 1, kind = 2), raw = 2, contentEncoding = 3,
    // contentType = 4.
    private mutating func read(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field {
            case 1:
                var typeMeta = try reader.message()
                while let field = try typeMeta.nextField() {
                    switch field {
                    case 1: apiVersion = try typeMeta.text()
                    case 2: kind = try typeMeta.text()
                    default: try typeMeta.skip()
                    }
                }
            case 2: message = try reader.readBytes()
            case 3: contentEncoding = try reader.text()
            case 4: contentType = try reader.text()
            default: try reader.skip()
            }
        }
    }
}
