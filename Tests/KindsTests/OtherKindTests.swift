import Admission
import Kinds
import ResourceModel
import Testing

@Suite struct OtherKindTests {
    @Test func `a secret's texts become bytes`() {
        let secret = kind("Secret")
        var object: JSON = ["stringData": ["user": "admin"], "data": ["user": "eA==", "b": "eQ=="]]
        secret.strategy.setDefaults(&object)
        #expect(object == ["data": ["user": "YWRtaW4=", "b": "eQ=="], "type": "Opaque"])
    }

    @Test func `what is immutable stays`() {
        for kind in [kind("Secret"), kind("ConfigMap")] {
            let old: JSON = ["immutable": true, "data": ["a": "eA=="]]
            let new: JSON = ["immutable": true, "data": ["a": "eQ=="]]
            #expect(
                errors(kind, new, was: old) == [
                    "data: Forbidden: field is immutable when `immutable` is set"
                ])
            #expect(errors(kind, old, was: old) == [])
        }
    }

    @Test func `a certificate has its two files`() {
        let object: JSON = ["type": "kubernetes.io/tls", "data": ["tls.crt": "eA=="]]
        #expect(errors(kind("Secret"), object) == ["data[tls.key]: Required value"])
    }

    @Test func `an entry's name is a file's`() throws {
        let found = errors(kind("ConfigMap"), ["data": ["a/b": "x"]])
        #expect(try #require(found.first).hasPrefix(#"data[a/b]: Invalid value: "a/b": a valid"#))
    }

    @Test func `a namespace begins active and held`() {
        var object: JSON = ["metadata": ["name": "team-a"]]
        let namespace = kind("Namespace")
        namespace.strategy.setDefaults(&object)
        namespace.strategy.prepareForCreate(&object)
        #expect(object["status"] == ["phase": "Active"])
        #expect(object["spec"] == ["finalizers": ["kubernetes"]])
        let labels = object.value(at: "metadata.labels")
        #expect(labels == ["kubernetes.io/metadata.name": "team-a"])
    }

    @Test func `a node's row in a table`() {
        let object: JSON = [
            "metadata": ["labels": ["node-role.kubernetes.io/control-plane": ""]],
            "spec": ["unschedulable": true],
            "status": [
                "conditions": [["type": "Ready", "status": "True"]],
                "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
            ],
        ]
        let cells = cells(kind("Node"), object)
        #expect(cells["Status"] == "Ready,SchedulingDisabled")
        #expect(cells["Roles"] == "control-plane")
        #expect(cells["Internal-IP"] == "127.0.0.1")
        #expect(cells["External-IP"] == "<none>")
    }

    @Test func `an event's row in a table`() {
        let object: JSON = [
            "metadata": ["name": "web.1", "namespace": "default"],
            "involvedObject": ["kind": "Pod", "name": "web", "namespace": "default"],
            "type": "Normal", "reason": "Started", "message": "Started container web\n",
            "source": ["component": "agent", "host": "n1"], "count": 3,
            "firstTimestamp": "1970-01-01T00:00:00Z", "lastTimestamp": "1970-01-01T00:01:00Z",
        ]
        let event = kind("Event", group: "")
        let cells = cells(event, object, at: 70)
        #expect(cells["Last Seen"] == "10s")
        #expect(cells["First Seen"] == "70s")
        #expect(cells["Object"] == "pod/web")
        #expect(cells["Source"] == "agent, n1")
        #expect(cells["Message"] == "Started container web")
        #expect(cells["Count"] == 3)
        #expect(errors(event, object) == [])
        #expect(
            errors(event, changed(object, "metadata.namespace", to: "other")) == [
                #"involvedObject.namespace: Invalid value: "default": does not match "#
                    + "event.namespace"
            ])
    }

    @Test func `a cron job needs cron's columns`() {
        let cronJob = kind("CronJob")
        let object: JSON = [
            "metadata": ["name": "tick"],
            "spec": ["schedule": "* * *", "jobTemplate": Objects.job],
        ]
        #expect(
            errors(cronJob, object) == [
                #"spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: "#
                    + "[* * *]"
            ])
        #expect(errors(cronJob, changed(object, "spec.schedule", to: "*/5 * * * *")) == [])
    }

    @Test func `roles have names that no other kind may have`() {
        let metadata: JSON = ["name": "system:node", "namespace": "default"]
        #expect(MetadataRules(kind("Role")).validate(metadata) == [])
        #expect(MetadataRules(kind("ConfigMap")).validate(metadata).count == 1)
    }

    @Test func `a role's rules say what may be done with what`() {
        let object: JSON = ["rules": [["verbs": ["get"]], ["nonResourceURLs": ["/healthz"]]]]
        #expect(
            errors(kind("Role"), object) == [
                "rules[0].apiGroups: Required value: resource rules must supply at least one api "
                    + "group",
                "rules[0].resources: Required value: resource rules must supply at least one "
                    + "resource",
                "rules[1].verbs: Required value: verbs must contain at least one value",
                #"rules[1].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot "#
                    + "apply to non-resource URLs",
            ])
    }

    @Test func `a definition is named for its resource and has one stored version`() {
        let version: JSON = [
            "name": "v1", "served": true, "storage": true,
            "schema": ["openAPIV3Schema": ["type": "object"]],
        ]
        let object: JSON = [
            "metadata": ["name": "widgets.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": ["plural": "widgets", "kind": "Widget"], "versions": [version],
            ],
        ]
        let definition = kind("CustomResourceDefinition")
        #expect(errors(definition, object) == [])
        #expect(
            errors(definition, changed(object, "metadata.name", to: "widgets")) == [
                #"metadata.name: Invalid value: "widgets": must be spec.names.plural+"."+"#
                    + "spec.group"
            ])
        let webhook = changed(object, "spec.conversion.strategy", to: "Webhook")
        #expect(
            errors(definition, webhook) == [
                #"spec.conversion.strategy: Unsupported value: "Webhook": supported values: "#
                    + #""None""#
            ])
    }

    @Test func `a model deployment names its model or its files`() {
        let deployment = kind("ModelDeployment")
        func found(_ model: JSON) -> [String] { errors(deployment, ["spec": ["model": model]]) }
        #expect(found(["name": "iris"]) == [])
        #expect(found(["uri": "s3://models/iris", "format": ["name": "onnx"]]) == [])
        #expect(
            found([:]) == [
                "spec.model.name: Required value: a model is given by its name or by a uri"
            ])
        #expect(
            found(["uri": "ftp://x/y", "format": ["name": "onnx"]]) == [
                #"spec.model.uri: Invalid value: "ftp://x/y": its scheme must be one of file, "#
                    + "https, http, s3, oci"
            ])
    }

    @Test func `the hash of a model is 64 digits, its volume nobody else's`() {
        let deployment = kind("ModelDeployment")
        let model: JSON = ["uri": "file:///a", "format": ["name": "onnx"], "sha256": "abc"]
        #expect(
            errors(deployment, ["spec": ["model": model]]) == [
                #"spec.model.sha256: Invalid value: "abc": must be 64 lower-case hexadecimal "#
                    + "digits"
            ])
        let runtime = kind("ServingRuntime")
        func container(_ mount: String) -> JSON {
            [
                "name": "a", "image": "a",
                "volumeMounts": [["name": .string(mount), "mountPath": "/mnt/models"]],
            ]
        }
        func found(_ mount: String, _ volumes: JSON) -> [String] {
            let formats: JSON = [["name": "onnx"]]
            return errors(
                runtime,
                [
                    "spec": [
                        "supportedModelFormats": formats, "containers": [container(mount)],
                        "volumes": volumes,
                    ]
                ])
        }
        #expect(found("model", []) == [])
        #expect(found("other", []).count == 1)
        #expect(
            found("model", [["name": "model", "emptyDir": .emptyObject]]) == [
                "spec.volumes: Forbidden: `model` is the volume with the model"
            ])
    }

    @Test func `a model's table shows where it comes from`() {
        let model = kind("Model")
        let object: JSON = [
            "metadata": ["name": "iris-2"],
            "spec": [
                "modelName": "iris", "version": "2", "format": ["name": "onnx"],
                "uri": "file:///a", "lineage": ["parents": ["iris-1", "iris-0"]],
            ],
            "status": ["phase": "Ready", "sha256": "ab"],
        ]
        let cells = model.columns.filter { $0.name != "Age" }.map { $0.cell(object, 0) }
        #expect(
            cells == ["iris", "onnx", "2", "Ready", "iris-1,iris-0", "file:///a", "ab"])
        let bare: JSON = ["metadata": ["name": "rose"], "spec": ["sha256": "cd"]]
        let other = model.columns.filter { $0.name != "Age" }.map { $0.cell(bare, 0) }
        #expect(other == ["rose", "", "", "", "<none>", "", "cd"])
    }

    @Test func `another file is another version of a model`() {
        let spec: JSON = [
            "format": ["name": "onnx"], "version": "1", "uri": "file:///models/iris",
            "sha256": .string(String(repeating: "a", count: 64)),
        ]
        let model = kind("Model")
        #expect(errors(model, ["spec": spec]) == [])
        let moved = changed(["spec": spec], "spec.uri", to: "file:///models/other")
        #expect(
            errors(model, moved, was: ["spec": spec]) == [
                #"spec.uri: Invalid value: "file:///models/other": field is immutable"#
            ])
    }
}
