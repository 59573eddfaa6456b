internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// The flags by which objects go that files say no more.
struct PruneOptions: ParsableArguments {
    @Flag(help: "Delete what was applied before and is in no file any more.") var prune = false
    @Option(
        help: "With --prune: the object that keeps record of the set, as in web or configmap/web.")
    var applyset: String?
    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: "Only objects with these labels, as in app=web.")
    var selector: String?
    @Flag(help: "With --prune: among all objects.") var all = false
    @Option(help: "With --prune: among objects of this kind, as in core/v1/ConfigMap.")
    var pruneAllowlist: [String] = []

    /// The objects that are meant, and what goes if they are all.
    func plan(_ objects: [ManifestObject], _ session: Session) throws -> (
        objects: [ManifestObject], pruning: Pruning
    ) {
        let labels = ClusterOptions.plain(selector) ?? ""
        try check(labels)
        if let applyset {
            let set = try ApplySet(ClusterOptions.plain(applyset) ?? "", session)
            let members = try objects.map(set.labelled)
            return (members, Pruning(candidates: .set(set), session: session))
        }
        let wanted = try LabelSelector(parsing: labels)
        let objects = objects.filter { wanted.matches($0.value["metadata"]["labels"]) }
        guard !objects.isEmpty else { throw CommandFailure("no objects passed to apply") }
        guard prune else { return (objects, Pruning(candidates: .none, session: session)) }
        let list = try AllowList(pruneAllowlist, labels: labels, session)
        return (objects, Pruning(candidates: .list(list), session: session))
    }

    private func check(_ labels: String) throws {
        guard applyset == nil else {
            guard prune else { throw CommandFailure("--applyset requires --prune") }
            let others = [
                ("all", all), ("selector", !labels.isEmpty),
                ("prune-allowlist", !pruneAllowlist.isEmpty),
            ]
            if let other = others.first(where: \.1) {
                throw CommandFailure("--\(other.0) is incompatible with --applyset")
            }
            return
        }
        guard prune || !all, prune || pruneAllowlist.isEmpty else {
            throw CommandFailure("--all and --prune-allowlist only work with --prune")
        }
        guard !all || labels.isEmpty else {
            throw CommandFailure("cannot set --all and --selector at the same time")
        }
        guard !prune || all || !labels.isEmpty else {
            throw CommandFailure(
                "all resources selected for prune without explicitly passing --all. To prune all"
                    + " resources, pass the --all flag. If you did not mean to prune all resources,"
                    + " specify a label selector")
        }
    }
}

/// Which objects go once others have been applied.
struct Pruning {
    enum Candidates {
        case none
        case set(ApplySet)
        case list(AllowList)
    }

    let candidates: Candidates
    let session: Session

    /// To be called before anything is applied: what is applied now must be found next time,
    /// whatever happens.
    func begin(_ objects: [ManifestObject], _ dryRun: DryRun) throws {
        guard case .set(let set) = candidates else { return }
        try set.record(objects, andBefore: true, dryRun)
    }

    /// What was applied before and is not among objects any more.
    func leftovers(beside objects: [ManifestObject]) throws -> [ObjectPlace] {
        let found: [JSON]
        switch candidates {
        case .none: return []
        case .set(let set): found = try set.members()
        case .list(let list): found = try list.objects(beside: objects)
        }
        let kept = Set(objects.map { $0.place.identity })
        return try found.compactMap { object in
            let kind = try session.directory.kind(
                apiVersion: object["apiVersion"].stringValue ?? "",
                kind: object["kind"].stringValue ?? "")
            let place = kind.map {
                ObjectPlace($0, namespace: object.objectNamespace, name: object.objectName)
            }
            return place.flatMap { kept.contains($0.identity) ? nil : $0 }
        }
    }

    /// Deletes what goes, says so, and notes down what is left.
    func finish(_ objects: [ManifestObject], _ change: ChangeOptions) throws {
        for place in try leftovers(beside: objects) {
            session.attempt {
                if change.dryRun != .client { try delete(place, change.dryRun) }
                try change.say("pruned", place, nil)
            }
        }
        // What could not be deleted must be found next time.
        guard session.failureCount == 0, case .set(let set) = candidates else { return }
        try set.record(objects, andBefore: false, change.dryRun)
    }

    private func delete(_ place: ObjectPlace, _ dryRun: DryRun) throws {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        ]
        if dryRun == .server { options["dryRun"] = ["All"] }
        var request = ClusterClient.Request("DELETE", place.path())
        request.body = options.encoded
        do {
            try session.client.json(request)
        } catch let failure as APIFailure where failure.reason == .notFound {
            // Somebody else was faster.
        }
    }
}

extension ObjectPlace {
    /// The same for all versions of a kind.
    fileprivate var identity: String { "\(kind.kind).\(kind.group)/\(namespace)/\(name)" }
}
