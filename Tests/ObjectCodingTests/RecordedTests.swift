import Kinds
import ObjectCoding
import Primitives
import ResourceModel
import Testing

@Suite struct RecordedTests {
    @Test(arguments: Recorded.all)
    func `what kubectl sends is the object that it means`(_ recorded: Recorded) throws {
        let object = try decode(recorded.body)
        let expected = try JSON(parsing: recorded.json)
        #expect(object == expected, "\(object.encodedText)")
    }

    @Test(arguments: Recorded.all)
    func `a body that ends too soon is refused, or is a shorter object`(
        _ recorded: Recorded
    ) throws {
        let whole = try decode(recorded.body)
        for count in recorded.body.indices {
            // A cut between two fields leaves a message that is whole.
            guard let object = try? decode(Bytes(recorded.body.prefix(count))) else { continue }
            let isTrailerCut = count >= recorded.body.count - recorded.trailerCount
            #expect(object != whole || isTrailerCut)
        }
    }

    @Test(arguments: Recorded.all)
    func `flipped bits are refused or read, and never trap`(_ recorded: Recorded) {
        for index in recorded.body.indices {
            for bit in 0..<8 {
                var body = recorded.body
                body[index] ^= 1 << UInt8(bit)
                // Whether it is still an object depends on the bit.
                _ = try? decode(body)
            }
        }
    }
}

extension Recorded {
    var body: Bytes {
        let digits = Array(hex.filter { !$0.isWhitespace })
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)!
        }
    }

    /// The envelope ends with two empty fields (contentEncoding, contentType) of two bytes each;
    /// without them it means the same.
    var trailerCount: Int { 4 }
}

/// The envelope names a kind that there is not.
struct UnknownKind: Error {}

/// Decodes a body of a built-in or virtual kind.
func decode(_ body: Bytes) throws -> JSON {
    let envelope = try ObjectEnvelope(body)
    let decoder = ObjectDecoder(schemas: BuiltInKinds.schemas)
    let kind = BuiltInKinds.all.first {
        $0.kind == envelope.kind && $0.apiVersion == envelope.apiVersion
    }
    let virtual = BuiltInKinds.virtual.first { $0.kind == envelope.kind }
    guard let schema = kind?.schema ?? virtual?.schema else { throw UnknownKind() }
    return try decoder.object(in: envelope, schema: schema)
}
