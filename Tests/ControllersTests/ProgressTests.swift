import APIClient
import Planning
import ResourceModel
import Testing

@Suite struct ProgressTests {
    // What waits for its caches to be new enough (orphaning, jobs, lost nodes) needs that.
    @Test func `a watch of what does not change tells how far things are`() async throws {
        try await ControlPlane.withStore { store in
            try await ControlPlane.run(on: store) { plane in
                let list = try await plane.client.list(.pod)
                let watch = try await plane.client.watch(.pod, after: list.resourceVersion)
                defer { watch.close() }
                try await plane.deploy("web", replicas: 1)
                let object = try await plane.client.get(
                    .init(.deployment, namespace: "default", name: "web"))
                var told: Int64 = 0
                while told < Resource(object).version {
                    guard case .bookmark(let version) = try await watch.next() else {
                        Issue.record("there are no pods")
                        return
                    }
                    #expect(version >= told)
                    told = version
                }
            }
        }
    }
}
