import Foundation
import Testing

/// Commands that stock kubectls run in containers, over WebSockets, and keelson as they do.
@Suite(.serialized)
struct ExecTests {
    /// With keelson in the place of a kubectl.
    private static let tools =
        Programs.kubectls + [Programs.Tool(path: Programs.keelson, version: [])]

    /// A pod of two containers, and one that nobody runs.
    private static let pods = """
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
          - {name: one, image: host, command: [sleep, "1000"]}
          - name: two
            image: host
            command: [sleep, "1000"]
            workingDir: /usr
            env: [{name: COLOR, value: red}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: ended}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
          - {name: brief, image: host, command: ["true"]}
          - {name: long, image: host, command: [sleep, "1000"]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: nowhere}
        spec:
          nodeSelector: {on: mars}
          containers: [{name: c, image: host, command: ["true"]}]
        """

    /// Runs `body` with a server on which they run.
    private static func run(
        _ kubectl: Programs.Tool = Programs.kubectls.last!,
        _ body: (ControlPlane, PodProcesses) throws -> Void
    ) throws {
        let plane = try ControlPlane(kubectl, roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        try plane("apply", "-f", "-", input: Self.pods)
        try plane("wait", "pod/a", "--for=condition=Ready", "--timeout=20s")
        try body(plane, pods)
        try plane("delete", "pods", "--all")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    @Test(arguments: tools)
    func `a command is heard, and exits as it exits`(kubectl: Programs.Tool) throws {
        try Self.run(kubectl) { plane, _ in
            func says(_ line: String, _ exitCode: Int32, _ text: String) throws {
                let answer = try plane.shell(line)
                #expect(answer.output == text, "\(line)")
                #expect(answer.exitCode == exitCode, "\(line)")
            }
            try says("kubectl exec a -c two -- sh -c 'pwd; echo $COLOR'", 0, "/usr\nred\n")
            try says(
                "kubectl exec a -- echo first", 0,
                "Defaulted container \"one\" out of: one, two\nfirst\n")
            let both = "kubectl exec a -c one -- sh -c 'echo out; echo err >&2; exit 7'"
            let ended = "command terminated with exit code 7\n"
            try says(both + " 2>/dev/null", 7, "out\n")
            try says(both + " 2>&1 >/dev/null", 7, "err\n" + ended)
            try says(
                "kubectl exec a -c one -- sh -c 'kill -9 $$'", 137,
                "command terminated with exit code 137\n")
            try says("echo hi | kubectl exec -i a -c one -- cat", 0, "hi\n")
            // Somebody who has no input has none to give.
            try says("kubectl exec -i a -c one -- cat <&-", 0, "")
            // Who is not asked to listen hears nothing.
            try says("echo hi | kubectl exec a -c one -- cat", 0, "")
            // A command that does not listen to the end does not wait for it. (The older kubectl
            // complains that it cannot go on talking.)
            try says("yes | kubectl exec -i a -c one -- head -n 1 2>/dev/null", 0, "y\n")
            try says(
                "kubectl exec a -c one -- yes | head -n 100000 | cksum", 0, "2851117126 200000\n")
            try says(
                """
                head -c 10000000 /dev/urandom > blob
                kubectl exec -i a -c one -- cat < blob > back && cmp blob back && echo same
                """, 0, "same\n")
        }
    }

    @Test(arguments: tools)
    func `the containers of a pod are named as kubectl names them`(
        kubectl: Programs.Tool
    ) throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: b}
            spec:
              terminationGracePeriodSeconds: 0
              initContainers: [{name: first, image: host, command: ["true"]}]
              containers: [{name: main, image: host, command: [sh, -c, "echo on; sleep 1000"]}]
            """
        try Self.run(kubectl) { plane, _ in
            try plane("apply", "-f", "-", input: manifest)
            try plane("wait", "pod/b", "--for=condition=Ready", "--timeout=20s")
            let usual = "Defaulted container \"main\" out of: main, first (init)\n"
            let loud = try plane.shell("kubectl logs b; kubectl exec pod/b -- echo hi")
            #expect(loud.output == usual + "on\n" + usual + "hi\n")
            let quiet = try plane.shell("kubectl exec b -q -- echo hi")
            #expect(quiet.output == "hi\n")
        }
    }

    @Test(arguments: Programs.kubectls)
    func `files are copied both ways`(kubectl: Programs.Tool) throws {
        try Self.run(kubectl) { plane, _ in
            let answer = try plane.shell(
                """
                mkdir -p here/below there && head -c 3000000 /dev/urandom > here/blob
                echo text > here/below/text
                kubectl cp here "a:$PWD/there/copy" -c one
                diff -r here there/copy && echo arrived
                kubectl cp "a:$PWD/there/copy" back -c two > /dev/null 2>&1
                diff -r here back && echo 'came back'
                """)
            #expect(answer.output == "arrived\ncame back\n")
        }
    }

    @Test(arguments: tools)
    func `a terminal is as large as the user's`(kubectl: Programs.Tool) throws {
        try Self.run(kubectl) { plane, _ in
            // The size is told once the command runs.
            let size = "until stty size | grep -v \"^0 0\"; do :; done"
            let command =
                "kubectl exec -it a -c one -- sh -c 'tty; \(size); echo $TERM; exit 3'"
            try command.replacing("kubectl", with: "'\(kubectl.path)'").write(
                toFile: plane.scratch.path + "/line", atomically: true, encoding: .utf8)
            let answer = try plane.shell(
                "script -qec 'stty cols 91 rows 33; . ../line' /dev/null < /dev/null")
            #expect(answer.output.contains("/dev/pts/"), "\(answer.output)")
            #expect(answer.output.contains("33 91\r\nxterm\r\n"), "\(answer.output)")
            #expect(answer.exitCode == 3)
        }
    }

    @Test(arguments: Programs.kubectls)
    func `a container is heard from now on, until it ends`(kubectl: Programs.Tool) throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: talk}
            spec:
              restartPolicy: Never
              containers:
              - name: c
                image: host
                command:
                - sh
                - -c
                - |
                  echo before
                  until [ -e SCRATCH/go ]; do echo out; echo err >&2; sleep 0.05; done
                  echo end; exit 4
            """
        try Self.run(kubectl) { plane, _ in
            let folder = plane.scratch.path
            try plane("apply", "-f", "-", input: manifest.replacing("SCRATCH", with: folder))
            try eventually("it to talk") {
                try plane.start("logs", "talk").finish().output.contains("out") ? true : nil
            }
            let listener = try plane.start("attach", "talk")
            try listener.listen(for: "what it says") { $0.contains("out\n") }
            try Data().write(to: URL(filePath: folder + "/go"))
            let answer = try listener.finish()
            #expect(answer.output.hasSuffix("out\nend\n"), "\(answer.output)")
            let said = Set(answer.lines)
            #expect(said == ["out", "end"], "\(answer.output)")
            #expect(answer.errors.contains("err\n"), "\(answer.errors)")
            #expect(answer.exitCode == 0)
        }
    }

