import Admission
import ResourceModel
import Testing

@Suite struct MetadataRulesTests {
    private let rules = MetadataRules(name: .dns1123Subdomain, isNamespaced: true)

    /// `customresourcecleanup.apiextensions.k8s.io` is one of those.
    @Test func `finalizers of custom resources and definitions need no domain`() {
        let rules = MetadataRules(
            name: .dns1123Subdomain, isNamespaced: true, namesFinalizers: false)
        let metadata: JSON = ["name": "a", "namespace": "d", "finalizers": ["mine"]]
        #expect(rules.validate(metadata).isEmpty)
        #expect(rules.validate(["name": "a", "namespace": "d", "finalizers": ["a b"]]).count == 1)
    }

    private func texts(_ metadata: JSON) -> [String] { rules.validate(metadata).map(\.text) }

    @Test func `good metadata is valid`() {
        #expect(
            texts([
                "name": "web", "namespace": "default", "labels": ["app.io/x": "y", "e": ""],
                "annotations": ["X.io/Y": "any é text"], "generateName": "web-",
                "finalizers": ["orphan", "x.io/f"],
                "ownerReferences": [
                    ["apiVersion": "v1", "kind": "A", "name": "b", "uid": "c", "controller": true]
                ],
            ]).isEmpty)
    }

    private static let mistakes: [(JSON, String)] = [
        (["namespace": "d"], "metadata.name: Required value: name or generateName is required"),
        (["name": "a"], "metadata.namespace: Required value"),
        (
            ["name": "A", "namespace": "d"],
            "metadata.name: Invalid value: \"A\": a lowercase RFC 1123"
                + " subdomain must consist of"
        ),
        (
            ["name": "a", "namespace": "d.e"],
            "metadata.namespace: Invalid value: \"d.e\": must not"
                + " contain dots"
        ),
        (
            ["name": "a", "namespace": "d", "labels": ["-": "x"]],
            "metadata.labels: Invalid value: \"-\":"
                + " name part must consist of"
        ),
        (
            ["name": "a", "namespace": "d", "labels": ["k": "-"]],
            "metadata.labels: Invalid value: \"-\":"
                + " a valid label must be"
        ),
        (
            ["name": "a", "namespace": "d", "annotations": ["a b": "x"]],
            "metadata.annotations: Invalid"
                + " value: \"a b\": name part must consist of"
        ),
        (
            ["name": "a", "namespace": "d", "finalizers": ["mine"]],
            "metadata.finalizers[0]: Invalid"
                + " value: \"mine\": name is neither a standard finalizer name nor is it fully"
                + " qualified"
        ),
        (
            [
                "name": "a", "namespace": "d",
                "ownerReferences": [
                    [
                        "apiVersion": "v1", "kind": "A",
                        "name": "b",
                    ]
                ],
            ], "metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty"
        ),
    ]

    @Test(arguments: mistakes)
    func `what is wrong with metadata is named`(_ metadata: JSON, _ text: String) {
        let texts = texts(metadata)
        #expect(texts.count == 1 && texts.first?.hasPrefix(text) == true, "\(texts)")
    }

    @Test func `annotations are bounded together`() {
        let half = JSON.string(String(repeating: "x", count: 131_071))
        let exact: JSON = ["name": "a", "namespace": "d", "annotations": ["a": half, "b": half]]
        #expect(texts(exact).isEmpty)
        var more = exact
        more["annotations"]["c"] = ""
        #expect(
            texts(more) == ["metadata.annotations: Too long: may not be more than 262144 bytes"])
    }

    @Test func `objects outside of namespaces have none, and one controller is the most`() {
        let rules = MetadataRules(name: .dns1123Label, isNamespaced: false)
        #expect(
            rules.validate(["name": "a", "namespace": "d"]).map(\.text)
                == ["metadata.namespace: Forbidden: not allowed on this type"])
        let owner: JSON = [
            "apiVersion": "v1", "kind": "A", "name": "b", "uid": "c", "controller": true,
        ]
        #expect(
            rules.validate(["name": "a", "ownerReferences": [owner, owner]]).first?.message
                .hasSuffix("Found \"true\" in references for b and b") == true)
    }
}
