/// A kind of object in one version, as the API server serves it: the single registry entry from
/// which storage, discovery, validation, tables and OpenAPI follow.
public struct KindDefinition: Sendable {
    /// The API group; empty for the core group.
    public var group: String
    /// The version, as in `v1`.
    public var version: String
    /// The kind, as in `Deployment`.
    public var kind: String
    /// The resource in addresses, as in `deployments`.
    public var resource: String
    /// The resource in the singular, as in `deployment`.
    public var singular: String
    /// Short names, as in `deploy`.
    public var shortNames: [String]
    /// Categories, as in `all`.
    public var categories: [String]
    /// Whether objects live in a namespace.
    public var isNamespaced: Bool
    /// Whether there is a status subresource.
    public var hasStatus: Bool
    /// The paths of the scale subresource, if there is one.
    public var scale: ScalePaths?
    /// The whole object: apiVersion, kind, metadata and the rest.
    public var schema: ObjectSchema
    /// Columns of tables, AGE among them where it is shown. NAME comes before them, unless one of
    /// them has that name.
    public var columns: [Column]
    /// What is special about this kind.
    public var strategy: Strategy

    /// Describes a kind.
    public init(
        group: String, version: String, kind: String, resource: String, singular: String? = nil,
        shortNames: [String] = [], categories: [String] = [], isNamespaced: Bool = true,
        hasStatus: Bool = false, scale: ScalePaths? = nil, schema: ObjectSchema,
        columns: [Column], strategy: Strategy = Strategy()
    ) {
        self.group = group
        self.version = version
        self.kind = kind
        self.resource = resource
        self.singular = singular ?? kind.lowercased()
        self.shortNames = shortNames
        self.categories = categories
        self.isNamespaced = isNamespaced
        self.hasStatus = hasStatus
        self.scale = scale
        self.schema = schema
        self.columns = columns
        self.strategy = strategy
    }

    /// `GROUP/VERSION`, or the version alone in the core group.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// Where a scalable kind keeps what the scale subresource shows.
public struct ScalePaths: Sendable, Equatable {
    /// As in `spec.replicas`, dots between names.
    public var specReplicas: String
    /// As in `status.replicas`.
    public var statusReplicas: String
    /// The label selector, an object or a string; nil if there is none.
    public var selector: String?

    /// Names the paths.
    public init(specReplicas: String, statusReplicas: String, selector: String?) {
        self.specReplicas = specReplicas
        self.statusReplicas = statusReplicas
        self.selector = selector
    }
}

/// A column of a table.
public struct Column: Sendable {
    /// The heading.
    public var name: String
    /// OpenAPI's type of its cells: string, integer, number, boolean or date.
    public var type: String
    /// 0 is always shown, 1 with `-o wide`.
    public var priority: Int
    /// What it shows, in a sentence.
    public var summary: String
    /// A cell of it for an object at a moment, in seconds since 1970.
    public var cell: @Sendable (_ object: JSON, _ nowSeconds: Int64) -> JSON

    /// Describes a column.
    public init(
        _ name: String, type: String = "string", priority: Int = 0, _ summary: String,
        cell: @escaping @Sendable (_ object: JSON, _ nowSeconds: Int64) -> JSON
    ) {
        self.name = name
        self.type = type
        self.priority = priority
        self.summary = summary
        self.cell = cell
    }
}

/// What is special about a kind beyond its schema. The server itself sees to metadata, schema
/// defaults and validation, generation and the separation of spec and status.
public struct Strategy: Sendable {
    /// Fills in what the schema's defaults cannot express. Pure; runs before validation, on
    /// creation and on each update.
    public var setDefaults: @Sendable (_ object: inout JSON) -> Void
    /// Adapts an object to be created (status reset, fields dropped).
    public var prepareForCreate: @Sendable (_ object: inout JSON) -> Void
    /// Adapts an object to be updated from the stored one.
    public var prepareForUpdate: @Sendable (_ object: inout JSON, _ old: JSON) -> Void
    /// Rules across fields; `old` is nil on creation, and there for immutability rules.
    public var validate: @Sendable (_ object: JSON, _ old: JSON?) -> [FieldError]
    /// Extra fields that a field selector may use, as in `status.phase`, with their value;
    /// `metadata.name` and `metadata.namespace` always work.
    public var selectableFields: @Sendable (_ object: JSON) -> [(name: String, value: String)]
    /// Names must be RFC 1123 labels (at most 63 characters) rather than subdomains.
    public var nameIsLabel: Bool
    /// Names may be whatever can stand in an address, as in `system:node` (RBAC).
    public var nameIsPathSegment: Bool
    /// Whether a delete waits for a grace period (Pod), and the default in seconds.
    public var deletionGraceSeconds: @Sendable (_ object: JSON) -> Int64?
    /// Whether creation through PUT or PATCH of an absent object is allowed.
    public var allowsCreateOnUpdate: Bool
    /// Whether an update without a resourceVersion is allowed.
    public var allowsUnconditionalUpdate: Bool

    /// Nothing special.
    public init(
        setDefaults: @escaping @Sendable (_ object: inout JSON) -> Void = { _ in },
        prepareForCreate: @escaping @Sendable (_ object: inout JSON) -> Void = { _ in },
        prepareForUpdate: @escaping @Sendable (_ object: inout JSON, _ old: JSON) -> Void = {
            _, _ in
        },
        validate: @escaping @Sendable (_ object: JSON, _ old: JSON?) -> [FieldError] = {
            _, _ in []
        },
        selectableFields: @escaping @Sendable (_ object: JSON) -> [(name: String, value: String)] =
            { _ in [] },
        nameIsLabel: Bool = false,
        deletionGraceSeconds: @escaping @Sendable (_ object: JSON) -> Int64? = { _ in nil },
        allowsCreateOnUpdate: Bool = false, allowsUnconditionalUpdate: Bool = true,
        nameIsPathSegment: Bool = false
    ) {
        self.setDefaults = setDefaults
        self.prepareForCreate = prepareForCreate
        self.prepareForUpdate = prepareForUpdate
        self.validate = validate
        self.selectableFields = selectableFields
        self.nameIsLabel = nameIsLabel
        self.nameIsPathSegment = nameIsPathSegment
        self.deletionGraceSeconds = deletionGraceSeconds
        self.allowsCreateOnUpdate = allowsCreateOnUpdate
        self.allowsUnconditionalUpdate = allowsUnconditionalUpdate
    }
}

/// Something wrong with one field, worded as Kubernetes words it.
public struct FieldError: Error, Sendable, Equatable {
    /// The kinds, with Kubernetes' words for them in a Status's causes.
    public enum Kind: String, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case duplicate = "FieldValueDuplicate"
        case notSupported = "FieldValueNotSupported"
        case forbidden = "FieldValueForbidden"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case typeInvalid = "FieldValueTypeInvalid"
        case notFound = "FieldValueNotFound"
    }

    /// What is wrong.
    public var kind: Kind
    /// Where, as in `spec.template.spec.containers[0].name`.
    public var path: String
    /// In words, as in `Invalid value: "x": must be …`.
    public var message: String

    /// Makes an error.
    public init(_ kind: Kind, _ path: String, _ message: String) {
        self.kind = kind
        self.path = path
        self.message = message
    }
}
