import Primitives
package import ResourceModel
import Wire

/// Reads objects from protobuf into JSON by the field numbers of their schemas.
///
/// Kubernetes' encoders write fields with an empty text, zero or false also when they are absent;
/// like Go's JSON encoder this decoder leaves those out, unless their schema says that such a
/// value means something (`Field.keepsZero`) or the field must be there.
package struct ObjectDecoder: Sendable {
    /// How deep messages may be nested, as in protobuf's own libraries.
    package static let depthMax = 100
    /// How many values an object may have: an empty message takes two bytes on the wire and far
    /// more as JSON.
    package static let valuesMax = 250_000

    private let schemas: [String: ObjectSchema]

    /// `schemas` are those that others refer to by name.
    package init(schemas: [String: ObjectSchema]) {
        self.schemas = schemas
    }

    /// The object in an envelope, which is of this schema.
    package func object(
        in envelope: ObjectEnvelope, schema: ObjectSchema
    ) throws(ObjectCodingError) -> JSON {
        var run = DecodingRun(schemas: schemas)
        var object = JSONObject()
        object["apiVersion"] = .string(envelope.apiVersion)
        object["kind"] = .string(envelope.kind)
        do {
            try run.read(ProtobufReader(envelope.message), schema.fields, into: &object, depth: 1)
        } catch {
            throw ObjectCodingError(error.problem, at: run.path)
        }
        return .object(object)
    }
}

/// What is wrong where the run has got to.
struct DecodingFailure: Error {
    var problem: ObjectCodingError.Problem

    init(_ problem: ObjectCodingError.Problem) { self.problem = problem }
}

/// The reading of one object.
struct DecodingRun {
    let schemas: [String: ObjectSchema]
    /// Names and indexes on the way to the value being read; left as they are after a failure.
    private var places: [String] = []
    private var valueCount = 0

    init(schemas: [String: ObjectSchema]) {
        self.schemas = schemas
    }

    /// The field being read, as in `spec.containers[0].name`.
    var path: String {
        places.reduce("") { $0 + ($1.hasPrefix("[") || $0.isEmpty ? $1 : "." + $1) }
    }

    /// Reads the fields of a message into an object.
    mutating func read(
        _ message: ProtobufReader, _ fields: [Field], into object: inout JSONObject, depth: Int
    ) throws(DecodingFailure) {
        guard depth <= ObjectDecoder.depthMax else { throw Self.failure(.nestedTooDeep) }
        var message = message
        while let number = try Self.next(&message) {
            if let field = fields.first(where: { $0.number == number && $0.messageNumber == 0 }) {
                places.append(field.name)
                try read(&message, field, into: &object, depth: depth)
                places.removeLast()
                continue
            }
            // Go's embedded structs are messages of their own, whose fields JSON has here.
            var inner = fields.filter { $0.messageNumber == number }
            guard !inner.isEmpty else { throw DecodingFailure(.unknownField(number)) }
            for index in inner.indices { inner[index].messageNumber = 0 }
            try read(try Self.message(&message), inner, into: &object, depth: depth + 1)
        }
    }

    private mutating func read(
        _ message: inout ProtobufReader, _ field: Field, into object: inout JSONObject, depth: Int
    ) throws(DecodingFailure) {
        switch field.schema {
        case .array(let list):
            var items = object[field.name].arrayValue ?? []
            object[field.name] = .null
            try append(&message, list.items, to: &items, depth: depth)
            object[field.name] = .array(items)
        case .map(let map):
            var members = object[field.name].objectValue ?? JSONObject()
            object[field.name] = .null
            try addEntry(&message, map.values, to: &members, depth: depth)
            object[field.name] = .object(members)
        default:
            guard object[field.name] == nil else { throw DecodingFailure(.repeatedField) }
            let value = try value(&message, field.schema, depth: depth)
            if let value, field.keepsZero || field.isRequired || !value.isGoZero {
                object[field.name] = value
            }
        }
    }

    /// One more item of a repeated field; several if they are packed numbers.
    private mutating func append(
        _ message: inout ProtobufReader, _ schema: Schema, to items: inout [JSON], depth: Int
    ) throws(DecodingFailure) {
        if case .integer(let rules) = schema, message.type == .counted {
            var numbers: [UInt64] = []
            do { try message.append(to: &numbers) } catch { throw Self.failure(error) }
            try count(numbers.count)
            for number in numbers {
                items.append(try Self.integer(Int64(bitPattern: number), rules))
            }
            return
        }
        places.append("[\(items.count)]")
        if let value = try value(&message, schema, depth: depth) { items.append(value) }
        places.removeLast()
    }

    /// An entry of a map: a message with the key as field 1 and the value as field 2.
    private mutating func addEntry(
        _ message: inout ProtobufReader, _ schema: Schema, to members: inout JSONObject, depth: Int
    ) throws(DecodingFailure) {
        var entry = try Self.message(&message)
        var key = ""
        var value: JSON?
        while let number = try Self.next(&entry) {
            switch number {
            case 1: key = try Self.text(&entry)
            case 2:
                places.append(key)
                value = try self.value(&entry, schema, depth: depth + 1)
                places.removeLast()
            default: throw DecodingFailure(.unknownField(number))
            }
        }
        members[key] = value ?? Self.absentValue(schema)
    }

    /// What a map entry without a value stands for.
    private static func absentValue(_ schema: Schema) -> JSON {
        switch schema {
        case .string, .bytes: ""
        case .quantity: "0"
        case .boolean: false
        case .integer, .number, .integerOrString: 0
        case .array: []
        default: [:]
        }
    }

    mutating func count(_ values: Int) throws(DecodingFailure) {
        valueCount += values
        guard valueCount <= ObjectDecoder.valuesMax else { throw DecodingFailure(.tooManyValues) }
    }
}

extension JSON {
    /// Whether Go's encoders cannot tell this from absence.
    fileprivate var isGoZero: Bool { self == "" || self == 0 || self == false }
}
