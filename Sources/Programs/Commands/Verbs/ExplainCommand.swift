internal import ArgumentParser
internal import ClusterAccess
internal import Describing
internal import ResourceModel

/// `keelson explain`.
struct ExplainCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what the fields of a kind mean.",
        discussion: """
            keelson explain pods
            keelson explain deployment.spec.strategy
            keelson explain cronjobs --recursive
            """)
    @Argument(
        help: "TYPE, or TYPE.FIELD[.FIELD…].", completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @Flag(help: "Show the fields of fields too, without their meaning.") var recursive = false
    @Option(name: .customLong("api-version"), help: "Another version of the kind, as in apps/v1.")
    var version: String?
    @Option(help: "plaintext.") var output = "plaintext"
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard let resource = resources.first else {
            throw CommandFailure(
                "You must specify the type of resource to explain. Use \"keelson api-resources\""
                    + " for a complete list of supported resources.")
        }
        guard resources.count == 1 else {
            throw CommandFailure("We accept only this format: explain RESOURCE")
        }
        let (kind, fields) = try parsed(resource, session)
        var subject = SchemaExplanation.Subject(
            group: kind.group, version: kind.version, resource: kind.resource)
        if let version { try Self.set(version, of: &subject) }
        guard output != "plaintext-openapiv2" else {
            throw CommandFailure(
                "couldn't find resource for "
                    + GoText.quoted("\(subject.group)/\(subject.version), Kind=\(kind.kind)"))
        }
        let document = try self.document(subject, session)
        guard output == "plaintext" else {
            throw CommandFailure("unrecognized format: " + output)
        }
        let (text, failure) = SchemaExplanation.explain(
            subject, fields: fields, in: document, isRecursive: recursive)
        Standard.write(text)
        if let failure { throw CommandFailure(failure.description) }
    }

    /// What no field's name has.
    private var signs: String { " []{}*?@,'\"" }

    /// The kind and the path of a field; the kind's group may stand between them.
    private func parsed(
        _ resource: String, _ session: Session
    ) throws -> (kind: ResourceKind, fields: [String]) {
        let path = resource.hasSuffix(".") ? resource.dropLast() : resource[...]
        let words = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isPath = words.allSatisfy { !$0.isEmpty } && !path.contains { signs.contains($0) }
        guard isPath else {
            throw CommandFailure("invalid jsonpath syntax, first node must be field node")
        }
        do {
            let kinds = try session.directory.kinds(named: words[0])
            for kind in kinds where !kind.group.isEmpty {
                let name = [words[0]] + kind.group.split(separator: ".").map(String.init)
                if words.starts(with: name) { return (kind, Array(words.dropFirst(name.count))) }
            }
            return (kinds[0], Array(words.dropFirst()))
        } catch let unknown as UnknownResource {
            // Unlike other verbs kubectl does not call this an error.
            session.tell(unknown.description)
            throw CommandFailure.told
        }
    }

    private static func set(
        _ version: String, of subject: inout SchemaExplanation.Subject
    ) throws {
        let parts = version.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw CommandFailure("unexpected GroupVersion string: " + version)
        }
        subject.group = parts.count == 2 ? String(parts[0]) : ""
        subject.version = String(parts[parts.count - 1])
    }

    /// What the server says of a group and version.
    private func document(
        _ subject: SchemaExplanation.Subject, _ session: Session
    ) throws -> JSON {
        let paths = try session.client.json(ClusterClient.Request("GET", "/openapi/v3"))["paths"]
        let place = subject.group.isEmpty
            ? "api/" + subject.version : "apis/" + subject.group + "/" + subject.version
        guard paths[place] != nil else {
            throw CommandFailure("couldn't find resource for " + GoText.quoted(subject.printed))
        }
        return try session.client.json(ClusterClient.Request("GET", "/openapi/v3/" + place))
    }
}
