import Manifests
import Primitives
import Testing

@Suite struct FieldPlacesTests {
    private static let text = """
        # Nothing yet.
        ---
        base: &base {cpu: 1}
        spec:
          replica: 2
          labels: {example.com/a.b: x, "a": y}
          containers:
          - name: web
            image: web:1
            limits:
              <<: *base
              memory: 1
          - *base
          - {name: side, ports: [{containerPort: 80}]}
          finalizers: [one, two]
        """

    @Test(arguments: [
        ("", 3, 1), ("spec", 4, 1), ("spec.replica", 5, 3), (".spec.replica", 5, 3),
        ("spec.labels[example.com/a.b]", 6, 12), ("spec.labels.example.com/a.b", 6, 12),
        ("spec.labels[\"a\"]", 6, 32), ("spec.containers[0]", 8, 5),
        ("spec.containers[0].image", 9, 5), ("spec.containers[name=\"web\"].image", 9, 5),
        ("spec.containers[0].limits.cpu", 3, 14), ("spec.containers[1]", 13, 5),
        ("spec.containers[1].cpu", 3, 14),
        ("spec.containers[name=\"side\"].ports[containerPort=80,protocol=\"TCP\"]", 14, 26),
        ("spec.finalizers[=\"two\"]", 15, 21), ("spec.finalizers[\"two\"]", 15, 21),
        // What is not there is looked for where it would be.
        ("spec.containers[0].command", 8, 5), ("spec.containers[7].image", 7, 3),
        ("spec.replicas", 4, 1), ("spec.replica.deeper", 5, 3), ("status[", 3, 1),
    ])
    func `a field is found by the name that Kubernetes gives it`(
        path: String, line: Int, column: Int
    ) throws {
        let documents = try Manifest.documents(in: Bytes(Self.text.utf8), keepsPlaces: true)
        let place = try #require(documents.first?.places?.place(of: path))
        #expect([place.line, place.column] == [line, column])
    }

    @Test func `places are kept for who asks, and JSON has them as well`() throws {
        let text = Bytes("{\"a\": [\n {\"b\": 1}]}".utf8)
        #expect(try Manifest.documents(in: text).first?.places == nil)
        let places = try Manifest.documents(in: text, keepsPlaces: true).first?.places
        #expect(places?.place(of: "a[0].b").line == 2)
        #expect(places?.place(of: "a[0].b").column == 3)
    }
}
