internal import ClusterAccess
internal import Manifests
internal import Printing
internal import ResourceModel

/// How `-o` shows objects.
enum ObjectOutput {
    /// The server's table, with or without the columns of priority 1.
    case table(isWide: Bool)
    case json
    case yaml
    case name
    case path(JSONPath)
    case columns(CustomColumns)

    static let names = [
        "custom-columns", "custom-columns-file", "json", "jsonpath", "jsonpath-file", "name",
        "wide", "yaml",
    ]

    init(_ text: String?, allowsTable: Bool = true) throws {
        let text = ClusterOptions.plain(text) ?? ""
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? String(parts[1]) : ""
        switch String(parts.first ?? "") {
        case "" where allowsTable: self = .table(isWide: false)
        case "wide" where allowsTable: self = .table(isWide: true)
        case "json": self = .json
        case "yaml": self = .yaml
        case "name": self = .name
        case "jsonpath": self = .path(try Self.template(argument))
        case "jsonpath-file": self = .path(try Self.template(Self.file(argument)))
        case "custom-columns": self = .columns(try CustomColumns(parsing: argument))
        case "custom-columns-file": self = .columns(try Self.columnsFile(argument))
        default:
            throw CommandFailure(
                "unable to match a printer suitable for the output format \(GoText.quoted(text)), "
                    + "allowed formats are: " + Self.names.joined(separator: ","))
        }
    }

    private static func template(_ text: String) throws -> JSONPath {
        guard !text.isEmpty else {
            throw CommandFailure("template format specified but no template given")
        }
        do {
            return try JSONPath(parsing: text)
        } catch {
            throw CommandFailure("error parsing jsonpath \(text), \(error)")
        }
    }

    private static func file(_ path: String) throws -> String {
        String(decoding: try Standard.read(path), as: UTF8.self)
    }

    /// A line of headings and below it a line of paths, both with blanks between them.
    private static func columnsFile(_ path: String) throws -> CustomColumns {
        let lines = try file(path).split(separator: "\n").map { $0.split(separator: " ") }
        guard lines.count == 2, lines[0].count == lines[1].count else {
            throw CommandFailure(
                "incorrect number of lines or columns in \(path): expected a line of headings and"
                    + " one of paths")
        }
        return try CustomColumns(
            parsing: zip(lines[0], lines[1]).map { "\($0):\($1)" }.joined(separator: ","))
    }

    /// What is said of one object, or of a list as one.
    func text(of object: JSON, _ kind: ResourceKind?) -> String {
        switch self {
        case .table: ""
        case .json: object.sorted.indentedText + "\n"
        case .yaml: Manifest.text(of: object)
        case .name: (kind.map { $0.printedKind + "/" } ?? "") + object.objectName + "\n"
        case .path(let path): path.text(for: object)
        case .columns(let columns):
            columns.table(of: [object]).lines.joined(separator: "\n") + "\n"
        }
    }
}

extension JSON {
    /// The name in the metadata.
    var objectName: String { self["metadata"]["name"].stringValue ?? "" }
    /// The namespace in the metadata; empty without one.
    var objectNamespace: String { self["metadata"]["namespace"].stringValue ?? "" }

    /// Without what the server notes down about managers of fields.
    var withoutManagedFields: JSON {
        var object = self
        if object["metadata"] != nil { object["metadata"]["managedFields"] = nil }
        return object
    }
}
