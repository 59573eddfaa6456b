import Kinds
import ResourceModel
import Testing

/// A built-in kind.
func kind(_ kind: String, group: String? = nil) -> KindDefinition {
    BuiltInKinds.all.first { $0.kind == kind && (group == nil || $0.group == group) }!
}

/// What is wrong with an object once its kind has filled it in.
func errors(_ kind: KindDefinition, _ object: JSON, was old: JSON? = nil) -> [String] {
    var object = object
    kind.strategy.setDefaults(&object)
    var before = old
    if var old {
        kind.strategy.setDefaults(&old)
        before = old
    }
    return kind.strategy.validate(object, before).map(\.text)
}

/// The cells of an object at a moment, by heading.
func cells(_ kind: KindDefinition, _ object: JSON, at nowSeconds: Int64 = 0) -> [String: JSON] {
    Dictionary(
        uniqueKeysWithValues: kind.columns.map { ($0.name, $0.cell(object, nowSeconds)) })
}

/// An object with a change at a path.
func changed(_ object: JSON, _ path: String, to value: JSON?) -> JSON {
    var object = object
    object.setValue(value, at: path)
    return object
}

/// Objects that nothing is wrong with.
enum Objects {
    static let container: JSON = ["name": "web", "image": "nginx:1.27"]

    static let pod: JSON = [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": ["containers": [container], "restartPolicy": "Always"],
    ]

    static let deployment: JSON = [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": [
            "replicas": 3, "selector": ["matchLabels": ["app": "web"]],
            "strategy": ["type": "RollingUpdate"],
            "template": [
                "metadata": ["labels": ["app": "web"]],
                "spec": ["containers": [container], "restartPolicy": "Always"],
            ],
        ],
    ]

    static let job: JSON = [
        "metadata": ["name": "pi", "namespace": "default", "uid": "u-1"],
        "spec": [
            "completionMode": "NonIndexed",
            "template": ["spec": ["containers": [container], "restartPolicy": "Never"]],
        ],
    ]

    static let service: JSON = [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": [
            "type": "ClusterIP", "sessionAffinity": "None", "selector": ["app": "web"],
            "ports": [["port": 80, "protocol": "TCP"]],
        ],
    ]
}
