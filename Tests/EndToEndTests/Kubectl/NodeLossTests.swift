import Testing

/// Three servers of one machine stand for three machines.
struct NodeLossTests {
    private static let manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: app}
        spec:
          replicas: 6
          selector: {matchLabels: {app: app}}
          template:
            metadata: {labels: {app: app}}
            spec:
              terminationGracePeriodSeconds: 1
              tolerations:
              - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute,
                 tolerationSeconds: 1}
              containers:
              - {name: app, image: host, command: [sh, -c, exec sleep 987657]}
        """

    /// A node is given 40 seconds to be heard of, as in Kubernetes.
    @Test func `a node that dies has its pods rescheduled, and lets go of them when it is back`()
        throws
    {
        let planes = try ControlPlane.three(roles: nil)
        let pods = planes.map(PodProcesses.init(of:))
        defer { for node in pods { node.end() } }
        let (plane, lost) = (planes[0], planes[2])
        try eventually("three nodes") {
            try plane("get", "nodes", "--no-headers").split(separator: "\n")
                .count { $0.contains(" Ready ") } == 3 ? true : nil
        }
        try plane("apply", "-f", "-", input: Self.manifest)
        try plane("rollout", "status", "deployment/app", "--timeout=25s")
        #expect(pods.map { $0.naming("sleep 987657").count } == [2, 2, 2])
        let name = try plane(
            "get", "pods", "--field-selector=spec.nodeName=m2", "-o",
            "jsonpath={.items[0].metadata.name}")
        for words in [["logs", name], ["exec", name, "--", "true"]] {
            #expect(try lost.start(words).finish().exitCode == 0)
            let errors = try plane.start(words).finish().errors
            let text = "runs on node \"m2\", which this server, that of node \"m0\", has no way to"
            #expect(errors.contains(text), "\(errors)")
        }

        lost.kill()
        try plane(
            within: .seconds(90), "wait", "node/m2", "--for=condition=Ready=Unknown",
            "--timeout=80s")
        try eventually("the others to run all pods") {
            let running = pods.prefix(2).map { $0.naming("sleep 987657").count }
            return running.reduce(0, +) == 6 ? true : nil
        }
        #expect(pods[2].naming("sleep 987657").count == 2)
        #expect(try plane("get", "node", "m2", "--no-headers").contains(" NotReady "))
        let events = try plane("get", "events")
        #expect(events.contains("NodeNotReady") && events.contains("TaintManagerEviction"))

        try lost.start()
        try eventually("the node to end what it has lost") { pods[2].all.isEmpty ? true : nil }
        try plane("wait", "node/m2", "--for=condition=Ready", "--timeout=20s")
        try plane("delete", "deployment", "app")
        try eventually("all processes to end") {
            pods.allSatisfy(\.all.isEmpty) ? true : nil
        }
    }
}
