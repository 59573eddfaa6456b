package import Wire

extension ProtobufReader {
    /// Visits all fields in order; `body` reads the value of the field and answers true, or answers
    /// false to have it skipped.
    /// - Throws: `ProtobufError` for bytes that are no message, and what `body` throws.
    package mutating func forEachField(
        _ body: (_ field: Int, _ reader: inout ProtobufReader) throws -> Bool
    ) throws {
        while let field = try nextField() {
            if try !body(field, &self) { try skip() }
        }
    }
}
