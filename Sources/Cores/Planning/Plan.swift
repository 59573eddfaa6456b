import ResourceModel

/// What is to be done about one object: the answer of a planner. Actions are in the order in
/// which they are to be performed, save that those of one of its `stages` need not wait for each
/// other; whoever performs them may stop after any of them, and plan again from what is there then.
public struct Plan: Sendable, Equatable {
    /// What is to be done, in order.
    public private(set) var actions: [Action] = []

    /// Nothing to do.
    public init() {}

    /// Adds an action at the end.
    public mutating func append(_ action: Action) {
        actions.append(action)
    }

    /// Adds the actions of another plan at the end.
    public mutating func append(_ plan: Plan) {
        actions += plan.actions
    }

    /// The writes among the actions, without events.
    public var writes: [Action] { actions.filter(\.isWrite) }

    /// Whether nothing has to be written now.
    public var isSettled: Bool { writes.isEmpty }

    /// When to plan again though nothing changed; nil if that would be for nothing.
    public var requeueAfterSeconds: Int64? {
        actions.compactMap { action in
            if case .requeue(let seconds) = action { seconds } else { nil }
        }.min()
    }
}

extension Plan: CustomStringConvertible {
    /// One line for each action.
    public var description: String {
        actions.map(\.description).joined(separator: "\n")
    }
}

extension Plan {
    /// Tells what happened to an object.
    mutating func emit(
        _ type: EventNote.Kind, _ reason: String, _ message: String, about object: some ObjectView,
        by component: String
    ) {
        append(
            .emit(
                EventNote(
                    about: object.reference, uid: object.uid, type: type, reason: reason,
                    message: message, component: component)))
    }

    /// Sets an object's status, if that changes it.
    mutating func updateStatus(of object: some ObjectView, to status: JSON) {
        guard object.json["status"] ?? .emptyObject != status else { return }
        append(
            .updateStatus(
                object.reference, status: status, resourceVersion: object.resourceVersion))
    }
}
