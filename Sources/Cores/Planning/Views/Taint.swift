import ResourceModel

/// What keeps pods off a node that do not tolerate it.
struct Taint: Equatable {
    var key: String
    var value: String
    var effect: String

    init(key: String, value: String = "", effect: String) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    init(_ json: JSON) {
        key = json["key"].stringValue ?? ""
        value = json["value"].stringValue ?? ""
        effect = json["effect"].stringValue ?? ""
    }

    /// Those of a node.
    static func all(of node: some ObjectView) -> [Taint] {
        (node.json.value(at: "spec.taints").arrayValue ?? []).map(Taint.init)
    }
}

/// What a pod puts up with.
struct Toleration {
    private let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    /// Those of a pod.
    static func all(of pod: Pod) -> [Toleration] {
        (pod.json.value(at: "spec.tolerations").arrayValue ?? []).map(Toleration.init)
    }

    /// For how long it puts up with a taint; nil if for ever.
    var seconds: Int64? { json["tolerationSeconds"].integerValue }

    func tolerates(_ taint: Taint) -> Bool {
        let effect = json["effect"].stringValue ?? ""
        guard effect.isEmpty || effect == taint.effect else { return false }
        let key = json["key"].stringValue ?? ""
        if json["operator"] == "Exists" { return key.isEmpty || key == taint.key }
        return key == taint.key && json["value"].stringValue ?? "" == taint.value
    }
}
