import Planning
import ResourceModel

/// Objects to begin with.
enum Samples {
    static func template(
        _ labels: JSON, image: String = "web:1", behaviour: String? = nil
    ) -> JSON {
        var template: JSON = [
            "metadata": ["labels": labels],
            "spec": ["containers": [["name": "web", "image": .string(image)]]],
        ]
        if let behaviour {
            template["metadata"]["annotations"] = ["behaviour": .string(behaviour)]
        }
        return template
    }

    static func replicaSet(_ name: String = "web", replicas: Int) -> JSON {
        [
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": ["name": .string(name), "namespace": "a"],
            "spec": [
                "replicas": .integer(Int64(replicas)),
                "selector": ["matchLabels": ["app": .string(name)]],
                "template": template(["app": .string(name)]),
            ],
        ]
    }

    static func deployment(_ name: String = "web", replicas: Int, _ strategy: JSON = [:]) -> JSON {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": .string(name), "namespace": "a"],
            "spec": [
                "replicas": .integer(Int64(replicas)), "strategy": strategy,
                "selector": ["matchLabels": ["app": .string(name)]],
                "template": template(["app": .string(name)]),
            ],
        ]
    }

    static func pod(_ name: String, labels: JSON = ["app": "web"], node: String? = nil) -> JSON {
        var pod: JSON = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": "a", "labels": labels],
            "spec": ["containers": [["name": "web", "image": "web:1"]]],
        ]
        if let node { pod["spec"]["nodeName"] = .string(node) }
        return pod
    }

    static func node(
        _ name: String, cpu: String = "4", memory: String = "8Gi", pods: Int64 = 110,
        labels: JSON = [:], taints: JSON? = nil
    ) -> JSON {
        var node: JSON = [
            "apiVersion": "v1", "kind": "Node",
            "metadata": ["name": .string(name), "labels": labels], "spec": [:],
            "status": [
                "allocatable": [
                    "cpu": .string(cpu), "memory": .string(memory), "pods": .integer(pods),
                ]
            ],
        ]
        node["spec"]["taints"] = taints
        return node
    }
}
