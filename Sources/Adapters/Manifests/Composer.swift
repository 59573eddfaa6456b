import Primitives
import ResourceModel

/// Puts the values of a text together from its events. libyaml neither expands aliases nor
/// knows how much they stand for: both are counted here, before anything is made of them.
struct Composer: ~Copyable {
    /// A value with what must be known where it is used again.
    struct Node {
        var value: JSON
        /// How many values it is, itself included.
        var count = 1
        /// How deep it is nested: 1 for a scalar.
        var height = 1
        /// Nil unless places are kept.
        var places: FieldPlaces?
    }

    private var reader: YAMLReader
    private let limits: ManifestLimits
    private let keepsPlaces: Bool
    private var anchors: [String: Node] = [:]
    /// Anchors of values that are being read.
    private var open: Set<String> = []
    private var aliasedCount = 0

    init(_ text: Bytes, _ limits: ManifestLimits, keepsPlaces: Bool) {
        reader = YAMLReader(text)
        self.limits = limits
        self.keepsPlaces = keepsPlaces
    }

    /// The next document; nil at the end.
    mutating func nextDocument() throws(ManifestError) -> Manifest? {
        while true {
            let (event, place) = try reader.next()
            switch event {
            case .streamEnd: return nil
            case .documentStart:
                anchors = [:]
                let (event, start) = try reader.next()
                let node = try node(event, start, depth: 1)
                return Manifest(
                    value: node.value, line: max(place.line, start.line), places: node.places)
            default: continue
            }
        }
    }

    private mutating func node(
        _ event: YAMLEvent, _ place: Place, depth: Int
    ) throws(ManifestError) -> Node {
        guard depth <= limits.depthMax else {
            throw ManifestError(.tooDeep(depthMax: limits.depthMax), at: place)
        }
        switch event {
        case .alias(let name): return try alias(name, place, depth: depth)
        case .scalar(let scalar):
            var node = Node(value: try ScalarType.value(of: scalar, at: place))
            if keepsPlaces { node.places = FieldPlaces(place: place, parts: .text(scalar.text)) }
            if let anchor = scalar.labels.anchor { anchors[anchor] = node }
            return node
        case .sequenceStart(let labels):
            return try anchored(labels) { composer throws(ManifestError) in
                try composer.sequence(at: place, depth: depth)
            }
        case .mappingStart(let labels):
            return try anchored(labels) { composer throws(ManifestError) in
                try composer.mapping(at: place, depth: depth)
            }
        default:
            // libyaml has checked the order of its events.
            invariant(false, "a YAML value begins with the event \(event)")
            return Node(value: .null)
        }
    }

    private mutating func anchored(
        _ labels: YAMLLabels, _ read: (inout Composer) throws(ManifestError) -> Node
    ) throws(ManifestError) -> Node {
        guard let anchor = labels.anchor else { return try read(&self) }
        open.insert(anchor)
        let node = try read(&self)
        open.remove(anchor)
        anchors[anchor] = node
        return node
    }

    private mutating func alias(
        _ name: String, _ place: Place, depth: Int
    ) throws(ManifestError) -> Node {
        guard !open.contains(name) else { throw ManifestError(.recursiveAlias(name), at: place) }
        guard let node = anchors[name] else { throw ManifestError(.unknownAlias(name), at: place) }
        guard depth + node.height - 1 <= limits.depthMax else {
            throw ManifestError(.tooDeep(depthMax: limits.depthMax), at: place)
        }
        aliasedCount += node.count
        guard aliasedCount <= limits.aliasedValuesMax else {
            throw ManifestError(.tooManyValues(countMax: limits.aliasedValuesMax), at: place)
        }
        var copy = node
        copy.places = node.places?.at(place)
        return copy
    }

    private mutating func sequence(
        at start: Place, depth: Int
    ) throws(ManifestError) -> Node {
        var items: [JSON] = []
        var itemPlaces: [FieldPlaces] = []
        var sequence = Node(value: .null)
        while true {
            let (event, place) = try reader.next()
            if case .sequenceEnd = event { break }
            let item = try node(event, place, depth: depth + 1)
            sequence.count += item.count
            sequence.height = max(sequence.height, item.height + 1)
            items.append(item.value)
            if let places = item.places { itemPlaces.append(places) }
        }
        sequence.value = .array(items)
        if keepsPlaces { sequence.places = FieldPlaces(place: start, parts: .items(itemPlaces)) }
        return sequence
    }

    private mutating func mapping(
        at start: Place, depth: Int
    ) throws(ManifestError) -> Node {
        var members: [JSONObject.Member] = []
        var fields: [String: FieldPlaces] = [:]
        var mergedFields: [String: FieldPlaces] = [:]
        var places: [String: Place] = [:]
        var merged: [JSONObject] = []
        var mapping = Node(value: .null)
        while true {
            let (event, place) = try reader.next()
            if case .mappingEnd = event { break }
            let isMerge = Self.isMergeKey(event)
            let key = isMerge ? "" : try key(event, place)
            if !isMerge {
                if let first = places.updateValue(place, forKey: key) {
                    throw ManifestError(
                        .duplicateKey(key, firstLine: first.line, firstColumn: first.column),
                        at: place)
                }
            }
            let (valueEvent, valuePlace) = try reader.next()
            let value = try node(valueEvent, valuePlace, depth: depth + 1)
            mapping.count += value.count
            mapping.height = max(mapping.height, value.height + 1)
            if isMerge {
                merged += try Self.merged(value.value, valuePlace)
                mergedFields.merge(value.places?.allMembers ?? [:]) { first, _ in first }
            } else {
                members.append(JSONObject.Member(key, value.value))
                fields[key] = value.places?.at(place)
            }
        }
        // What is written here counts, then what is merged first.
        for object in merged {
            for member in object.members where places[member.name] == nil {
                places[member.name] = Place(line: 0, column: 0)
                members.append(member)
            }
        }
        mapping.value = .object(JSONObject(uniqueMembers: members))
        if keepsPlaces {
            fields.merge(mergedFields) { written, _ in written }
            mapping.places = FieldPlaces(place: start, parts: .members(fields))
        }
        return mapping
    }

    private static func isMergeKey(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let scalar) = event else { return false }
        let isMergeTag = scalar.labels.tag == "tag:yaml.org,2002:merge"
        return scalar.text == "<<" && (isMergeTag || scalar.isPlain && scalar.labels.tag == nil)
    }

    private static func merged(
        _ value: JSON, _ place: Place
    ) throws(ManifestError) -> [JSONObject] {
        switch value {
        case .object(let object): return [object]
        case .array(let items):
            let objects = items.compactMap(\.objectValue)
            if objects.count == items.count { return objects }
        default: break
        }
        throw ManifestError(.invalidMerge, at: place)
    }

    /// A key as text, as Kubernetes makes JSON of YAML.
    private mutating func key(_ event: YAMLEvent, _ place: Place) throws(ManifestError) -> String {
        switch event {
        case .scalar, .alias: break
        default: throw ManifestError(.invalidKey, at: place)
        }
        switch try node(event, place, depth: 1).value {
        case .string(let text): return text
        case .bool(let value): return value ? "true" : "false"
        case .integer(let number): return "\(number)"
        case .number(let number): return GoText.number(number)
        default: throw ManifestError(.invalidKey, at: place)
        }
    }
}
