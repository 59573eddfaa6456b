import Primitives
import ResourceModel
import Wire

extension DecodingRun {
    /// A single value; nil for one that is written but means absence (an empty time).
    mutating func value(
        _ message: inout ProtobufReader, _ schema: Schema, depth: Int
    ) throws(DecodingFailure) -> JSON? {
        try count(1)
        switch schema {
        case .string: return .string(try Self.text(&message))
        case .integer(let rules): return try Self.integer(try Self.int64(&message), rules)
        case .number:
            do { return .number(try message.double()) } catch { throw Self.failure(error) }
        case .boolean:
            do { return .bool(try message.bool()) } catch { throw Self.failure(error) }
        case .bytes:
            do { return .string(Base64.encode(try message.readBytes())) } catch {
                throw Self.failure(error)
            }
        case .quantity: return try Self.quantity(try Self.message(&message))
        case .integerOrString: return try Self.integerOrString(try Self.message(&message))
        case .time(let isMicro):
            return try Self.time(try Self.message(&message), isMicro: isMicro)
        case .object(let schema): return try object(&message, schema, depth: depth)
        case .reference(let name):
            guard let schema = schemas[name] else { throw DecodingFailure(.unsupported) }
            return try object(&message, schema, depth: depth)
        case .any: return try Self.json(try Self.message(&message))
        case .array, .map: throw DecodingFailure(.unsupported)
        }
    }

    private mutating func object(
        _ message: inout ProtobufReader, _ schema: ObjectSchema, depth: Int
    ) throws(DecodingFailure) -> JSON {
        var object = JSONObject()
        try read(try Self.message(&message), schema.fields, into: &object, depth: depth + 1)
        return .object(object)
    }

    static func integer(
        _ value: Int64, _ rules: IntegerRules
    ) throws(DecodingFailure) -> JSON {
        if rules.is32Bit, Int32(exactly: value) == nil { throw DecodingFailure(.outOfRange(value)) }
        return .integer(value)
    }

    // resource.Quantity: string = 1.
    private static func quantity(_ message: ProtobufReader) throws(DecodingFailure) -> JSON {
        var message = message
        var text = "0"
        while let number = try next(&message) {
            guard number == 1 else { throw DecodingFailure(.unknownField(number)) }
            text = try self.text(&message)
        }
        return .string(text)
    }

    // intstr.IntOrString: type = 1 (0 for a number, 1 for a text), intVal = 2, strVal = 3.
    private static func integerOrString(
        _ message: ProtobufReader
    ) throws(DecodingFailure) -> JSON {
        var message = message
        var isText = false
        var value: Int64 = 0
        var text = ""
        while let number = try next(&message) {
            switch number {
            case 1: isText = try int64(&message) == 1
            case 2: value = try int64(&message)
            case 3: text = try self.text(&message)
            default: throw DecodingFailure(.unknownField(number))
            }
        }
        return isText ? .string(text) : try integer(value, IntegerRules())
    }

    // metav1.Time and MicroTime: seconds = 1, nanos = 2; an empty message is no time.
    private static func time(
        _ message: ProtobufReader, isMicro: Bool
    ) throws(DecodingFailure) -> JSON? {
        var message = message
        guard message.remaining > 0 else { return nil }
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let number = try next(&message) {
            switch number {
            case 1: seconds = try int64(&message)
            case 2: nanoseconds = try int64(&message)
            default: throw DecodingFailure(.unknownField(number))
            }
        }
        guard (-62_135_596_800...253_402_300_799).contains(seconds),
            (0...999_999_999).contains(nanoseconds)
        else { throw DecodingFailure(.timeOutOfRange) }
        let microseconds = seconds * 1_000_000 + nanoseconds / 1000
        return .string(
            isMicro
                ? Timestamp.text(microseconds: microseconds) : Timestamp.text(seconds: seconds))
    }

    // RawExtension, JSON and FieldsV1: raw = 1, a text in JSON.
    private static func json(_ message: ProtobufReader) throws(DecodingFailure) -> JSON? {
        var message = message
        var raw: Bytes = []
        while let number = try next(&message) {
            guard number == 1 else { throw DecodingFailure(.unknownField(number)) }
            do { raw = try message.readBytes() } catch { throw failure(error) }
        }
        if raw.isEmpty { return nil }
        do { return try JSON(parsing: raw) } catch {
            throw DecodingFailure(.invalidJSON(error.description))
        }
    }
}

// The reader's verbs, with its errors as this module's.
extension DecodingRun {
    static func failure(_ error: ProtobufError) -> DecodingFailure {
        DecodingFailure(.protobuf(error))
    }

    static func next(_ message: inout ProtobufReader) throws(DecodingFailure) -> Int? {
        do { return try message.nextField() } catch { throw failure(error) }
    }

    static func message(
        _ message: inout ProtobufReader
    ) throws(DecodingFailure) -> ProtobufReader {
        do { return try message.message() } catch { throw failure(error) }
    }

    static func text(_ message: inout ProtobufReader) throws(DecodingFailure) -> String {
        do { return try message.text() } catch { throw failure(error) }
    }

    static func int64(_ message: inout ProtobufReader) throws(DecodingFailure) -> Int64 {
        do { return try message.int64() } catch { throw failure(error) }
    }
}
