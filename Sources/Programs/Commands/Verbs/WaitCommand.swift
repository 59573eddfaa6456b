internal import ArgumentParser
internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// `keelson wait`.
struct WaitCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until something holds for objects.",
        discussion: """
            keelson wait pod/web --for=condition=Ready --timeout=60s
            keelson wait deployment/web --for=jsonpath='{.status.readyReplicas}'=2
            """)
    @Argument(
        help: "TYPE NAME… or TYPE/NAME….",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @OptionGroup var targets: TargetOptions
    @Option(
        name: .customLong("for"),
        help: "condition=NAME[=STATUS], jsonpath=PATH[=VALUE], create or delete.")
    var goal: String?
    @Option(help: "How long to wait; 0 looks once, a negative time waits a week.")
    var timeout = "30s"
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let goal = try Goal(goal ?? "")
        // What is waited for first uses up the time of what comes later, as in kubectl.
        let waiting = Waiting(
            session, timeout: timeout.hasPrefix("-")
                ? nil : try ShortDuration.parse(timeout, flag: "timeout") ?? .zero)
        let places = try targets.places(resources, session)
        guard !places.isEmpty else { throw CommandFailure("no matching resources found") }
        for place in places {
            session.attempt { try wait(for: place, goal, waiting, session) }
        }
    }

    private func wait(
        for place: ObjectPlace, _ goal: Goal, _ waiting: Waiting, _ session: Session
    ) throws {
        let mayBeMissing = goal == .deleted || goal == .created
        if !mayBeMissing { _ = try session.get(place) }
        let line = LiveLine(isSaidOnPipes: false)
        defer { line.end() }
        let isMet = try waiting.follow(place) { object in
            if object == nil, !mayBeMissing {
                throw CommandFailure(
                    "\(place.kind.printedResource) \(GoText.quoted(place.name)) was deleted")
            }
            if goal.isMet(by: object) { return true }
            switch object.map({ Readiness.progress(place.kind.naming($0)) }) {
            case _ where goal == .deleted: line.show("Waiting for \(place.printed) to go...")
            case .waiting(let text): line.show(text)
            default: line.show("Waiting for \(place.printed)...")
            }
            return false
        }
        guard isMet else {
            throw CommandFailure.timedOut(place)
        }
        line.end("\(place.printed) condition met")
    }
}

/// What is to hold.
private enum Goal: Equatable {
    case created
    case deleted
    case condition(String, status: String)
    case path(JSONPath, value: String?)

    init(_ text: String) throws {
        switch text.lowercased() {
        case "create": self = .created
        case "delete": self = .deleted
        case "":
            throw CommandFailure("--for is required: condition=…, jsonpath=…, create or delete")
        default:
            if text.lowercased().hasPrefix("condition=") {
                let parts = text.split(separator: "=", omittingEmptySubsequences: false)
                self = .condition(
                    String(parts[1]), status: parts.count > 2 ? String(parts[2]) : "true")
            } else if text.hasPrefix("jsonpath=") {
                self = try Self.path(String(text.dropFirst("jsonpath=".count)))
            } else {
                throw CommandFailure("unrecognized condition: \(GoText.quoted(text))")
            }
        }
    }

    private static func path(_ text: String) throws -> Goal {
        // What is compared with stands behind the last brace.
        let end = text.lastIndex(of: "}").map { text.index(after: $0) }
        let path = end.map { String(text[..<$0]) } ?? text
        let rest = end.map { text[$0...] } ?? ""
        guard rest.isEmpty || rest.hasPrefix("=") else {
            throw CommandFailure("jsonpath wait format must be --for=jsonpath='{.path}'=value")
        }
        let value = rest.isEmpty ? nil : String(rest.dropFirst())
        return .path(try JSONPath(relaxed: path), value: value)
    }

    func isMet(by object: JSON?) -> Bool {
        guard let object else { return self == .deleted }
        switch self {
        case .created: return true
        case .deleted: return false
        case .condition(let type, let status):
            return Readiness.hasCondition(object, type, status)
        case .path(let path, let value):
            let found = path.values(in: object)
            guard let first = found.first, found.count == 1 else { return false }
            return value.map { first.goText == $0 } ?? true
        }
    }
}
