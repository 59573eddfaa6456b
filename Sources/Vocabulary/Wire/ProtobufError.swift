/// Why bytes are no message of the expected kind.
public enum ProtobufError: Error, Equatable, Sendable {
    /// The message ends in the middle of a field.
    case truncated(offset: Int)
    /// A number has more than ten bytes.
    case varintTooLong(offset: Int)
    /// Field number zero, or a wire type that does not exist.
    case invalidTag(offset: Int)
    /// A field has another wire type than its number stands for.
    case unexpectedType(field: Int)
    /// A text is not UTF-8.
    case invalidText(field: Int)
    /// Messages are nested deeper than is allowed.
    case nestedTooDeep
}
