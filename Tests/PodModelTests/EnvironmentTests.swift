import PodModel
import ResourceModel
import Testing

/// What containers find in their environment: kubelet's rules.
@Suite struct EnvironmentTests {
    @Test(arguments: [
        ("$(A)", "1"), ("x$(A)y$(B)z", "x1y2z"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"),
        ("$$$$(A)", "$$(A)"), ("$(C)", "$(C)"), ("$(A", "$(A"), ("$A", "$A"), ("$", "$"),
        ("a$", "a$"), ("$()", "$()"), ("$(A)$", "1$"), ("$$", "$"), ("${A}", "${A}"),
        ("$(A)(B)", "1(B)"), ("", ""), ("ä$(A)ö", "ä1ö"), ("$(A$(B))", "$(A$(B))"),
    ])
    func `references are replaced, escapes taken away, the rest left alone`(
        _ text: String, _ expected: String
    ) {
        #expect(VariableExpansion.expand(text) { ["A": "1", "B": "2"][$0] } == expected)
    }

    @Test func `variables come from everywhere, later ones replace earlier ones`() throws {
        let environment = try environment(
            """
            {"envFrom": [
                {"prefix": "P_", "configMapRef": {"name": "cm"}},
                {"secretRef": {"name": "s"}},
                {"configMapRef": {"name": "none", "optional": true}}],
             "env": [
                {"name": "A", "value": "$(P_K)-$(S)-$(NEXT)-$(SERVICE)"},
                {"name": "S", "value": "own"},
                {"name": "NEXT", "value": "$(A)!"},
                {"name": "EMPTY"},
                {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "k2"}}},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "S"}}},
                {"name": "LEFT_OUT", "valueFrom":
                    {"secretKeyRef": {"name": "s", "key": "no", "optional": true}}}]}
            """)
        #expect(
            environment.settings == [
                "P_K=v", "P_k2=w", "S=own", "A=v-secret-$(NEXT)-svc",
                "NEXT=v-secret-$(NEXT)-svc!", "EMPTY=", "KEY=w", "PASSWORD=secret", "SERVICE=svc",
            ])
        #expect(environment.expand(["run", "$(KEY)", "$(NO)"]) == ["run", "w", "$(NO)"])
    }

    @Test(arguments: [
        ("metadata.name", "web-1"), ("metadata.namespace", "prod"), ("metadata.uid", "u1"),
        ("metadata.labels['app']", "web"), ("metadata.annotations['a.b/c']", "x"),
        ("metadata.labels['none']", ""), ("spec.nodeName", "n1"),
        ("spec.serviceAccountName", "robot"), ("status.podIP", "127.64.0.9"),
        ("status.hostIP", "10.0.0.1"),
    ])
    func `a pod is told of itself`(_ path: String, _ expected: String) throws {
        let environment = try environment(
            #"{"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "\#(path)"}}}]}"#)
        #expect(environment["A"] == expected)
    }

    @Test(arguments: [
        ("limits.cpu", "", "2"), ("limits.cpu", "1m", "1500"), ("requests.cpu", "1m", "250"),
        ("limits.memory", "", "134217728"), ("limits.memory", "1Mi", "128"),
        ("limits.memory", "1M", "135"), ("requests.memory", "1Mi", "0"),
        ("limits.ephemeral-storage", "1Gi", "20"),
    ])
    func `amounts are told in units, rounded up, those of the node where there is no limit`(
        _ resource: String, _ divisor: String, _ expected: String
    ) throws {
        let divisor = divisor.isEmpty ? "" : #", "divisor": "\#(divisor)""#
        let environment = try environment(
            """
            {"resources": {"limits": {"cpu": "1500m", "memory": "128Mi"},
                           "requests": {"cpu": "250m"}},
             "env": [{"name": "A", "valueFrom":
                {"resourceFieldRef": {"resource": "\(resource)"\(divisor)}}}]}
            """)
        #expect(environment["A"] == expected)
    }

    @Test(arguments: [
        (#"{"envFrom": [{"configMapRef": {"name": "no"}}]}"#, "configmap \"no\" not found"),
        (#"{"envFrom": [{"secretRef": {"name": "no"}}]}"#, "secret \"no\" not found"),
        (
            variable(#"{"configMapKeyRef": {"name": "cm", "key": "x"}}"#),
            "couldn't find key x in ConfigMap prod/cm"
        ),
        (
            variable(#"{"secretKeyRef": {"name": "no", "key": "x"}}"#),
            "secret \"no\" not found"
        ),
        (variable(#"{"fieldRef": {"fieldPath": "spec.x"}}"#), "unsupported fieldPath: spec.x"),
    ])
    func `what is missing is named`(_ container: String, _ message: String) throws {
        let failure = #expect(throws: ConfigurationFailure.self) {
            try environment(container)
        }
        #expect(failure?.description == message)
    }

    @Test func `the objects that a pod refers to are found`() throws {
        let pod = try JSON(
            parsing: """
                {"spec": {
                    "initContainers": [{"env": [{"name": "A", "valueFrom":
                        {"secretKeyRef": {"name": "s2", "key": "x"}}}]}],
                    "containers": [{"envFrom": [{"configMapRef": {"name": "c1"}}]}],
                    "volumes": [{"configMap": {"name": "c2"}}, {"secret": {"secretName": "s1"}}]}}
                """)
        #expect(PodReferences.configMaps(of: pod) == ["c1", "c2"])
        #expect(PodReferences.secrets(of: pod) == ["s1", "s2"])
    }

    private func environment(_ container: String) throws -> ContainerEnvironment {
        let pod = try JSON(
            parsing: """
                {"metadata": {"name": "web-1", "namespace": "prod", "uid": "u1",
                    "labels": {"app": "web"}, "annotations": {"a.b/c": "x"}},
                 "spec": {"nodeName": "n1", "serviceAccountName": "robot"}}
                """)
        var surroundings = PodSurroundings()
        surroundings.configMaps = ["cm": ["K": "v", "k2": "w"]]
        surroundings.secrets = ["s": ["S": "secret"]]
        surroundings.nodeVariables = ["SERVICE": "svc"]
        surroundings.podAddress = "127.64.0.9"
        surroundings.hostAddress = "10.0.0.1"
        surroundings.allocatable = ["ephemeral-storage": "20Gi"]
        return try ContainerEnvironment(of: JSON(parsing: container), in: pod, surroundings)
    }
}

private func variable(_ source: String) -> String {
    #"{"env": [{"name": "A", "valueFrom": \#(source)}]}"#
}
