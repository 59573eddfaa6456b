internal import ArgumentParser
internal import ClusterAccess
internal import Printing

/// `keelson api-resources`.
struct APIResourcesCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-resources", abstract: "Show the kinds that the server offers.")
    @Option(name: .customLong("api-group"), help: "Only kinds of this group.") var group: String?
    @Option(help: "Only kinds with (true) or without (false) namespaces.") var namespaced: Bool?
    @Option(help: "Only kinds with these verbs, as in list,watch.") var verbs: String?
    @Option(help: "Only kinds of these categories, as in all.") var categories: String?
    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "wide or name.")
    var output: String?
    @Option(help: "name or kind.") var sortBy: String?
    @Flag(help: "Leave out the headings.") var noHeaders = false
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let output = ClusterOptions.plain(output) ?? ""
        guard ["", "wide", "name"].contains(output) else {
            throw CommandFailure("--output \(output) is not available")
        }
        guard [nil, "name", "kind"].contains(sortBy) else {
            throw CommandFailure("--sort-by accepts only name or kind")
        }
        let kinds = sorted(try session.directory.all().filter(isWanted))
        guard output != "name" else { return Standard.say(kinds.map(\.printedResource)) }
        var names = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
        if output == "wide" { names += ["VERBS", "CATEGORIES"] }
        let rows = kinds.map { kind in
            let wide = [
                kind.verbs.sorted().joined(separator: ","),
                kind.categories.joined(separator: ","),
            ]
            return [
                kind.resource, kind.shortNames.joined(separator: ","), kind.apiVersion,
                kind.isNamespaced ? "true" : "false", kind.kind,
            ] + (output == "wide" ? wide : [])
        }
        var widths: [Int] = []
        Standard.say(
            PrintedTable(names: names, rows: rows).lines(&widths, hasNames: !noHeaders))
    }

    private func isWanted(_ kind: ResourceKind) -> Bool {
        func list(_ text: String?) -> [String] {
            (text ?? "").split(separator: ",").map(String.init)
        }
        return (group ?? kind.group) == kind.group
            && (namespaced ?? kind.isNamespaced) == kind.isNamespaced
            && list(verbs).allSatisfy(kind.verbs.contains)
            && list(categories).allSatisfy(kind.categories.contains)
    }

    private func sorted(_ kinds: [ResourceKind]) -> [ResourceKind] {
        switch sortBy {
        case "name": kinds.sorted { $0.resource < $1.resource }
        case "kind": kinds.sorted { $0.kind < $1.kind }
        default: kinds.sorted { ($0.group, $0.resource) < ($1.group, $1.resource) }
        }
    }
}
