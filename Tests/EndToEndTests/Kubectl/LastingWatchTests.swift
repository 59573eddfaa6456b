import Glibc
import Testing

/// keelson's watches outlast connections and servers.
struct LastingWatchTests {
    private static let map = ["get", "configmaps", "--no-headers", "--output-watch-events"]

    private func expect(_ line: String, from process: ChildProcess) throws {
        try process.listen(for: line) { $0.replacing(#/ +/#, with: " ").contains(line) }
    }

    @Test func `a watch goes on when the server is killed and starts again`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "a")
        try plane("create", "deployment", "web", "--image=web:1")
        let table = try plane.startKeelson(Self.map + ["--watch"])
        let objects = try plane.startKeelson(
            ["get", "configmaps", "--watch-only", "--output=name"])
        let waiting = try plane.startKeelson(
            ["wait", "configmap/later", "--for=create", "--timeout=2m"])
        let rollout = try plane.startKeelson(["rollout", "status", "deployment/web"])
        let events = try plane.startKeelson(["events", "--watch", "--no-headers"])
        try expect("ADDED a 0", from: table)
        try expect("Waiting for deployment spec update", from: rollout)
        try waitForWatches(5, plane)
        for round in 1...2 {
            plane.kill()
            try plane.start()
            try plane("create", "configmap", "new\(round)")
            try expect("ADDED new\(round) 0", from: table)
            try expect("configmap/new\(round)\n", from: objects)
        }
        try plane(
            "patch", "configmap", "a", "--type=merge", "--patch={\"data\":{\"a\":\"1\"}}")
        try expect("MODIFIED a 1", from: table)
        try expect("configmap/a\n", from: objects)
        #expect(table.output.filter(\.isNewline).count == 4, "\(table.output)")
        #expect(objects.output.filter(\.isNewline).count == 3, "\(objects.output)")
        let event = """
            {"metadata":{"name":"e","namespace":"default"},"type":"Normal","reason":"Sunrise",\
            "involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"message":"up"}
            """
        _ = try plane.request(
            "POST", "/api/v1/namespaces/default/events", "--header",
            "Content-Type: application/json", "--data", event)
        try expect("Sunrise Pod/p up", from: events)
        try plane("create", "configmap", "later")
        #expect(try waiting.finish().output == "configmap/later condition met\n")
        try plane(
            "patch", "deployment", "web", "--subresource=status", "--type=merge",
            """
            --patch={"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,\
            "readyReplicas":1,"availableReplicas":1}}
            """)
        let rolled = try rollout.finish()
        #expect(rolled.output.hasSuffix("deployment \"web\" successfully rolled out\n"))
        #expect(rolled.exitCode == 0)
    }

    /// The watch is held still until the history that it would go on with has been compacted.
    @Test(arguments: [[], ["--output=name"]])
    func `what changed is shown once where history is gone`(_ format: [String]) throws {
        let plane = try ControlPlane()
        for name in ["changed", "gone", "same"] { try plane("create", "configmap", name) }
        let watch = try plane.startKeelson(
            (format.isEmpty ? Self.map : ["get", "configmaps"]) + format + ["--watch"])
        try watch.listen(for: "all three") { $0.filter(\.isNewline).count == 3 }
        let before = watch.output
        watch.signal(SIGSTOP)
        plane.kill()
        try plane.start()
        try plane("label", "configmap", "changed", "a=b")
        try plane("delete", "configmap", "gone")
        try plane("create", "configmap", "new")
        try plane("create", "configmap", "brief")
        try plane("delete", "configmap", "brief")
        try compact(plane)
        // A server that has seen the changes itself could still tell them.
        plane.kill()
        try plane.start()
        watch.signal(SIGCONT)
        try watch.listen(for: "three more") { $0.filter(\.isNewline).count == 6 }
        try plane("create", "configmap", "later")
        try watch.listen(for: "the last") { $0.filter(\.isNewline).count == 7 }
        let shown = watch.output.dropFirst(before.count).replacing(#/ +/#, with: " ")
        let words = shown.split(separator: "\n").map { line in
            line.split(separator: " ").prefix(2).joined(separator: " ")
        }
        let events = ["MODIFIED changed", "ADDED new", "DELETED gone", "ADDED later"]
        let names = ["changed", "new", "gone", "later"].map { "configmap/\($0)" }
        #expect(words == (format.isEmpty ? events : names))
    }

    @Test func `a watch gives up when the server stays away`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "a")
        let watches = try [
            ["get", "configmaps", "--watch"], ["wait", "configmap/b", "--for=create"],
            ["wait", "configmap/b", "--for=create", "--timeout=1h"],
        ].map { try plane.startKeelson($0 + ["--request-timeout=500ms"]) }
        try waitForWatches(3, plane)
        plane.kill()
        for watch in watches {
            let answer = try watch.finish()
            #expect(answer.exitCode == 1)
            #expect(
                answer.errors == "The connection to the server 127.0.0.1:\(plane.apiPort) was"
                    + " refused - did you specify the right host or port?\n")
        }
    }

    private func waitForWatches(_ count: Int, _ plane: ControlPlane) throws {
        let line = "apiserver_longrunning_requests{verb=\"WATCH\"} \(count)\n"
        try eventually("\(count) watches") {
            try plane.request("GET", "/metrics").output.contains(line) ? true : nil
        }
    }

    private func compact(_ plane: ControlPlane) throws {
        let tool = Programs.etcdctls.last!.path
        let list = try plane.request("GET", "/api/v1/namespaces/default/configmaps").output
        let version = list.firstMatch(of: #/"resourceVersion":"(\d+)"/#)?.1 ?? ""
        let answer = try ChildProcess.run(
            [tool, "--endpoints=" + plane.storeAddress, "compact", String(version)],
            variables: ["ETCDCTL_API": "3"])
        #expect(answer.exitCode == 0, "\(answer.errors)")
    }
}
