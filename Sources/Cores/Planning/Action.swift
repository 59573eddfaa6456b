public import ResourceModel

/// One thing that a plan wants done through the API.
public enum Action: Sendable, Equatable {
    /// Creates an object. If its name is taken, somebody else was faster: nothing is wrong, the
    /// next plan sees it.
    case create(JSON)
    /// Applies a JSON merge patch. It names the `resourceVersion` on which it is based where that
    /// matters.
    case patch(ObjectReference, JSON)
    /// Replaces the status, provided that the object is still of this version.
    case updateStatus(ObjectReference, status: JSON, resourceVersion: String)
    /// Sets `spec.replicas`, provided that the object is still of this version.
    case scale(ObjectReference, from: Int, to: Int, resourceVersion: String)
    /// Assigns a pod of this uid to a node.
    case bind(ObjectReference, uid: String, node: String)
    /// Deletes the object of this uid.
    case delete(ObjectReference, uid: String, Propagation)
    /// Deletes the pod of this uid at once, without a word to its node.
    case remove(ObjectReference, uid: String)
    /// Tells what happened.
    case emit(EventNote)
    /// Plans again after so many seconds, though nothing has changed.
    case requeue(afterSeconds: Int64)

    /// What a deletion does about the objects that the object owns.
    public enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    /// Whether it changes an object; an event does not count.
    public var isWrite: Bool {
        switch self {
        case .create, .patch, .updateStatus, .scale, .bind, .delete, .remove: true
        case .emit, .requeue: false
        }
    }
}

/// Something that happened, as planners tell it. `EventAggregator` makes Event objects of it.
public struct EventNote: Sendable, Hashable {
    /// How bad it is.
    public enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// To which object it happened.
    public var object: ObjectReference
    /// That object's uid.
    public var uid: String
    /// How bad it is.
    public var type: Kind
    /// What happened, in one word.
    public var reason: String
    /// What happened, for people.
    public var message: String
    /// Who tells it, as in `deployment-controller`.
    public var component: String

    /// Tells of something.
    public init(
        about object: ObjectReference, uid: String, type: Kind, reason: String, message: String,
        component: String
    ) {
        self.object = object
        self.uid = uid
        self.type = type
        self.reason = reason
        self.message = message
        self.component = component
    }
}

extension Action: CustomStringConvertible {
    /// A short line, as golden tests have it.
    public var description: String {
        switch self {
        case .create(let object):
            let object = Resource(object)
            let replicas = object.json.value(at: "spec.replicas").integerValue
            return "create \(object.reference)" + (replicas.map { " replicas=\($0)" } ?? "")
        case .patch(let reference, var patch):
            patch["metadata"]["resourceVersion"] = nil
            if patch["metadata"].objectValue?.isEmpty ?? false { patch["metadata"] = nil }
            return "patch \(reference) \(patch.encodedText)"
        case .updateStatus(let reference, let status, _):
            return "status \(reference) \(StatusSummary.line(status))"
        case .scale(let reference, let before, let after, _):
            return "scale \(reference) \(before) -> \(after)"
        case .bind(let reference, _, let node): return "bind \(reference) to \(node)"
        case .delete(let reference, _, let propagation):
            let policy = propagation == .background ? "" : " \(propagation.rawValue)"
            return "delete \(reference)\(policy)"
        case .remove(let reference, _): return "remove \(reference)"
        case .emit(let note):
            let mark = note.type == .warning ? "warn" : "event"
            return "\(mark) \(note.object) \(note.reason): \(note.message)"
        case .requeue(let seconds): return "requeue \(seconds)s"
        }
    }
}

/// A status on one line: numbers and words as they are, conditions as `Type=Status(Reason)`.
private enum StatusSummary {
    static func line(_ status: JSON) -> String {
        (status.objectValue?.members ?? []).map { member in
            member.name == "conditions"
                ? conditions(member.value) : "\(member.name)=\(text(member.value))"
        }.joined(separator: " ")
    }

    private static func conditions(_ list: JSON) -> String {
        (list.arrayValue ?? []).map { condition in
            let reason = condition["reason"].stringValue.map { "(\($0))" } ?? ""
            let (type, status) = (condition["type"].stringValue, condition["status"].stringValue)
            return "\(type ?? "")=\(status ?? "")\(reason)"
        }.joined(separator: " ")
    }

    private static func text(_ value: JSON) -> String {
        value.stringValue ?? value.encodedText
    }
}
