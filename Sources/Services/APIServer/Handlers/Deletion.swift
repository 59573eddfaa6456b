internal import ResourceModel

/// Decides what a deletion does to an object: pure, so that it can be tried.
struct Deletion {
    /// What is to be done.
    enum Decision: Equatable {
        /// It is removed from the store.
        case remove
        /// It is written with a deletionTimestamp.
        case mark(JSON)
        /// It waits already.
        case nothing
    }

    static let orphanFinalizer = "orphan"
    static let foregroundFinalizer = "foregroundDeletion"

    let decision: Decision

    /// - Parameter object: with its resourceVersion.
    init(of object: JSON, kind: KindDefinition, options: DeleteOptions, nowSeconds: Int64) {
        var marked = object
        Self.record(options.propagation, in: &marked)
        let grace = Self.grace(kind.strategy.deletionGraceSeconds(object), options)
        let earlier = object["metadata"]["deletionGracePeriodSeconds"].integerValue
        let isMarked = object["metadata"]["deletionTimestamp"].stringValue != nil
        let holds = Self.isHeld(marked)
        if grace == 0, !holds {
            decision = .remove
            return
        }
        if isMarked, let earlier, earlier <= grace, marked == object {
            decision = .nothing
            return
        }
        if !isMarked || grace < earlier ?? 0 {
            marked["metadata", default: .emptyObject]["deletionTimestamp"] = .string(
                Timestamp.text(seconds: nowSeconds + grace))
            marked["metadata", default: .emptyObject]["deletionGracePeriodSeconds"] =
                .integer(grace)
        }
        if !isMarked {
            let generation = object["metadata"]["generation"].integerValue
            if let generation {
                marked["metadata", default: .emptyObject]["generation"] = .integer(generation + 1)
            }
            if Self.isNamespace(object) {
                marked["status", default: .emptyObject]["phase"] = "Terminating"
            }
        }
        decision = .mark(marked)
    }

    /// What needs no time of its own gets none, whatever a client asks for; less than nothing is
    /// a second.
    private static func grace(_ own: Int64?, _ options: DeleteOptions) -> Int64 {
        guard let own, own != 0 else { return 0 }
        let seconds = options.gracePeriodSeconds ?? own
        return seconds < 0 ? 1 : seconds
    }

    /// Whether an object that is to be deleted waits for somebody: finalizers, and of a namespace
    /// also those in its spec.
    static func isHeld(_ object: JSON) -> Bool {
        let finalizers = object["metadata"]["finalizers"].arrayValue ?? []
        let inSpec = isNamespace(object) ? object["spec"]["finalizers"].arrayValue ?? [] : []
        return !finalizers.isEmpty || !inSpec.isEmpty
    }

    /// Whether an object that was marked can go now.
    static func isDue(_ object: JSON) -> Bool {
        let metadata = object["metadata"]
        return metadata["deletionTimestamp"].stringValue != nil && !isHeld(object)
            && (metadata["deletionGracePeriodSeconds"].integerValue ?? 0) == 0
    }

    private static func isNamespace(_ object: JSON) -> Bool {
        object["kind"].stringValue == "Namespace" && object["apiVersion"].stringValue == "v1"
    }

    /// Kubernetes keeps the wish of what becomes of dependents as a finalizer.
    private static func record(_ propagation: DeleteOptions.Propagation?, in object: inout JSON) {
        guard let propagation else { return }
        let present = object["metadata"]["finalizers"].arrayValue ?? []
        var finalizers = present.filter {
            $0 != .string(orphanFinalizer) && $0 != .string(foregroundFinalizer)
        }
        switch propagation {
        case .orphan: finalizers.append(.string(orphanFinalizer))
        case .foreground: finalizers.append(.string(foregroundFinalizer))
        case .background: break
        }
        guard finalizers != present else { return }
        object["metadata", default: .emptyObject]["finalizers"] =
            finalizers.isEmpty ? nil : .array(finalizers)
    }
}
