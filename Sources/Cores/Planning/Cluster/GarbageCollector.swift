package import ResourceModel

/// Deletes what has lost all its owners, and sees to deletions that wait for dependents
/// (foreground) or let them go (orphan).
///
/// An owner counts as gone when the cache of its kind, being at least as new as the dependent,
/// does not have it: whoever named the owner had seen it before.
package struct GarbageCollector: Planner {
    /// Its name.
    package static let name = "generic-garbage-collector"
    /// All kinds that are watched.
    package static let reads: [GroupVersionKind] = []

    static let foregroundFinalizer = "foregroundDeletion"
    static let orphanFinalizer = "orphan"

    /// Makes a planner.
    package init() {}

    /// The object itself, its owners and its dependents.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        let owners = object.owners.compactMap { owner in
            owner.kind.flatMap { observed[$0].object(uid: owner.uid)?.reference }
        }
        let dependents = observed.dependents(of: object).map(\.reference)
        return [object.reference] + owners + dependents
    }

    /// What becomes of an object because of its owners and dependents.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let object = observed.object(reference) else { return Plan() }
        var plan = Plan()
        if object.isTerminating {
            if object.finalizers.contains(Self.orphanFinalizer) {
                orphanDependents(of: object, in: observed, &plan)
            } else if object.awaitsDependents {
                awaitDependents(of: object, in: observed, &plan)
            }
        } else if !object.owners.isEmpty {
            judgeOwners(of: object, in: observed, &plan)
        }
        return plan
    }

    /// How an owner is, as its dependents see it.
    private enum Standing {
        case solid
        case gone
        /// It waits for its dependents to go.
        case waiting
        /// The cache is too old to say.
        case unknown
    }

    private func standing(
        of owner: OwnerReference, for object: Resource, in observed: Observed
    ) -> Standing {
        // Of a kind that nobody watches nothing is known, least of all that it is gone.
        guard let kind = owner.kind, observed.kinds.contains(kind) else { return .solid }
        if let found = observed[kind].object(uid: owner.uid),
            found.namespace.isEmpty || found.namespace == object.namespace
        {
            return found.isTerminating && found.awaitsDependents ? .waiting : .solid
        }
        return observed[kind].resourceVersion >= object.version ? .gone : .unknown
    }

    private func judgeOwners(of object: Resource, in observed: Observed, _ plan: inout Plan) {
        let standings = object.owners.map { standing(of: $0, for: object, in: observed) }
        if standings.contains(.unknown) { return plan.append(.requeue(afterSeconds: 1)) }
        if standings.contains(.solid) {
            let kept = zip(object.owners, standings).filter { $0.1 == .solid }.map(\.0.json)
            guard kept.count < standings.count else { return }
            return plan.append(Self.patchOwners(of: object, to: kept))
        }
        let dependents = observed.dependents(of: object)
        guard standings.contains(.waiting), !dependents.isEmpty else {
            return plan.append(.delete(object.reference, uid: object.uid, .background))
        }
        if dependents.contains(where: { $0.isTerminating && $0.awaitsDependents }) {
            // They wait for each other in a circle: this one does not hold its owner up.
            let owners = object.owners.map { owner in
                var json = owner.json
                json["blockOwnerDeletion"] = nil
                return json
            }
            if owners != object.owners.map(\.json) {
                plan.append(Self.patchOwners(of: object, to: owners))
            }
        }
        plan.append(.delete(object.reference, uid: object.uid, .foreground))
    }

    /// A deletion in the foreground ends when nothing holds it up any more. A dependent that no
    /// cache shows yet will have lost its owner when it does, and goes then.
    private func awaitDependents(of object: Resource, in observed: Observed, _ plan: inout Plan) {
        let isHeldUp = observed.dependents(of: object).contains { dependent in
            dependent.owners.contains { $0.uid == object.uid && $0.blocksOwnerDeletion }
        }
        if !isHeldUp { removeFinalizer(Self.foregroundFinalizer, from: object, &plan) }
    }

    /// Waits for the caches: a dependent that they do not show would be taken for one that has
    /// lost its owner, and be deleted instead of kept.
    private func orphanDependents(of object: Resource, in observed: Observed, _ plan: inout Plan) {
        guard observed.isAsNew(as: object) else { return plan.append(.requeue(afterSeconds: 1)) }
        let dependents = observed.dependents(of: object)
        for dependent in dependents {
            let owners = dependent.owners.filter { $0.uid != object.uid }.map(\.json)
            plan.append(Self.patchOwners(of: dependent, to: owners))
        }
        if dependents.isEmpty { removeFinalizer(Self.orphanFinalizer, from: object, &plan) }
    }

    private static func patchOwners(of object: Resource, to owners: [JSON]) -> Action {
        .patch(
            object.reference,
            [
                "metadata": [
                    "ownerReferences": .array(owners),
                    "resourceVersion": .string(object.resourceVersion),
                ]
            ])
    }

    private func removeFinalizer(
        _ finalizer: String, from object: Resource, _ plan: inout Plan
    ) {
        let kept = object.finalizers.filter { $0 != finalizer }.map(JSON.string)
        plan.append(
            .patch(
                object.reference,
                [
                    "metadata": [
                        "finalizers": .array(kept),
                        "resourceVersion": .string(object.resourceVersion),
                    ]
                ]))
    }
}

extension Resource {
    /// Whether its deletion waits for its dependents.
    fileprivate var awaitsDependents: Bool {
        finalizers.contains(GarbageCollector.foregroundFinalizer)
    }
}

extension Observed {
    /// All objects that name an object as an owner.
    fileprivate func dependents(of object: Resource) -> [Resource] {
        kinds.flatMap { self[$0].owned(by: object.uid) }
    }

    /// Whether all dependents are known that an object had when it became what it is.
    fileprivate func isAsNew(as object: Resource) -> Bool {
        kinds.allSatisfy { self[$0].resourceVersion >= object.version }
    }
}
