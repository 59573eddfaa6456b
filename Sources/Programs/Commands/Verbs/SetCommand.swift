internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson set`.
struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change what pods are made of.",
        subcommands: [SetImageCommand.self])
}

/// `keelson set image`.
struct SetImageCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Change the images of containers.",
        discussion: "keelson set image deployment/web web=web:2")
    @Argument(
        help: "TYPE NAME… or TYPE/NAME…, then CONTAINER=IMAGE; * is every container.",
        completion: Completion.resources(behind: 2))
    var arguments: [String] = []
    @OptionGroup var targets: TargetOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let first = arguments.firstIndex { $0.contains("=") } ?? arguments.count
        let images = arguments[first...].map { text -> (name: String, image: String) in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        guard !images.isEmpty else { throw CommandFailure("at least one image update is required") }
        if let wrong = images.first(where: { $0.name.isEmpty || $0.image.isEmpty }) {
            throw CommandFailure("CONTAINER=IMAGE was expected, not \(wrong.name)=\(wrong.image)")
        }
        for place in try targets.places(Array(arguments[..<first]), session) {
            session.attempt { try set(images, place, session) }
        }
    }

    private func set(
        _ images: [(name: String, image: String)], _ place: ObjectPlace, _ session: Session
    ) throws {
        let object = try session.get(place)
        guard let path = PodTemplate.path(of: place.kind.kind), let spec = object.value(at: path)
        else {
            throw CommandFailure("\(place.printed) has no containers")
        }
        var podPatch = JSON.emptyObject
        var isChanged = false
        var unknown = Set(images.map(\.name)).subtracting(["*"])
        for list in ["initContainers", "containers"] {
            var changes: [JSON] = []
            for container in spec[list].arrayValue ?? [] {
                let name = container["name"].stringValue ?? ""
                unknown.remove(name)
                guard let image = images.last(where: { $0.name == name || $0.name == "*" })?.image
                else { continue }
                isChanged = isChanged || container["image"].stringValue != image
                changes.append(["name": .string(name), "image": .string(image)])
            }
            if !changes.isEmpty { podPatch[list] = .array(changes) }
        }
        if let name = unknown.min() {
            throw CommandFailure("unable to find container named \(GoText.quoted(name))")
        }
        guard isChanged else { return }
        var patch = JSON.emptyObject
        patch.setValue(podPatch, at: path)
        var outcome: JSON?
        if change.dryRun != .client {
            outcome = try session.patch(
                place, patch, type: .strategic, manager: change.manager("set"),
                isDryRun: change.dryRun == .server)
        }
        try change.say("image updated", place, outcome)
    }
}

/// Where kinds keep what their pods are made of.
enum PodTemplate {
    /// The path of the pod's spec; nil for kinds without.
    static func path(of kind: String) -> String? {
        switch kind {
        case "Pod": "spec"
        case "CronJob": "spec.jobTemplate.spec.template.spec"
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job": "spec.template.spec"
        default: nil
        }
    }
}
