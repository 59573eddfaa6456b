internal import ArgumentParser
internal import ClusterAccess
internal import Foundation
internal import Printing
internal import ResourceModel

/// `keelson status`.
struct StatusCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the store, nodes, workloads, models and what is wrong, on one screen.",
        discussion: "Ends with exit code 1 if anything is wrong.")
    @Option(help: "Where members of the store are, with commas between them.")
    var endpoints: String?
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let store = try StoreOverview.ask(
            endpoints ?? Standard.variable("ETCDCTL_ENDPOINTS") ?? "127.0.0.1:2379",
            ProcessInfo.processInfo.environment)
        let version = try session.client.json(ClusterClient.Request("GET", "/version"))
        let overview = try overview(session)
        Standard.say(
            "Server \(session.client.endpoint.server), "
                + (version["gitVersion"].stringValue ?? "of unknown version"))
        show("Store", ["MEMBER", "ROLE", "ADDRESS", "SIZE", "TERM"], store.rows)
        show("Nodes", ["NODE", "STATE", "PODS", "VERSION", "ADDRESS"], overview.nodeRows)
        show(
            "Workloads", ["NAMESPACE", "WORKLOAD", "DESIRED", "READY", "IMAGES"],
            overview.workloadRows)
        show(
            "Models", ["NAMESPACE", "NAME", "STATE", "MODEL", "COPIES", "URL"],
            overview.modelRows)
        show(
            "Services", ["NAMESPACE", "NAME", "ADDRESS", "PORTS", "ENDPOINTS"],
            overview.serviceRows)
        let problems = store.problems + overview.problems
        Standard.say("")
        guard !problems.isEmpty else { return Standard.say(Colour.green("All is well.")) }
        Standard.say(Colour.red(problems.count == 1 ? "1 problem" : "\(problems.count) problems"))
        Standard.say(Self.shortened(problems.map { PlainText.line($0) }).map { "  " + $0 })
        throw CommandFailure.told
    }

    private func show(_ title: String, _ names: [String], _ rows: [[String]]) {
        guard !rows.isEmpty else { return }
        Standard.say(["", Colour.bold(title)])
        let plain = rows.map { $0.map { PlainText.line($0) } }
        Standard.say(
            Self.shortened(PrintedTable(names: names, rows: plain).lines).map { "  " + $0 })
    }

    /// The first lines, and how many more there are.
    private static func shortened(_ lines: [String]) -> [String] {
        let more = lines.count - linesMax
        return more > 1 ? lines.prefix(linesMax) + ["... and \(more) more"] : lines
    }

    /// Of one part of the screen.
    private static let linesMax = 25

    private func overview(_ session: Session) throws -> ClusterOverview {
        func list(_ name: String) throws -> [JSON] {
            let kind = try session.directory.kind(named: name)
            return try session.list(kind, namespace: "").items
        }
        let isOwned = { (object: JSON) in
            object["metadata"]["ownerReferences"].arrayValue?.isEmpty == false
        }
        var overview = ClusterOverview()
        overview.nodes = try list("nodes")
        overview.pods = try list("pods")
        for name in ["deployments", "statefulsets", "daemonsets", "jobs"] {
            overview.workloads += try list(name).filter { !isOwned($0) }
        }
        overview.services = try list("services")
        overview.slices = try list("endpointslices")
        do {
            overview.models = try list("modeldeployments.models.keelson.dev")
        } catch let failure as APIFailure where failure.reason == .notFound {
            // A plain Kubernetes has no models.
        }
        return overview
    }
}

/// Colours, on a terminal that takes them.
enum Colour {
    static func bold(_ text: String) -> String { wrapped(text, "1") }
    static func dim(_ text: String) -> String { wrapped(text, "2") }
    static func red(_ text: String) -> String { wrapped(text, "31") }
    static func green(_ text: String) -> String { wrapped(text, "32") }
    static func yellow(_ text: String) -> String { wrapped(text, "33") }

    private static func wrapped(_ text: String, _ code: String) -> String {
        Standard.isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
