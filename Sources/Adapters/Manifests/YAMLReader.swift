internal import CYAML
internal import Primitives

/// What libyaml tells of a text, one step at a time.
enum YAMLEvent {
    case documentStart
    case documentEnd
    case streamEnd
    case alias(String)
    case scalar(YAMLScalar)
    case sequenceStart(YAMLLabels)
    case sequenceEnd
    case mappingStart(YAMLLabels)
    case mappingEnd
}

/// What may stand before a value.
struct YAMLLabels {
    var anchor: String?
    var tag: String?
}

/// A value without parts.
struct YAMLScalar {
    var labels: YAMLLabels
    var text: String
    /// Neither quoted nor a block: its form says what type it has.
    var isPlain: Bool
}

/// libyaml's parser over bytes in memory.
// SAFETY: `parser` and `input` belong to this value alone and live as long as it does; libyaml
// keeps pointers to both. Texts of an event are copied before the event is freed.
@safe
struct YAMLReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: Bytes) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        let isReady = unsafe yaml_parser_initialize(parser)
        invariant(isReady == 1, "no memory for a YAML parser")
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event and where it begins.
    mutating func next() throws(ManifestError) -> (event: YAMLEvent, place: Place) {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { unsafe yaml_event_delete(&event) }
            let place = unsafe Self.place(event.start_mark)
            guard let known = try unsafe Self.event(event, place) else { continue }
            return (known, place)
        }
    }

    /// An event with its texts copied; nil for the beginning of the stream, which says nothing.
    private static func event(
        _ event: yaml_event_t, _ place: Place
    ) throws(ManifestError) -> YAMLEvent? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return unsafe .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe .sequenceStart(
                YAMLLabels(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe .mappingStart(
                YAMLLabels(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let labels = unsafe YAMLLabels(anchor: text(scalar.anchor), tag: text(scalar.tag))
            return unsafe .scalar(
                YAMLScalar(
                    labels: labels, text: String(decoding: bytes, as: UTF8.self),
                    isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE))
        default: return nil
        }
    }

    private static func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let characters = unsafe characters else { return nil }
        return unsafe String(cString: characters)
    }

    private static func place(_ mark: yaml_mark_t) -> Place {
        Place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    /// Why libyaml stopped, in its words.
    private func failure() -> ManifestError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let text = problem ?? "the text is no YAML"
        // The decoder of characters knows the byte alone: it is counted in lines here.
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            let offset = unsafe Int(parser.pointee.problem_offset)
            return ManifestError(.syntax(text), at: place(ofByte: offset))
        }
        return unsafe ManifestError(.syntax(text), at: Self.place(parser.pointee.problem_mark))
    }

    private func place(ofByte offset: Int) -> Place {
        let before = unsafe input.prefix(offset)
        let line = unsafe before.lastIndex(of: UInt8(ascii: "\n"))
        let breaks = unsafe before.count(where: { $0 == UInt8(ascii: "\n") })
        return Place(line: breaks + 1, column: offset - (line ?? -1))
    }
}
