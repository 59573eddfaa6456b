import Admission
import Kinds
import ResourceModel
import Testing

/// Objects through everything that a create does to them: decoding, defaults, strategy,
/// validation.
@Suite struct PipelineTests {
    static func rules(of kind: KindDefinition) -> KindRules {
        KindRules(
            kind.groupVersionKind, kind.schema, .builtIn, table: BuiltInKinds.schemaTable)
    }

    static func create(_ kind: KindDefinition, _ object: JSON) throws -> JSON {
        let rules = rules(of: kind)
        var object = try rules.decode(object, .strict).object
        rules.setDefaults(&object)
        kind.strategy.setDefaults(&object)
        kind.strategy.prepareForCreate(&object)
        let errors = rules.validate(object) + kind.strategy.validate(object, nil)
        #expect(errors.map(\.text) == [], "\(kind.kind)")
        return object
    }

    @Test(arguments: BuiltInKinds.all)
    func `a plain object of each kind is right`(_ kind: KindDefinition) throws {
        var object = try #require(Self.plain[kind.kind])
        if kind.group == "events.k8s.io" { object = Self.newEvent }
        object["apiVersion"] = .string(kind.apiVersion)
        object["kind"] = .string(kind.kind)
        if object["metadata"]["name"] == nil { object["metadata"]["name"] = "web" }
        if kind.isNamespaced { object["metadata"]["namespace"] = "default" }
        object["metadata"]["uid"] = "u-1"
        let created = try Self.create(kind, object)
        // Whoever reads an object and writes it back changes nothing.
        var again = created
        Self.rules(of: kind).setDefaults(&again)
        kind.strategy.setDefaults(&again)
        kind.strategy.prepareForUpdate(&again, created)
        #expect(again == created)
        #expect(kind.strategy.validate(again, created).map(\.text) == [])
    }

    // What a real API server makes of the same manifest.
    @Test func `a deployment is filled in as Kubernetes does`() throws {
        let created = try Self.create(kind("Deployment"), try #require(Self.plain["Deployment"]))
        let template: JSON = [
            "metadata": ["labels": ["app": "web"]],
            "spec": [
                "containers": [
                    [
                        "name": "web", "image": "nginx",
                        "ports": [["containerPort": 80, "protocol": "TCP"]], "resources": [:],
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File", "imagePullPolicy": "Always",
                    ]
                ],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
                "dnsPolicy": "ClusterFirst", "securityContext": [:],
                "schedulerName": "default-scheduler",
            ],
        ]
        let spec: JSON = [
            "replicas": 1, "selector": ["matchLabels": ["app": "web"]], "template": template,
            "strategy": [
                "type": "RollingUpdate",
                "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"],
            ],
            "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        ]
        #expect(created["spec"] == spec)
    }

    static let newEvent: JSON = [
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "agent",
        "reportingInstance": "n1", "action": "Start", "reason": "Started", "type": "Normal",
        "regarding": ["kind": "Pod", "name": "web", "namespace": "default"],
    ]

    static let plainTemplate: JSON = [
        "metadata": ["labels": ["app": "web"]],
        "spec": [
            "containers": [["name": "web", "image": "nginx", "ports": [["containerPort": 80]]]]
        ],
    ]

    static let workload: JSON = [
        "spec": ["selector": ["matchLabels": ["app": "web"]], "template": plainTemplate]
    ]

    static let plainJob: JSON = [
        "spec": [
            "template": [
                "spec": [
                    "containers": [["name": "pi", "image": "perl:5"]], "restartPolicy": "Never",
                ]
            ]
        ]
    ]

    static let binding: JSON = [
        "subjects": [["kind": "User", "name": "jane"]],
        "roleRef": ["kind": "ClusterRole", "name": "view"],
    ]

    static let plain: [String: JSON] = [
        "Namespace": [:], "Node": [:], "ServiceAccount": [:], "Lease": ["spec": [:]],
        "ConfigMap": ["data": ["color": "blue"]], "Secret": ["stringData": ["user": "admin"]],
        "Pod": ["spec": plainTemplate["spec"] ?? [:]], "Deployment": workload,
        "ReplicaSet": workload, "StatefulSet": workload, "DaemonSet": workload, "Job": plainJob,
        "CronJob": ["spec": ["schedule": "@daily", "jobTemplate": plainJob]],
        "Service": ["spec": ["selector": ["app": "web"], "ports": [["port": 80]]]],
        "EndpointSlice": [
            "addressType": "IPv4", "endpoints": [["addresses": ["127.64.0.1"]]],
            "ports": [["port": 80]],
        ],
        "Event": [
            "involvedObject": ["kind": "Pod", "name": "web", "namespace": "default"],
            "reason": "Started", "type": "Normal",
        ],
        "Role": ["rules": [["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]]],
        "ClusterRole": ["rules": [["verbs": ["get"], "nonResourceURLs": ["/healthz"]]]],
        "RoleBinding": binding, "ClusterRoleBinding": binding,
        "CustomResourceDefinition": [
            "metadata": ["name": "widgets.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": ["plural": "widgets", "kind": "Widget"],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "schema": [
                            "openAPIV3Schema": [
                                "type": "object",
                                "properties": [
                                    "spec": ["type": "array", "items": ["type": "string"]]
                                ],
                            ]
                        ],
                    ]
                ],
            ],
        ],
        "Model": [
            "spec": ["format": ["name": "onnx"], "version": "1", "uri": "file:///models/iris"]
        ],
        "ServingRuntime": [
            "spec": [
                "supportedModelFormats": [["name": "onnx"]],
                "containers": [["name": "server", "image": "ovms:1", "args": ["{{.Name}}"]]],
            ]
        ],
        "ModelDeployment": ["spec": ["model": ["name": "iris"]]],
    ]
}
