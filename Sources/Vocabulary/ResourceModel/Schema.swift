/// What a value of a resource may be: the one description from which decoding (JSON, YAML,
/// protobuf), defaults, pruning, validation, merging by key, field ownership and OpenAPI follow.
public indirect enum Schema: Sendable {
    case string(StringRules)
    case integer(IntegerRules)
    case number(NumberRules)
    case boolean
    /// A Kubernetes quantity (`500m`, `1Gi`), written as a string or a number.
    case quantity
    /// A whole number or a string (ports, percentages).
    case integerOrString
    /// RFC 3339, whole seconds (`metav1.Time`) or microseconds (`MicroTime`).
    case time(isMicro: Bool)
    /// Base64 in JSON, bytes in protobuf (`Secret.data`).
    case bytes
    case object(ObjectSchema)
    case array(ListSchema)
    /// An object with names of any kind and values of one kind.
    case map(MapSchema)
    /// Anything at all (`RawExtension`, `x-kubernetes-preserve-unknown-fields`).
    case any(preservesUnknown: Bool)
    /// A schema named elsewhere: `registry` of the kinds resolves it (recursive schemas).
    case reference(String)
}

/// What a string may be.
public struct StringRules: Sendable, Equatable {
    /// The allowed values; empty for all.
    public var allowed: [String] = []
    /// Bounds on its length in characters.
    public var lengthMin: Int?
    /// The longest allowed.
    public var lengthMax: Int?
    /// A regular expression that must match somewhere in it.
    public var pattern: String?
    /// OpenAPI's format, for documentation and the few formats that are checked.
    public var format: String?

    /// Allows every string.
    public init() {}

    /// Allows some strings.
    public init(allowed: [String]) { self.allowed = allowed }
}

/// What a whole number may be.
public struct IntegerRules: Sendable, Equatable {
    /// Whether it must fit 32 bits rather than 64.
    public var is32Bit: Bool
    /// The least allowed.
    public var minimum: Int64?
    /// The greatest allowed.
    public var maximum: Int64?
    /// Whether the bounds themselves are excluded.
    public var excludesMinimum = false
    /// Whether the upper bound itself is excluded.
    public var excludesMaximum = false
    /// It must be a multiple of this.
    public var multipleOf: Int64?
    /// The allowed values; empty for all.
    public var allowed: [Int64] = []

    /// Allows every number of its width within bounds.
    public init(is32Bit: Bool = true, minimum: Int64? = nil, maximum: Int64? = nil) {
        self.is32Bit = is32Bit
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// What a number may be.
public struct NumberRules: Sendable, Equatable {
    /// The least allowed.
    public var minimum: Double?
    /// The greatest allowed.
    public var maximum: Double?
    /// Whether the lower bound itself is excluded.
    public var excludesMinimum = false
    /// Whether the upper bound itself is excluded.
    public var excludesMaximum = false
    /// It must be a multiple of this.
    public var multipleOf: Double?

    /// Allows every number.
    public init() {}
}

/// An object with named fields.
public struct ObjectSchema: Sendable {
    /// OpenAPI's name, as in `io.k8s.api.apps.v1.DeploymentSpec`; empty for one without a name.
    public var name: String
    /// What it is, in a sentence.
    public var summary: String
    /// Its fields.
    public var fields: [Field]
    /// Keeps fields that are not listed (`x-kubernetes-preserve-unknown-fields`).
    public var preservesUnknown: Bool
    /// Is owned and replaced as one value (`x-kubernetes-map-type: atomic`).
    public var isAtomic: Bool

    /// Describes an object.
    public init(
        _ name: String, _ summary: String, preservesUnknown: Bool = false, isAtomic: Bool = false,
        _ fields: [Field]
    ) {
        self.name = name
        self.summary = summary
        self.preservesUnknown = preservesUnknown
        self.isAtomic = isAtomic
        self.fields = fields
    }

    /// A field of this name.
    public func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// A named field of an object.
public struct Field: Sendable {
    /// Its number in the protobuf message of its kind; 0 where there is none.
    public var number: Int
    /// Its name in JSON.
    public var name: String
    /// Its value.
    public var schema: Schema
    /// What it means, in a sentence; `kubectl explain` shows it.
    public var summary: String
    /// Whether it must be there.
    public var isRequired: Bool
    /// Set when it is absent.
    public var defaultValue: JSON?
    /// Whether null is a value of its own.
    public var isNullable: Bool
    /// Whether zero, false or an empty text is a value of its own in protobuf, where other fields
    /// are written with it when they are absent (Go: a pointer).
    public var keepsZero = false
    /// The number of the message around it in protobuf, where JSON has it one level higher up
    /// (Go: an embedded struct); 0 if there is none.
    public var messageNumber = 0
    /// A strategic merge patch may say which members of this object stay (`retainKeys`).
    public var retainsKeys = false

    /// Describes a field.
    public init(
        _ number: Int, _ name: String, _ schema: Schema, _ summary: String,
        isRequired: Bool = false, default defaultValue: JSON? = nil, isNullable: Bool = false
    ) {
        self.number = number
        self.name = name
        self.schema = schema
        self.summary = summary
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.isNullable = isNullable
    }
}

/// A list.
public struct ListSchema: Sendable {
    /// How a list is owned and merged (`x-kubernetes-list-type`).
    public enum Kind: Sendable, Equatable {
        /// Replaced as one value.
        case atomic
        /// Scalars, each at most once.
        case set
        /// Objects told apart by the values of these fields.
        case map(keys: [String])
    }

    /// Its items.
    public var items: Schema
    /// How server-side apply owns it.
    public var kind: Kind
    /// The field by which a strategic merge patch tells items apart
    /// (`x-kubernetes-patch-merge-key`); an empty string merges scalars; nil replaces the list.
    public var patchMergeKey: String?
    /// The strategy `retainKeys` is allowed beside `merge`.
    public var retainsKeys: Bool
    /// Bounds on how many items there are.
    public var countMin: Int?
    /// The most items allowed.
    public var countMax: Int?

    /// Describes a list.
    public init(
        of items: Schema, _ kind: Kind = .atomic, patchMergeKey: String? = nil,
        retainsKeys: Bool = false, countMin: Int? = nil, countMax: Int? = nil
    ) {
        self.items = items
        self.kind = kind
        self.patchMergeKey = patchMergeKey
        self.retainsKeys = retainsKeys
        self.countMin = countMin
        self.countMax = countMax
    }
}

/// An object used as a dictionary.
public struct MapSchema: Sendable {
    /// Its values.
    public var values: Schema
    /// Is owned and replaced as one value.
    public var isAtomic: Bool

    /// Describes a dictionary.
    public init(of values: Schema, isAtomic: Bool = false) {
        self.values = values
        self.isAtomic = isAtomic
    }
}
