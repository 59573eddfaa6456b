import Kinds
import ResourceModel
import Testing

@Suite struct DeploymentTests {
    private let deployment = kind("Deployment")

    @Test func `a plain deployment is right, and rolls by a quarter`() {
        #expect(errors(deployment, Objects.deployment) == [])
        var object = Objects.deployment
        deployment.strategy.setDefaults(&object)
        #expect(
            object.value(at: "spec.strategy.rollingUpdate")
                == ["maxUnavailable": "25%", "maxSurge": "25%"])
    }

    @Test(arguments: [
        (
            "spec.template.metadata.labels", ["app": "db"],
            #"spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not "#
                + "match template `labels`"
        ),
        (
            "spec.selector", [:],
            "spec.selector: Invalid value: {}: empty selector is invalid for deployment"
        ),
        ("spec.selector", nil, "spec.selector: Required value"),
        (
            "spec.replicas", -1,
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
        ),
        (
            "spec.template.spec.restartPolicy", "Never",
            #"spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "#
                + #""Always""#
        ),
        (
            "spec.template.spec.containers", [],
            "spec.template.spec.containers: Required value"
        ),
        (
            "spec.strategy", ["type": "Recreate", "rollingUpdate": [:]],
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is "
                + "'Recreate'"
        ),
        (
            "spec.strategy.rollingUpdate", ["maxUnavailable": 0, "maxSurge": 0],
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when "
                + "`maxSurge` is 0"
        ),
    ] as [(String, JSON?, String)])
    func `a wrong field is named with what is wrong`(path: String, value: JSON?, error: String) {
        #expect(errors(deployment, changed(Objects.deployment, path, to: value)) == [error])
    }

    @Test func `its selector never changes`() {
        var object = changed(Objects.deployment, "spec.selector.matchLabels.tier", to: "a")
        object.setValue("a", at: "spec.template.metadata.labels.tier")
        #expect(
            errors(deployment, object, was: Objects.deployment) == [
                #"spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"a"}}: field "#
                    + "is immutable"
            ])
    }

    @Test func `its row in a table`() {
        let object = changed(
            Objects.deployment, "status",
            to: ["readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 1])
        let cells = cells(deployment, object)
        #expect(cells["Ready"] == "2/3")
        #expect(cells["Up-to-date"] == 3)
        #expect(cells["Available"] == 1)
        #expect(cells["Age"] == "<unknown>")
        #expect(cells["Containers"] == "web")
        #expect(cells["Images"] == "nginx:1.27")
        #expect(cells["Selector"] == "app=web")
    }
}

@Suite struct JobTests {
    private let job = kind("Job")

    @Test func `a job selects its pods by its uid and runs one of them`() {
        var object = Objects.job
        job.strategy.setDefaults(&object)
        job.strategy.prepareForCreate(&object)
        #expect(job.strategy.validate(object, nil) == [])
        #expect(object.value(at: "spec.completions") == 1)
        #expect(object.value(at: "spec.parallelism") == 1)
        let labels = object.value(at: "spec.template.metadata.labels")
        #expect(labels["batch.kubernetes.io/job-name"] == "pi")
        #expect(labels["batch.kubernetes.io/controller-uid"] == "u-1")
        #expect(
            object.value(at: "spec.selector")
                == ["matchLabels": ["batch.kubernetes.io/controller-uid": "u-1"]])
    }

    @Test func `its pods are not started again for ever`() {
        var object = changed(Objects.job, "spec.template.spec.restartPolicy", to: "Always")
        job.strategy.prepareForCreate(&object)
        #expect(
            errors(job, object) == [
                #"spec.template.spec.restartPolicy: Unsupported value: "Always": supported "#
                    + #"values: "OnFailure", "Never""#
            ])
    }

    @Test func `what it runs never changes`() throws {
        var old = Objects.job
        job.strategy.prepareForCreate(&old)
        let new = changed(
            old, "spec.template.spec.containers", to: [["name": "web", "image": "other:1"]])
        let found = errors(job, new, was: old)
        #expect(found.count == 1)
        #expect(try #require(found.first).hasPrefix("spec.template: Invalid value: "))
        #expect(try #require(found.first).hasSuffix(": field is immutable"))
    }

    @Test func `its row in a table`() {
        let object = changed(
            changed(Objects.job, "spec.completions", to: 3), "status",
            to: ["succeeded": 1, "startTime": "1970-01-01T00:00:10Z"])
        let cells = cells(job, object, at: 100)
        #expect(cells["Status"] == "Running")
        #expect(cells["Completions"] == "1/3")
        #expect(cells["Duration"] == "90s")
    }
}

@Suite struct ServiceTests {
    private let service = kind("Service")

    @Test func `a plain service is right, and leads to the same port`() {
        #expect(errors(service, Objects.service) == [])
        var object = Objects.service
        service.strategy.setDefaults(&object)
        #expect(object["spec"]["ports"][0]["targetPort"] == 80)
        #expect(object["spec"]["internalTrafficPolicy"] == "Cluster")
    }

    @Test(arguments: [
        ("spec.ports", [], "spec.ports: Required value"),
        (
            "spec.ports", [["port": 0]],
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"
        ),
        (
            "spec.ports", [["port": 80, "name": "a"], ["port": 81]],
            "spec.ports[1].name: Required value"
        ),
        (
            "spec.ports", [["port": 80, "targetPort": 80, "nodePort": 30_000]],
            "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
        ),
        (
            "spec.clusterIP", "here",
            #"spec.clusterIPs[0]: Invalid value: "here": must be a valid IP address, (e.g. "#
                + "10.9.8.7 or 2001:db8::ffff)"
        ),
        (
            "metadata.name", "1web",
            #"metadata.name: Invalid value: "1web": a DNS-1035 label must consist of lower case "#
                + "alphanumeric characters or '-', start with an alphabetic character, and end "
                + "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
                + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
        ),
    ] as [(String, JSON, String)])
    func `a wrong field is named with what is wrong`(path: String, value: JSON, error: String) {
        let found = errors(service, changed(Objects.service, path, to: value))
        #expect(found.first == error)
    }

    @Test func `its address stays, said or not`() {
        let old = changed(Objects.service, "spec.clusterIP", to: "127.64.0.1")
        var object = Objects.service
        service.strategy.prepareForUpdate(&object, old)
        #expect(object["spec"]["clusterIP"] == "127.64.0.1")
        let moved = changed(Objects.service, "spec.clusterIP", to: "127.64.0.2")
        #expect(
            errors(service, moved, was: old) == [
                #"spec.clusterIPs[0]: Invalid value: ["127.64.0.2"]: may not change once set"#
            ])
    }

    @Test func `its row in a table`() {
        let object = changed(
            Objects.service, "spec.ports",
            to: [
                ["port": 80, "protocol": "TCP", "nodePort": 30_080],
                ["port": 53, "protocol": "UDP"],
            ])
        let cells = cells(service, object)
        #expect(cells["Port(s)"] == "80:30080/TCP,53/UDP")
        #expect(cells["Cluster-IP"] == "<none>")
        #expect(cells["External-IP"] == "<none>")
        #expect(cells["Selector"] == "app=web")
    }
}
