internal import Admission
internal import ResourceModel

/// The options of a request that creates, updates or patches.
struct WriteOptions {
    /// The longest name of a manager.
    static let managerCharactersMax = 128

    /// Everything is done but the writing.
    var isDryRun: Bool
    /// Who is held to manage the fields that are set.
    var manager: String
    /// As given; server-side apply needs it.
    var hasManager: Bool
    /// Unknown and duplicate fields.
    var fieldValidation: KindRules.FieldValidation
    /// Server-side apply takes fields from other managers.
    var isForced: Bool

    /// Reads the options of a request with this verb.
    init(_ request: HTTPRequest, type: String) throws(APIFailure) {
        let query = request.query
        var errors: [FieldError] = []
        isDryRun = Self.dryRun(query.all("dryRun"), &errors)
        let text = query["fieldValidation"] ?? ""
        let validation = KindRules.FieldValidation(
            rawValue: text.isEmpty ? "Warn" : text)
        if validation == nil {
            errors.append(
                .notSupported("fieldValidation", .string(text), ["Ignore", "Strict", "Warn"]))
        }
        fieldValidation = validation ?? .warn
        let given = query["fieldManager"] ?? ""
        hasManager = !given.isEmpty
        if given.count > Self.managerCharactersMax {
            errors.append(.tooLong("fieldManager", bytesMax: Self.managerCharactersMax))
        }
        if given.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            errors.append(
                .invalid(
                    "fieldManager", .string(given), "should only contain printable characters"))
        }
        manager = given.isEmpty ? Self.manager(userAgent: request.header("user-agent")) : given
        isForced = try query.flag("force") ?? false
        guard errors.isEmpty else { throw .invalidOptions(type, errors) }
    }

    /// `All` is the only value that there is.
    static func dryRun(_ values: [String], _ errors: inout [FieldError]) -> Bool {
        let wrong = values.filter { $0 != "All" }
        for value in wrong {
            errors.append(.notSupported("dryRun", .string(value), ["All"]))
        }
        return !values.isEmpty && wrong.isEmpty
    }

    /// The name in front of the user agent's version (Kubernetes does the same).
    private static func manager(userAgent: String?) -> String {
        let name = (userAgent ?? "").prefix { $0 != "/" }.filter(\.isASCII)
        return name.isEmpty ? "unknown" : String(name.prefix(managerCharactersMax))
    }
}
