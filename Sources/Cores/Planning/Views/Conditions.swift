import ResourceModel

/// The conditions of a status, by the rules of Kubernetes: the transition time changes only with
/// the status.
struct Conditions {
    private(set) var list: [JSON]

    init(_ object: some ObjectView) {
        list = object.json["status"]["conditions"].arrayValue ?? []
    }

    subscript(type: String) -> JSON? { list.first { $0["type"].stringValue == type } }

    func isTrue(_ type: String) -> Bool { self[type]["status"] == "True" }

    /// Sets a condition. Nothing changes if status, reason and message are as they were, unless
    /// `refreshes` asks for a new update time.
    mutating func set(
        _ type: String, _ status: String, _ reason: String, _ message: String, at now: WallTime,
        hasUpdateTime: Bool = false, refreshes: Bool = false
    ) {
        let old = self[type]
        let isSame =
            old["status"].stringValue == status && old["reason"].stringValue == reason
            && old["message"].stringValue == message
        if isSame && !refreshes { return }
        var condition: JSON = ["type": .string(type), "status": .string(status)]
        if hasUpdateTime { condition["lastUpdateTime"] = now.json }
        let since = old["status"].stringValue == status ? old["lastTransitionTime"] : nil
        condition["lastTransitionTime"] = since ?? now.json
        condition["reason"] = .string(reason)
        condition["message"] = .string(message)
        put(condition, type)
    }

    mutating func remove(_ type: String) {
        list.removeAll { $0["type"].stringValue == type }
    }

    private mutating func put(_ condition: JSON, _ type: String) {
        if let place = list.firstIndex(where: { $0["type"].stringValue == type }) {
            list[place] = condition
        } else {
            list.append(condition)
        }
    }

    var json: JSON { .array(list) }
}
