package import Environment
package import ResourceModel

/// The writes that a cache has yet to show. While there are any for a key, planning it would
/// decide on what is no longer so, and do things twice.
package struct Expectations: Sendable {
    /// What a cache must show for a write to be seen.
    package enum Sign: Sendable, Hashable {
        /// The kind's cache has reached the version that the write made.
        case version(GroupVersionKind, Int64)
        /// The kind's cache has no object of this uid, or one that is on its way out.
        case gone(GroupVersionKind, uid: String)
        /// The pod of this uid has a node, or there is no such pod.
        case assigned(uid: String)
    }

    /// A write that is not seen after this time may have been undone meanwhile, or never have
    /// happened; planning goes on without it.
    package static let patienceSeconds: Int64 = 300

    private struct Awaited: Sendable {
        var signs: Set<Sign>
        var deadline: MonotonicInstant
    }

    private var awaited: [ObjectReference: Awaited] = [:]

    /// Expects nothing.
    package init() {}

    /// Expects to see a write that was made for a key.
    package mutating func expect(_ sign: Sign, for key: ObjectReference, now: MonotonicInstant) {
        let deadline = now.adding(seconds: Self.patienceSeconds)
        awaited[key, default: Awaited(signs: [], deadline: deadline)].deadline = deadline
        awaited[key]?.signs.insert(sign)
    }

    /// Whether all writes for a key are seen, or given up.
    package mutating func areMet(
        for key: ObjectReference, in observed: Observed, now: MonotonicInstant
    ) -> Bool {
        guard let waiting = awaited[key] else { return true }
        // What was seen once stays so: it is enough to find one that was not.
        guard now >= waiting.deadline || waiting.signs.allSatisfy(observed.shows) else {
            return false
        }
        awaited[key] = nil
        return true
    }

    /// When the writes for a key are given up.
    package func deadline(for key: ObjectReference) -> MonotonicInstant? { awaited[key]?.deadline }
}

extension Observed {
    fileprivate func shows(_ sign: Expectations.Sign) -> Bool {
        switch sign {
        case .version(let kind, let version): self[kind].resourceVersion >= version
        case .gone(let kind, let uid): self[kind].object(uid: uid)?.isTerminating ?? true
        case .assigned(let uid):
            self[.pod].object(uid: uid).map { Pod($0).nodeName != nil } ?? true
        }
    }
}

extension Action {
    /// How a cache shows that the action was performed. `answer` is the object as the server
    /// answered with it.
    package func sign(answer: JSON) -> Expectations.Sign? {
        switch self {
        case .create, .patch, .updateStatus, .scale:
            .version(Resource(answer).kind, Resource(answer).version)
        case .bind(_, let uid, _): .assigned(uid: uid)
        case .delete(let reference, let uid, _), .remove(let reference, let uid):
            .gone(reference.kind, uid: uid)
        case .emit, .requeue: nil
        }
    }
}
