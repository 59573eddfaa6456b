import Foundation
import Planning
import ResourceModel

extension Story {
    static let all = [
        deployment, replicaSet, job, endpointSlices, garbage, nodeLifecycle, modelDeployment,
    ]

    private static func many(_ count: Int, _ line: String) -> [String] {
        Array(repeating: line, count: count)
    }

    private static func template(_ image: String, _ labels: JSON = ["app": "web"]) -> JSON {
        [
            "metadata": ["labels": labels],
            "spec": ["containers": [["name": "c", "image": .string(image)]]],
        ]
    }

    static let deployment = Story(
        testDescription: "a deployment that is rolled over and deleted",
        planners: [DeploymentPlanner(), ReplicaSetPlanner(), GarbageCollector()],
        steps: [
            Step(
                act: { stage in
                    try await stage.create([
                        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
                        "spec": [
                            "replicas": 2, "selector": ["matchLabels": ["app": "web"]],
                            "template": template("web:1"),
                        ],
                    ])
                },
                expected: ["Deployment 2/2", "ReplicaSet of Deployment 2/2"]
                    + many(2, "Pod of ReplicaSet Running")),
            Step(
                act: { stage in
                    try await stage.patch(
                        .deployment, "web", ["spec": ["template": template("web:2")]])
                },
                expected: [
                    "Deployment 2/2", "ReplicaSet of Deployment 0/0",
                    "ReplicaSet of Deployment 2/2",
                ] + many(2, "Pod of ReplicaSet Running")),
            Step(
                act: { try await $0.delete(.deployment, "web", "Foreground") }, expected: []),
        ])

    static let replicaSet = Story(
        testDescription: "a replica set that is scaled and leaves its pods",
        planners: [ReplicaSetPlanner(), GarbageCollector()],
        steps: [
            Step(
                act: { stage in
                    try await stage.create([
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": ["name": "web"],
                        "spec": [
                            "replicas": 3, "selector": ["matchLabels": ["app": "web"]],
                            "template": template("web:1"),
                        ],
                    ])
                },
                expected: ["ReplicaSet 3/3"] + many(3, "Pod of ReplicaSet Running")),
            Step(
                act: { try await $0.patch(.replicaSet, "web", ["spec": ["replicas": 1]]) },
                expected: ["ReplicaSet 1/1", "Pod of ReplicaSet Running"]),
            Step(
                act: { try await $0.delete(.replicaSet, "web", "Orphan") },
                expected: ["Pod Running"]),
            Step(act: { try await $0.deleteAll(.pod) }, expected: []),
        ])

    static let job = Story(
        testDescription: "jobs that are deleted when they have succeeded, and while they run",
        planners: [JobPlanner(), GarbageCollector()],
        steps: [
            Step(
                act: { try await $0.create(job("pi", ["succeeds": "yes"])) },
                expected: ["Job succeeded 3"] + many(3, "Pod of Job Succeeded")),
            Step(act: { try await $0.delete(.job, "pi", "Background") }, expected: []),
            Step(
                act: { try await $0.create(job("long", [:])) },
                expected: ["Job"] + many(2, "Pod of Job Running")),
            Step(act: { try await $0.delete(.job, "long", "Background") }, expected: []),
        ])

