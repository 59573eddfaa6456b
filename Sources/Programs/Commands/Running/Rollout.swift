internal import ClusterAccess
internal import ResourceModel

/// What the commands about roll-outs share.
enum Rollout {
    private static let kinds = ["Deployment", "DaemonSet", "StatefulSet"]
    private static let hashLabel = "pod-template-hash"
    private static let causeAnnotation = "kubernetes.io/change-cause"

    /// What a deployment once rolled out.
    struct Revision {
        var number: Int
        var cause: String?
        /// What its pods were made of, with the cause among the annotations.
        var ownTemplate: JSON
        /// Without the label that tells one from the other.
        var template: JSON
    }

    /// The objects of arguments; all must be of kinds that roll out.
    static func places(
        _ arguments: [String], _ session: Session, verb: String
    ) throws -> [ObjectPlace] {
        guard !arguments.isEmpty else { throw CommandFailure("required resource not specified") }
        let places = try ResourceArguments.places(arguments, session)
        if let other = places.first(where: { !kinds.contains($0.kind.kind) }) {
            throw CommandFailure("cannot \(verb) \(other.printed): it rolls nothing out")
        }
        return places
    }

    /// The revisions of a deployment, the oldest first, as its replica sets keep them.
    static func revisions(
        of object: JSON, _ place: ObjectPlace, _ session: Session
    ) throws -> [Revision] {
        guard place.kind.kind == "Deployment" else {
            throw CommandFailure("no history is kept of \(place.printed)")
        }
        let labels = try LabelSelector(object: object["spec"]["selector"] ?? .emptyObject)
        let kind = try session.directory.kind(named: "replicasets.apps")
        let uid = object["metadata"]["uid"]
        let sets = try session.list(
            kind, namespace: place.namespace, labels: labels.description
        ).items.filter { set in
            set["metadata"]["ownerReferences"].arrayValue?.contains { $0["uid"] == uid } == true
        }
        return sets.compactMap { set -> Revision? in
            let annotations = set["metadata"]["annotations"]
            let text = annotations["deployment.kubernetes.io/revision"].stringValue
            guard let number = text.flatMap({ Int($0) }) else { return nil }
            let cause = annotations[causeAnnotation].stringValue
            let template = set["spec"]["template"] ?? .emptyObject
            var own = template
            if let cause {
                own["metadata", default: .emptyObject]["annotations", default: .emptyObject][
                    causeAnnotation] = .string(cause)
            }
            return Revision(
                number: number, cause: cause, ownTemplate: own, template: bare(template))
        }.sorted { $0.number < $1.number }
    }

    /// A template as a deployment has it.
    static func bare(_ template: JSON?) -> JSON {
        var template = template ?? .emptyObject
        if template["metadata"]["labels"] != nil {
            template["metadata"]["labels"][hashLabel] = nil
        }
        return template
    }

    /// Patches the spec of an object and says so.
    static func change(
        _ place: ObjectPlace, _ spec: JSON, said: String, _ change: ChangeOptions,
        _ session: Session
    ) throws {
        var outcome: JSON?
        if change.dryRun != .client {
            outcome = try session.patch(
                place, ["spec": spec], type: .strategic, manager: change.manager("rollout"),
                isDryRun: change.dryRun == .server)
        }
        try change.say(said, place, outcome)
    }
}

extension ObjectPlace {
    /// `deployments.apps "web"`.
    var printedQuoted: String { "\(kind.printedResource) \(GoText.quoted(name))" }
}
