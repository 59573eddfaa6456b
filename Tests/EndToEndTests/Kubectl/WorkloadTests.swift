import Foundation
import Testing

/// Pods as processes of this machine, from the manifests that a newcomer gets.
@Suite(.serialized)
struct WorkloadTests {
    private static let quickstart = Programs.root + "/manifests/quickstart"

    @Test func `the quickstart comes up, heals, rolls over and goes without a trace`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", Self.quickstart)
        try plane("rollout", "status", "deployment/web", "--timeout=25s")
        let web = try Self.address(of: "web", plane)
        #expect(try Self.status("http://\(web)/") == "200")

        // A process that dies comes back.
        let pod = try plane(
            "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].status.podIP}")
        let victim = try #require(pods.naming(pod).first)
        kill(victim, SIGKILL)
        try eventually("the container to run again") {
            let count = try plane(
                "get", "pods", "-l", "app=web", "-o",
                "jsonpath={.items[0].status.containerStatuses[0].restartCount}")
            return count == "1" ? pods.naming(pod).first : nil
        }
        try plane("rollout", "status", "deployment/web", "--timeout=25s")

        // The server dies: the same processes go on, and are known again.
        let before = pods.naming("http.server --bind")
        #expect(before.count == 2)
        plane.kill()
        #expect(pods.naming("http.server --bind") == before)
        try plane.start()
        try plane("rollout", "status", "deployment/web", "--timeout=25s")
        #expect(pods.naming("http.server --bind") == before)

        try eventually("the proxy to listen again") {
            try Self.status("http://\(web)/") == "200" ? true : nil
        }

        // A new version takes over, and nobody notices.
        let load = try plane.start(counting: 150, of: "http://\(web)/")
        try plane("set", "env", "deployment/web", "VERSION=2")
        try plane("rollout", "status", "deployment/web", "--timeout=25s")
        let answers = try load.finish(within: .seconds(60)).lines
        #expect(answers.count == 150)
        #expect(Set(answers) == ["200"])

        try plane("delete", "-f", Self.quickstart)
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
        try eventually("all files to go") { pods.files.isEmpty ? true : nil }
    }

    @Test func `a model is served, a new one tried with a fifth of the requests`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", Self.quickstart + "/2-model.yaml")
        try plane("wait", "--for=condition=Ready", "modeldeployment/iris", "--timeout=25s")
        let address = "http://\(try Self.address(of: "iris", plane))/v2/models/iris/infer"
        let request = Programs.root + "/manifests/iris-request.json"
        let first = try ChildProcess.run(
            ["/usr/bin/curl", "--silent", address, "--data", "@" + request])
        #expect(first.output.contains(#"["setosa", "versicolor"]"#))
        let second = """
            {"apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
             "metadata": {"name": "iris-2"}, "spec": {"modelName": "iris", "version": "2",
             "format": {"name": "logistic"},
             "uri": "data:,{\\"weights\\":[1,1],\\"bias\\":-4,\\"classes\\":[\\"a\\",\\"b\\"]}"}}
            """
        try plane("patch", "modeldeployment", "iris", "--type=merge", "-p",
            #"{"spec":{"canaryTrafficPercent":20}}"#)
        try plane("apply", "-f", "-", input: second)
        do {
            try eventually("a fifth of the traffic for the new version") {
                let shares = try plane(
                    "get", "modeldeployment", "iris", "-o",
                    "jsonpath={.status.traffic[*].percent}")
                return shares == "80 20" ? true : nil
            }
        } catch {
            // What a person would look at.
            let state = try plane("get", "modeldeployments,models,deployments,pods,events")
            throw TooLate(description: "\(error)\n\(state)")
        }
        let loop = """
            for i in $(seq 200); do curl --silent '\(address)' --data '@\(request)'; echo; done
            """
        let versions = try plane.shell(loop).lines.map { $0.contains(#""model_version": "2""#) }
        #expect(versions.count == 200)
        // The proxy may learn of the shares a moment after the status tells of them.
        #expect(versions.suffix(100).count { $0 } == 20)
        try plane("delete", "modeldeployment", "iris")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    @Test func `what a pod says is in its log, and why it fails is in its status`() throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("create", "job", "once", "--image=x", "--", "sh", "-c", "echo one; echo two")
        try plane("wait", "--for=condition=Complete", "job/once", "--timeout=25s")
        #expect(try plane("logs", "job/once") == "one\ntwo\n")
        #expect(try plane("logs", "job/once", "--tail=1") == "two\n")
        try plane("run", "bad", "--image=x", "--command", "--", "/nope")
        try eventually("the reason") {
            let reason = try plane(
                "get", "pod", "bad", "-o",
                "jsonpath={.status.containerStatuses[0].lastState.terminated.message}")
            return reason.contains("/nope") ? true : nil
        }
        try plane("delete", "pod", "bad")
        try plane("delete", "job", "once")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    @Test func `no privileges are needed`() throws {
        let plane = try ControlPlane.unprivileged()
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        let member = try ChildProcess.run(
            [Programs.etcdctls.last!.path, "--endpoints=" + plane.storeAddress, "put", "a", "b"],
            variables: ["ETCDCTL_API": "3"])
        #expect(member.output == "OK\n", "\(member.errors)")
        let line = "grep CapEff /proc/self/status"
        try plane("create", "job", "once", "--image=x", "--", "sh", "-c", line)
        try plane("wait", "--for=condition=Complete", "job/once", "--timeout=25s")
        #expect(try plane("logs", "job/once") == "CapEff:\t0000000000000000\n")
        try plane("delete", "job", "once")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    private static func address(of service: String, _ plane: ControlPlane) throws -> String {
        try eventually("the address of a service") {
            let address = try plane(
                "get", "service", service, "-o", "jsonpath={.spec.clusterIP}")
            return address.isEmpty ? nil : address
        }
    }

    private static func status(_ address: String) throws -> String {
        try ChildProcess.run(
            ["/usr/bin/curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
            address]).output
    }
}

extension ControlPlane {
    /// Starts so many requests, one after the other; each status is a line of its output.
    fileprivate func start(counting count: Int, of address: String) throws -> ChildProcess {
        let loop = """
            for i in $(seq \(count)); do
                /usr/bin/curl --silent --max-time 10 --output /dev/null \
                    --write-out '%{http_code}\\n' '\(address)' || true
            done
            """
        return try ChildProcess(["/bin/sh", "-c", loop])
    }
}
