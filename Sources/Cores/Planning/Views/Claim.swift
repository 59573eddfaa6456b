import ResourceModel

/// Which objects belong to an owner, by the rules of Kubernetes: those it controls and selects.
/// It adopts what it selects and nobody controls, and releases what it no longer selects.
struct Claim<Child: ObjectView> {
    /// The objects that belong to the owner once the plan is performed.
    private(set) var owned: [Child] = []
    /// Adoptions and releases.
    private(set) var plan = Plan()

    /// - Parameter candidates: what the owner controls or selects.
    init(by owner: some ObjectView, selector: LabelSelector, among candidates: [Child]) {
        for child in candidates {
            let isSelected = selector.matches(child.labels)
            if let controller = child.controller {
                guard controller.uid == owner.uid else { continue }
                if isSelected {
                    owned.append(child)
                } else if !owner.isTerminating {
                    release(child, by: owner)
                }
            } else if isSelected, !owner.isTerminating, !child.isTerminating {
                adopt(child, by: owner)
            }
        }
    }

    private mutating func adopt(_ child: Child, by owner: some ObjectView) {
        setOwners(of: child, to: child.owners.map(\.json) + [owner.controllerReference])
        owned.append(child)
    }

    private mutating func release(_ child: Child, by owner: some ObjectView) {
        setOwners(of: child, to: child.owners.filter { $0.uid != owner.uid }.map(\.json))
    }

    private mutating func setOwners(of child: Child, to owners: [JSON]) {
        plan.append(
            .patch(
                child.reference,
                [
                    "metadata": [
                        "uid": .string(child.uid), "ownerReferences": .array(owners),
                        "resourceVersion": .string(child.resourceVersion),
                    ]
                ]))
    }
}

extension ObjectCache {
    /// What an owner controls or selects, in order.
    func candidates<Child: ObjectView>(
        for owner: some ObjectView, _ selector: LabelSelector
    ) -> [Child] {
        controlled(by: owner.uid, or: selector, in: owner.namespace).map { Child($0.json) }
    }

    /// The objects of this cache that may have something to do now that a child of such objects
    /// has changed: its controller, or all that select what nobody controls.
    func owners(of child: Resource, kind: GroupVersionKind) -> [ObjectReference] {
        if let controller = child.controller {
            let owner = ObjectReference(kind, child.namespace, controller.name)
            return controller.kind == kind && self[owner.key]?.uid == controller.uid ? [owner] : []
        }
        return inNamespace(child.namespace).filter { $0.selector?.matches(child.labels) ?? false }
            .map(\.reference)
    }
}
