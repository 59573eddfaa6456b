package import Wire

/// Why a body in protobuf is no object of its kind, and at which field.
package struct ObjectCodingError: Error, Sendable, Equatable {
    /// What is wrong.
    package enum Problem: Sendable, Equatable {
        /// The body does not begin with the bytes that say what it is.
        case noMagic
        /// The object in the envelope is compressed, or no protobuf.
        case encoded(String)
        /// The bytes are no protobuf of the expected form.
        case protobuf(ProtobufError)
        /// The kind has no field of this number.
        case unknownField(Int)
        /// A field that is there once is there twice.
        case repeatedField
        /// A number does not fit 32 bits.
        case outOfRange(Int64)
        /// A time is not within the years 1 to 9999.
        case timeOutOfRange
        /// Bytes that should hold JSON do not; the reason in words.
        case invalidJSON(String)
        /// There are more values than any object has.
        case tooManyValues
        /// Objects of this form are read in JSON alone.
        case unsupported
    }

    /// What is wrong.
    package var problem: Problem
    /// The field, as in `spec.containers[0].name`; empty for the object itself.
    package var path: String

    /// Makes an error.
    package init(_ problem: Problem, at path: String = "") {
        self.problem = problem
        self.path = path
    }
}

extension ObjectCodingError: CustomStringConvertible {
    /// What is wrong, in a sentence for whoever sent it.
    package var description: String {
        path.isEmpty ? problemText : "\(path): \(problemText)"
    }

    private var problemText: String {
        switch problem {
        case .noMagic: "the body does not begin with the bytes 6b 38 73 00"
        case .encoded(let how): "the object inside the body is encoded as \(how)"
        case .protobuf(let error): Self.text(of: error)
        case .unknownField(let number): "unknown field number \(number)"
        case .repeatedField: "the field is there twice"
        case .outOfRange(let number): "\(number) does not fit 32 bits"
        case .timeOutOfRange: "the time is not within the years 1 to 9999"
        case .invalidJSON(let reason): "invalid JSON: \(reason)"
        case .tooManyValues: "the object has too many values"
        case .unsupported: "this field can be sent in JSON alone"
        }
    }

    private static func text(of error: ProtobufError) -> String {
        switch error {
        case .truncated(let offset): "the message is truncated at byte \(offset)"
        case .varintTooLong(let offset): "the number at byte \(offset) is too long"
        case .invalidTag(let offset): "there is no field at byte \(offset)"
        case .unexpectedType(let field): "field number \(field) is written as another type"
        case .invalidText(let field): "field number \(field) is not UTF-8"
        case .nestedTooDeep: "messages are nested too deep"
        }
    }
}
