import Foundation
import ResourceModel
import Testing

/// Clients of the API across a restore of its store.
struct RestoreTests {
    /// RELIABILITY B52: `kubectl rollout status` is an informer, which goes on from the version
    /// that it saw last, for ever, unless it is told that it cannot.
    @Test func `who watches lists anew and ends with what was restored`() throws {
        let plane = try ControlPlane()
        let backup = plane.scratch.path + "/backup"
        try plane("create", "deployment", "web", "--image=host")
        try plane(
            "patch", "deployment", "web", "--subresource=status", "-p",
            """
            {"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
                        "readyReplicas": 1, "availableReplicas": 1}}
            """)
        try keelson("snapshot", "save", backup, "--endpoints", plane.storeAddress)
        try plane("patch", "deployment", "web", "-p", #"{"spec": {"replicas": 2}}"#)
        try plane("create", "configmap", "late", "--from-literal=a=1")
        let version = try plane(
            "get", "configmap", "late", "-o", "jsonpath={.metadata.resourceVersion}")
        let informer = try plane.start("rollout", "status", "deployment/web", "--timeout=100s")
        try informer.listen(for: "an unobserved change") { $0.contains("spec update") }

        plane.kill()
        let data = plane.scratch.path + "/data"
        try FileManager.default.removeItem(atPath: data + "/member")
        try keelson("snapshot", "restore", backup, "--data-dir", data)
        try plane.start()

        let answer = try informer.finish(within: .seconds(110))
        #expect(answer.exitCode == 0, "\(answer.output)\(answer.errors)")
        #expect(answer.output.contains("successfully rolled out"))
        #expect(try plane("get", "configmaps", "-o", "name").contains("late") == false)
        let resumed = try plane.request(
            "GET", "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=\(version)")
        #expect(resumed.output.contains("410"), "\(resumed.output)")
        try plane("create", "configmap", "late", "--from-literal=a=again")
    }

    /// Chosen objects go back into a server that runs, under the eyes of its watches.
    @Test func `a namespace that was deleted comes back from a backup`() throws {
        let plane = try ControlPlane(roles: "store,api,controllers")
        let backup = plane.scratch.path + "/backup"
        try plane("create", "namespace", "shop")
        try plane("create", "configmap", "a", "-n", "shop", "--from-literal=a=1")
        try plane("create", "secret", "generic", "s", "-n", "shop", "--from-literal=k=v")
        try plane("create", "configmap", "other", "--from-literal=a=1")
        let before = try plane("get", "configmap/a", "secret/s", "-n", "shop", "-o", "json")
        try keelson("snapshot", "save", backup, "--endpoints", plane.storeAddress)
        try plane("delete", "namespace", "shop")
        try plane("delete", "configmap", "other")

        let flags = ["--endpoints", plane.storeAddress, "-n", "shop"]
        let preview = try keelson(["snapshot", "apply", backup, "--dry-run"] + flags)
        #expect(preview.contains("would create configmaps shop/a"))
        #expect(preview.contains("would create namespaces shop"))
        #expect(try plane("get", "namespaces", "-o", "name").contains("namespace/shop") == false)
        let said = try keelson(["snapshot", "apply", backup] + flags)
        #expect(said.contains("create secrets shop/s"))
        let after = try plane("get", "configmap/a", "secret/s", "-n", "shop", "-o", "json")
        let versions = #/"resourceVersion": "\d*"/#
        #expect(after.replacing(versions, with: "") == before.replacing(versions, with: ""))
        #expect(try plane("get", "configmaps", "-o", "name").contains("configmap/other") == false)
        let again = try keelson(["snapshot", "apply", backup] + flags)
        #expect(again.contains("created 0, changed 0"))

        try plane("patch", "configmap", "a", "-n", "shop", "-p", #"{"data":{"a":"2"}}"#)
        let changed = try keelson(["snapshot", "apply", backup, "configmaps/a"] + flags)
        #expect(changed.contains(#".data.a: "2" -> "1""#), "\(changed)")
        #expect(
            try plane("get", "configmap", "a", "-n", "shop", "-o", "jsonpath={.data.a}") == "1")
    }

    @discardableResult
    private func keelson(_ words: String...) throws -> String { try keelson(words) }

    @discardableResult
    private func keelson(_ words: [String]) throws -> String {
        let answer = try ChildProcess.run([Programs.keelson] + words, within: .seconds(120))
        guard answer.exitCode == 0 else {
            throw TooLate(
                description: "\(words.joined(separator: " ")): \(answer.output)\(answer.errors)")
        }
        return answer.output
    }
}
