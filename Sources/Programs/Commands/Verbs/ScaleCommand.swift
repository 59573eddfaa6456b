internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson scale`.
struct ScaleCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Say how many copies there are to be.")
    @Argument(
        help: "TYPE NAME… or TYPE/NAME….",
        completion: Completion.resources(behind: 1, of: Completion.scalable))
    var resources: [String] = []
    @OptionGroup var targets: TargetOptions
    @Option(help: "How many copies.") var replicas: Int?
    @Option(help: "Only if there are to be so many now.") var currentReplicas: Int?
    @Option(help: "Only if the object is of this version.") var resourceVersion: String?
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard let replicas, replicas >= 0 else {
            throw CommandFailure(
                "The --replicas=COUNT flag is required, and COUNT must be greater than or equal"
                    + " to 0")
        }
        for place in try targets.places(resources, session) {
            session.attempt {
                let scale = try session.get(place, subresource: "scale")
                let current = scale["spec"]["replicas"].integerValue ?? 0
                if let currentReplicas, currentReplicas != Int(current) {
                    throw CommandFailure(
                        "Expected replicas to be \(currentReplicas), was \(current)")
                }
                var patch: JSON = ["spec": ["replicas": .integer(Int64(replicas))]]
                // What was read must still be so.
                let read = scale["metadata"]["resourceVersion"].stringValue
                let version = resourceVersion ?? (currentReplicas == nil ? nil : read)
                if let version { patch["metadata"] = ["resourceVersion": .string(version)] }
                var outcome: JSON?
                if change.dryRun != .client {
                    outcome = try session.patch(
                        place, patch, type: .merge, manager: change.manager("scale"),
                        isDryRun: change.dryRun == .server, subresource: "scale")
                }
                try change.say("scaled", place, outcome)
            }
        }
    }
}