    private static func job(_ name: String, _ labels: JSON) -> JSON {
        var pods = template("pi:1", labels)
        pods["spec"]["restartPolicy"] = "Never"
        return [
            "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": .string(name)],
            "spec": ["completions": 3, "parallelism": 2, "template": pods],
        ]
    }

    static let endpointSlices = Story(
        testDescription: "a service whose pods come and go",
        planners: [EndpointSlicePlanner(), GarbageCollector()],
        steps: [
            Step(
                act: { stage in
                    try await stage.create([
                        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
                        "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
                    ])
                    for name in ["a", "b", "c"] {
                        try await stage.create(pod(name))
                    }
                },
                expected: ["EndpointSlice of Service 3 endpoints", "Service"]
                    + many(3, "Pod Running")),
            Step(
                act: { try await $0.delete(.pod, "b") },
                expected: ["EndpointSlice of Service 2 endpoints", "Service"]
                    + many(2, "Pod Running")),
            Step(
                act: { stage in
                    try await stage.delete(.service, "web")
                    try await stage.deleteAll(.pod)
                },
                expected: []),
        ])

    private static let configMap = GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")

    /// a owns b, b owns c; d owns e.
    static let garbage = Story(
        testDescription: "owners that are deleted in each way",
        planners: [GarbageCollector()], watched: [configMap],
        steps: [
            Step(
                act: { stage in
                    var owner: Resource?
                    for name in ["a", "b", "c", "d", "e"] {
                        if name == "d" { owner = nil }
                        var object: JSON = [
                            "apiVersion": "v1", "kind": "ConfigMap",
                            "metadata": ["name": .string(name)],
                        ]
                        if let owner {
                            object["metadata"]["ownerReferences"] = [owner.controllerReference]
                        }
                        try await stage.create(object)
                        owner = try await stage.objects(of: configMap).first { $0.name == name }
                    }
                },
                expected: many(2, "ConfigMap") + many(3, "ConfigMap of ConfigMap")),
            Step(
                act: { stage in
                    try await stage.delete(configMap, "a", "Foreground")
                    try await stage.delete(configMap, "d", "Orphan")
                },
                expected: ["ConfigMap"]),
            Step(act: { try await $0.delete(configMap, "e") }, expected: []),
        ])

    static let nodeLifecycle = Story(
        testDescription: "a node that falls silent, comes back and is deleted",
        planners: [NodeLifecyclePlanner()],
        steps: [
            Step(
                act: { stage in
                    try await stage.create(lease(renewed: future))
                    try await stage.create([
                        "apiVersion": "v1", "kind": "Node", "metadata": [:],
                        "status": ready(at: future),
                    ])
                },
                expected: ["Lease", "Node ready True taints 0"]),
            Step(
                act: { stage in
                    try await stage.create(pod("goes", on: stage.namespace, tolerationSeconds: 0))
                    try await stage.create(pod("stays", on: stage.namespace))
                },
                expected: ["Lease", "Node ready True taints 0"] + many(2, "Pod Running")),
            Step(
                act: { stage in
                    try await stage.patch(.node, "", ["status": ready(at: past)], status: true)
                    try await stage.patch(.leaseResource, "", lease(renewed: past))
                },
                expected: ["Lease", "Node ready Unknown taints 2", "Pod Running"]),
            Step(
                act: { stage in
                    try await stage.patch(.leaseResource, "", lease(renewed: future))
                    try await stage.patch(.node, "", ["status": ready(at: future)], status: true)
                },
                expected: ["Lease", "Node ready True taints 0", "Pod Running"]),
            Step(
                act: { stage in
                    try await stage.delete(.leaseResource, "")
                    try await stage.delete(.node, "")
                },
                expected: []),
        ])

    private static let past = "2020-01-01T00:00:00Z"
    private static let future = "2090-01-01T00:00:00Z"

    private static func ready(at time: String) -> JSON {
        [
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "r", "message": "m",
                    "lastHeartbeatTime": .string(time), "lastTransitionTime": .string(past),
                ]
            ]
        ]
    }

    private static func lease(renewed time: String) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "spec": ["renewTime": .string(time.replacingOccurrences(of: "Z", with: ".000000Z"))],
        ]
    }

    private static func pod(
        _ name: String, on node: String? = nil, tolerationSeconds: Int64? = nil
    ) -> JSON {
        var pod: JSON = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "labels": ["app": "web"]],
            "spec": ["containers": [["name": "c", "image": "x"]]],
        ]
        guard let node else { return pod }
        pod["spec"]["nodeName"] = .string(node)
        var toleration: JSON = ["operator": "Exists", "effect": "NoExecute"]
        toleration["tolerationSeconds"] = tolerationSeconds.map { .integer($0) }
        pod["spec"]["tolerations"] = [toleration]
        return pod
    }

    static let modelDeployment = Story(
        testDescription: "a model that is served, replaced and deleted",
        planners: [
            ModelDeploymentPlanner(), ModelPlanner(), DeploymentPlanner(), ReplicaSetPlanner(),
            GarbageCollector(),
        ],
        steps: [
            Step(
                act: { stage in
                    try await stage.create(model("1"))
                    try await stage.create([
                        "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ServingRuntime",
                        "metadata": ["name": "python"],
                        "spec": [
                            "supportedModelFormats": [["name": "logreg", "autoSelect": true]],
                            "containers": [["name": "server", "image": "x", "command": ["x"]]],
                        ],
                    ])
                    try await stage.create([
                        "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ModelDeployment",
                        "metadata": ["name": "iris"],
                        "spec": ["model": ["name": "iris"], "replicas": 1],
                    ])
                },
                expected: ["Model"] + serving),
            Step(
                act: { try await $0.create(model("2")) },
                expected: many(2, "Model") + serving),
            Step(
                act: { stage in
                    try await stage.delete(.modelDeployment, "iris")
                    try await stage.deleteAll(.model)
                    try await stage.deleteAll(.servingRuntime)
                },
                expected: []),
        ])

    private static let serving = [
        "Deployment of ModelDeployment 1/1", "ModelDeployment 1/1", "Pod of ReplicaSet Running",
        "ReplicaSet of Deployment 1/1", "Service of ModelDeployment", "ServingRuntime",
    ]

    private static func model(_ version: String) -> JSON {
        [
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
            "metadata": ["name": .string("iris-\(version)")],
            "spec": [
                "modelName": "iris", "version": .string(version), "format": ["name": "logreg"],
                "uri": .string("data:,\(version)"),
            ],
        ]
    }
}
