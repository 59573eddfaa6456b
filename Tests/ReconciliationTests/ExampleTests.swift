import Foundation
import Logging
import Planning
import ResourceModel
import Testing

@testable import Reconciliation
@testable import copier

/// The example of docs/CONTROLLERS.md.
@Suite struct ExampleTests {
    @Test(arguments: ["ConfigMapCopier", "CopierService", "Copier"])
    func `the document shows what is compiled and tested here`(name: String) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let source = try String(
            contentsOf: tests.appending(path: "../../Sources/Programs/copier/\(name).swift"),
            encoding: .utf8)
        let document = try String(
            contentsOf: tests.appending(path: "../../docs/CONTROLLERS.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(source)```\n"))
    }

    @Test func `the example runs in one of two processes, and the other goes on`() async {
        let api = FakeAPI()
        let clock = ManualClock()
        func service(_ name: String) -> CopierService {
            CopierService(
                transport: api, instance: name, clockwork: clock.clockwork,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        func put(_ name: String) {
            api.put(
                "configmaps",
                [
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": [
                        "name": .string(name), "namespace": "default",
                        "annotations": [ConfigMapCopier.copyTo: "x"],
                    ],
                ])
        }
        for name in ["one", "two"] {
            let (stopping, stop) = AsyncStream<Void>.makeStream()
            let service = service(name)
            put(name)
            await withTaskGroup { group in
                group.addTask { await service.run(until: stopping) }
                // Each takes the lease, makes one copy and leaves the lease.
                await api.writes(name == "one" ? 2 : 5)
                stop.finish()
            }
        }
        #expect(
            api.writes == [
                "POST kube-system/configmap-copier",
                "POST x/one", "PUT kube-system/configmap-copier",
                "PUT kube-system/configmap-copier", "POST x/two",
                "PUT kube-system/configmap-copier",
            ])
    }

    @Test func `a plan says in words what it does`() {
        var observed = Observed()
        let source: JSON = [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": "a", "namespace": "default", "uid": "1", "resourceVersion": "1",
                "annotations": [ConfigMapCopier.copyTo: "x default y"],
            ],
            "data": ["key": "new"],
        ]
        func copy(in namespace: String, _ data: JSON) -> JSON {
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": "a", "namespace": .string(namespace), "uid": .string(namespace),
                    "resourceVersion": "1", "annotations": [ConfigMapCopier.copyOf: "default/a"],
                ],
                "data": data,
            ]
        }
        _ = observed[ConfigMapCopier.configMap].replace(
            with: [source, copy(in: "y", ["key": "new", "old": "1"]), copy(in: "z", [:])],
            resourceVersion: 1)
        let planner = ConfigMapCopier()
        for copy in observed[ConfigMapCopier.configMap].all {
            let keys = planner.keys(affectedBy: copy, in: observed).map(\.description)
            #expect(keys == ["ConfigMap default/a"])
        }
        let key = ObjectReference(ConfigMapCopier.configMap, "default", "a")
        #expect(
            planner.plan(key, in: observed, at: WallTime(seconds: 0)).description == """
                patch ConfigMap y/a {"data":{"key":"new","old":null}}
                delete ConfigMap z/a
                create ConfigMap x/a
                """)
    }
}
