internal import ResourceModel

/// The options of a deletion, from the body and the query.
struct DeleteOptions: Sendable, Equatable {
    /// What becomes of dependents.
    enum Propagation: String {
        case orphan = "Orphan"
        case background = "Background"
        case foreground = "Foreground"
    }

    /// Nil for the kind's own.
    var gracePeriodSeconds: Int64?
    /// Nil for the kind's own.
    var propagation: Propagation?
    /// The object must have this uid.
    var uid: String?
    /// The object must be at this version.
    var resourceVersion: String?
    /// Everything is done but the writing.
    var isDryRun = false

    init() {}

    /// Reads the body's object, and the query where the body says nothing.
    init(_ body: JSON?, _ query: QueryParameters) throws(APIFailure) {
        var errors: [FieldError] = []
        gracePeriodSeconds = try Self.number(body?["gracePeriodSeconds"])
        if gracePeriodSeconds == nil {
            gracePeriodSeconds = try query.number("gracePeriodSeconds")
        }
        var orphans = body?["orphanDependents"]?.boolValue
        if orphans == nil { orphans = try query.flag("orphanDependents") }
        let policy = body?["propagationPolicy"].stringValue ?? query["propagationPolicy"] ?? ""
        if !policy.isEmpty {
            propagation = Propagation(rawValue: policy)
            if propagation == nil {
                errors.append(
                    .notSupported(
                        "propagationPolicy", .string(policy),
                        ["Background", "Foreground", "Orphan"]))
            }
            if orphans != nil {
                errors.append(
                    .invalid(
                        "propagationPolicy", .string(policy),
                        "orphanDependents and deletionPropagation cannot be both set"))
            }
        } else if let orphans {
            propagation = orphans ? .orphan : .background
        }
        uid = body?["preconditions"]["uid"].stringValue
        resourceVersion = body?["preconditions"]["resourceVersion"].stringValue
        let inBody = body?["dryRun"].arrayValue?.map { $0.stringValue ?? "" } ?? []
        isDryRun = WriteOptions.dryRun(inBody + query.all("dryRun"), &errors)
        guard errors.isEmpty else { throw .invalidOptions("DeleteOptions", errors) }
    }

    private static func number(_ value: JSON?) throws(APIFailure) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.integerValue else {
            throw .badRequest("gracePeriodSeconds must be a whole number")
        }
        return number
    }
}
