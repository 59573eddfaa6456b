import Kinds
import ObjectCoding
import Primitives
import ResourceModel

/// A protobuf message made by hand, empty values and all.
struct MessageBytes {
    private(set) var bytes: Bytes = []

    mutating func varint(_ field: Int, _ value: UInt64) {
        append(UInt64(field) << 3)
        append(value)
    }

    mutating func bytes(_ field: Int, _ run: Bytes) {
        append(UInt64(field) << 3 | 2)
        append(UInt64(run.count))
        bytes += run
    }

    mutating func text(_ field: Int, _ text: String) {
        bytes(field, Bytes(text.utf8))
    }

    mutating func message(_ field: Int, _ write: (inout MessageBytes) -> Void) {
        var message = MessageBytes()
        write(&message)
        bytes(field, message.bytes)
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

func envelope(
    _ apiVersion: String, _ kind: String, _ message: Bytes
) throws -> ObjectEnvelope {
    var body = MessageBytes()
    body.message(1) { typeMeta in
        typeMeta.text(1, apiVersion)
        typeMeta.text(2, kind)
    }
    body.bytes(2, message)
    return try ObjectEnvelope(ObjectEnvelope.magic + body.bytes)
}

func decodeDeployment(_ write: (inout MessageBytes) -> Void) throws -> JSON {
    try decode("apps/v1", "Deployment", write)
}

func decodePod(_ spec: (inout MessageBytes) -> Void) throws -> JSON {
    try decode("v1", "Pod") { $0.message(2, spec) }
}

private func decode(
    _ apiVersion: String, _ kind: String, _ write: (inout MessageBytes) -> Void
) throws -> JSON {
    var message = MessageBytes()
    write(&message)
    let envelope = try envelope(apiVersion, kind, message.bytes)
    let schema = BuiltInKinds.all.first { $0.kind == kind && $0.apiVersion == apiVersion }!.schema
    return try ObjectDecoder(schemas: BuiltInKinds.schemas).object(in: envelope, schema: schema)
}

/// An error at a place; the module makes them, tests compare.
func failure(_ problem: ObjectCodingError.Problem, at path: String) -> ObjectCodingError {
    ObjectCodingError(problem, at: path)
}
