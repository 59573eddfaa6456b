import Testing

/// The example of docs/CONTROLLERS.md, as its users run it.
struct OwnControllerTests {
    @Test func `a controller of one's own works through kubectl proxy`() throws {
        let plane = try ControlPlane(roles: "store,api")
        let proxy = try plane.start("proxy", "--port=0")
        let greeting = try proxy.listen(for: "the port") { $0.hasSuffix("\n") }
        let port = try #require(greeting.split { ":\n".contains($0) }.last)
        let copier = try ChildProcess(
            [Programs.copier, String(port)], voice: .file(plane.scratch.path + "/copier.log"))
        defer {
            copier.end()
            proxy.end()
        }
        try plane("create", "namespace", "x")
        try plane("create", "configmap", "a", "--from-literal=key=1")
        try plane("annotate", "configmap", "a", "example.org/copy-to=x")
        func copy() throws -> String {
            try plane(
                "get", "configmaps", "--namespace=x", "--field-selector=metadata.name=a",
                "--output=jsonpath={.items[*].data.key}")
        }
        try eventually("the copy") { try copy() == "1" ? true : nil }
        try plane("patch", "configmap", "a", "--patch={\"data\":{\"key\":\"2\"}}")
        try eventually("the change") { try copy() == "2" ? true : nil }
        try plane("delete", "configmap", "a")
        try eventually("the copy to go") { try copy().isEmpty ? true : nil }
        let holder = try plane(
            "get", "lease", "configmap-copier", "--namespace=kube-system",
            "--output=jsonpath={.spec.holderIdentity}")
        #expect(holder.contains("_"))
    }
}