    @Test(arguments: Programs.kubectls)
    func `ports of a pod are reached, many connections at a time`(kubectl: Programs.Tool) throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: c
                image: host
                command: [python3, -m, http.server, --bind, $(POD_IP), "8080"]
                workingDir: SCRATCH/pages
                env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
                readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
            """
        try Self.run(kubectl) { plane, _ in
            let folder = plane.scratch.path
            _ = try plane.shell("mkdir ../pages; head -c 3000000 /dev/urandom > ../pages/blob")
            try plane("apply", "-f", "-", input: manifest.replacing("SCRATCH", with: folder))
            try plane("wait", "pod/web", "--for=condition=Ready", "--timeout=20s")
            let forward = try plane.start("port-forward", "pod/web", ":8080", ":9")
            let said = try forward.listen(for: "both ports") {
                $0.contains(" -> 8080\n") && $0.contains(" -> 9\n")
            }
            let ports = said.matches(of: #/127\.0\.0\.1:(\d+) ->/#).map { String($0.1) }
            let copies = try plane.shell(
                """
                for number in 1 2 3 4 5 6; do
                    curl --silent --max-time 20 http://127.0.0.1:\(ports[0])/blob -o $number &
                done
                wait
                for number in 1 2 3 4 5 6; do cmp $number ../pages/blob && echo same; done
                """)
            #expect(copies.output == String(repeating: "same\n", count: 6))
            // Where nobody listens: the connection ends, and kubectl says why and gives up.
            _ = try plane.shell("curl --silent --max-time 20 http://127.0.0.1:\(ports[1])/")
            let end = try forward.finish()
            #expect(end.errors.contains("connect: connection refused"), "\(end.errors)")
        }
    }

    @Test(arguments: [Programs.kubectls.last!, tools.last!])
    func `a command ends with its client`(kubectl: Programs.Tool) throws {
        try Self.run(kubectl) { plane, pods in
            for flags in [[], ["-i"]] {
                // With what it has started.
                let client = try plane.start(
                    ["exec", "a", "-c", "one"] + flags + ["--", "sh", "-c", "sleep 1234; true"])
                try eventually("it to run") {
                    pods.mentioning("sleep 1234").count == 3 ? true : nil
                }
                client.end()
                try eventually("it to end") {
                    pods.mentioning("sleep 1234").isEmpty ? true : nil
                }
            }
            // And with its container.
            let client = try plane.start(["exec", "a", "-c", "one", "--", "sleep", "1235"])
            try eventually("it to run") { pods.mentioning("sleep 1235").count == 2 ? true : nil }
            try plane("delete", "pod", "a")
            #expect(try client.finish().exitCode == 137)
        }
    }

    @Test(arguments: tools)
    func `what cannot be run says why, in Kubernetes' words`(kubectl: Programs.Tool) throws {
        try Self.run(kubectl) { plane, _ in
            func refuses(_ words: [String], _ text: String) throws {
                let answer = try plane.start(["exec"] + words + ["--", "true"]).finish()
                // Before it the newer kubectl says that no connection was upgraded.
                #expect(answer.errors.hasSuffix(text), "\(words): \(answer.errors)")
                #expect(answer.exitCode == 1)
            }
            try refuses(
                ["nobody"], "Error from server (NotFound): pods \"nobody\" not found\n")
            try refuses(["nowhere"], ": pod nowhere does not have a host assigned\n")
            try eventually("the brief one to end") {
                let path = "{.status.containerStatuses[?(@.name==\"brief\")].state.terminated}"
                return try plane("get", "pod", "ended", "-o", "jsonpath=" + path).isEmpty
                    ? nil : true
            }
            try refuses(["ended", "-c", "brief"], ": container not found (\"brief\")\n")
            let unknown = try plane.start(["exec", "a", "-c", "one", "--", "nonsense"]).finish()
            #expect(
                unknown.errors == "error: Internal error occurred: error executing command in "
                    + "container: exec: \"nonsense\": executable file not found in $PATH\n")
            #expect(unknown.exitCode == 1)
        }
    }

    @Test func `requests that are not from kubectl are told what is spoken`() throws {
        try Self.run { plane, _ in
            let pod = "/api/v1/namespaces/default/pods/a/exec"
            func says(_ query: String, _ options: [String], _ text: String) throws {
                let answer = try plane.open(pod + query, options).finish()
                #expect(answer.output.contains(text), "\(query): \(answer.output)")
            }
            let upgrade = [
                "--http1.1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H",
                "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ]
            let good = "?command=true&stdout=1&container=one"
            try says("?container=one&stdout=1", [], "you must specify at least one command")
            try says(
                "?container=one&command=true", [],
                "you must specify at least 1 of stdin, stdout, stderr")
            try says(
                "?command=true&stdout=1", [], "a container name must be specified for pod a, "
                    + "choose one of: [one two]")
            try says(
                "?container=x&command=true&stdout=1", [], "container x is not valid for pod a")
            try says(good, [], "Upgrade request required")
            try says(good, ["--http2"], "Upgrade request required")
            try says(good, upgrade, "Sec-WebSocket-Protocol must offer one of")
            let spdy = ["-X", "POST", "-H", "Connection: Upgrade", "-H", "Upgrade: SPDY/3.1"]
            try says(good, ["--http1.1"] + spdy, "Upgrade request required")
        }
    }
}
