import Kinds
import ResourceModel
import Testing

@Suite struct PodTests {
    private let pod = kind("Pod")

    @Test func `a plain pod is right`() {
        #expect(errors(pod, Objects.pod) == [])
    }

    @Test(arguments: [
        ("spec.containers", [], "spec.containers: Required value"),
        (
            "spec.containers", [["name": "web"]],
            "spec.containers[0].image: Required value"
        ),
        (
            "spec.containers", [Objects.container, Objects.container],
            #"spec.containers[1].name: Duplicate value: "web""#
        ),
        (
            "spec.containers",
            [["name": "web", "image": "a", "ports": [["containerPort": 70_000]]]],
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 "
                + "and 65535, inclusive"
        ),
        (
            "spec.containers",
            [["name": "web", "image": "a", "volumeMounts": [["name": "x", "mountPath": "/x"]]]],
            #"spec.containers[0].volumeMounts[0].name: Not found: "x""#
        ),
        (
            "spec.containers",
            [
                [
                    "name": "web", "image": "a",
                    "resources": ["limits": ["cpu": "1"], "requests": ["cpu": "2"]],
                ]
            ],
            #"spec.containers[0].resources.requests: Invalid value: "2": must be less than or "#
                + "equal to cpu limit of 1"
        ),
        (
            "spec.containers", [["name": "web", "image": "a", "livenessProbe": [:]]],
            "spec.containers[0].livenessProbe: Required value: must specify a handler type"
        ),
        (
            "spec.volumes", [["name": "v", "emptyDir": [:], "hostPath": ["path": "/x"]]],
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"
        ),
        (
            "spec.volumes", [["name": "v", "secret": [:]]],
            "spec.volumes[0].secret.secretName: Required value"
        ),
        (
            "spec.terminationGracePeriodSeconds", -1,
            "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal "
                + "to 0"
        ),
    ] as [(String, JSON, String)])
    func `a wrong field is named with what is wrong`(path: String, value: JSON, error: String) {
        #expect(errors(pod, changed(Objects.pod, path, to: value)) == [error])
    }

    @Test func `an image without a version is fetched each time`() {
        var object: JSON = [
            "spec": [
                "containers": [
                    ["image": "nginx"], ["image": "nginx:1.27"], ["image": "r:5000/nginx"],
                    ["image": "nginx@sha256:abc"], ["image": "a", "imagePullPolicy": "Never"],
                ]
            ]
        ]
        pod.strategy.setDefaults(&object)
        let policies = object.value(at: "spec.containers").arrayValue?.map { $0["imagePullPolicy"] }
        #expect(policies == ["Always", "IfNotPresent", "Always", "IfNotPresent", "Never"])
    }

    @Test func `a new pod is pending, whatever it says of itself`() {
        var object = changed(Objects.pod, "status", to: ["phase": "Running"])
        pod.strategy.prepareForCreate(&object)
        #expect(object["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
    }

    @Test func `of a pod that exists an image may change and a port may not`() {
        let image = changed(
            Objects.pod, "spec.containers", to: [["name": "web", "image": "nginx:1.28"]])
        #expect(errors(pod, image, was: Objects.pod) == [])
        let port = changed(
            Objects.pod, "spec.containers",
            to: [["name": "web", "image": "nginx:1.27", "ports": [["containerPort": 80]]]])
        let found = errors(pod, port, was: Objects.pod)
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("spec: Forbidden: pod updates may not change fields other than"))
    }

    @Test func `limits are what a pod asks for, and make it guaranteed`() {
        let limits: JSON = ["cpu": "1", "memory": "1Gi"]
        var object = changed(
            Objects.pod, "spec.containers",
            to: [["name": "web", "image": "a", "resources": ["limits": limits]]])
        pod.strategy.setDefaults(&object)
        pod.strategy.prepareForCreate(&object)
        #expect(object["spec"]["containers"][0]["resources"]["requests"] == limits)
        #expect(object["status"]["qosClass"] == "Guaranteed")
    }
}
