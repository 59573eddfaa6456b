import Foundation
import Testing

/// What a pod's containers are given, are asked, and leave behind.
@Suite(.serialized)
struct ContainerTests {
    /// Runs `body` with a server that has these objects.
    private static func run(
        _ manifest: String, _ body: (ControlPlane, PodProcesses) throws -> Void
    ) throws {
        let plane = try ControlPlane(roles: nil)
        let pods = PodProcesses(of: plane)
        defer { pods.end() }
        let text = manifest.replacing("SCRATCH", with: plane.scratch.path)
        try plane("apply", "-f", "-", input: text)
        try body(plane, pods)
        try plane("delete", "pods", "--all")
        try eventually("all processes to end") { pods.all.isEmpty ? true : nil }
    }

    private static func value(
        _ plane: ControlPlane, _ pod: String, _ path: String
    ) throws -> String {
        try plane("get", "pod", pod, "-o", "jsonpath={.status.\(path)}")
    }

    @Test func `what crashes waits in CrashLoopBackOff, its last words can be read`() throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: crash}
            spec:
              containers:
              - {name: c, image: host, command: [sh, -c, 'echo last words; exit 3']}
            """
        try Self.run(manifest) { plane, _ in
            try eventually("the back-off") {
                let line = try plane("get", "pod", "crash", "--no-headers")
                return line.contains("CrashLoopBackOff") ? true : nil
            }
            let state = "containerStatuses[0].state.waiting.reason"
            #expect(try Self.value(plane, "crash", state) == "CrashLoopBackOff")
            let last = "containerStatuses[0].lastState.terminated"
            #expect(try Self.value(plane, "crash", last + ".exitCode") == "3")
            #expect(try plane("logs", "crash", "--previous") == "last words\n")
            #expect(try plane("logs", "-f", "--previous", "crash") == "last words\n")
            let events = try plane("events", "--for", "pod/crash")
            #expect(events.contains("BackOff"), "\(events)")
        }
    }

    @Test func `a log is followed until its container ends`() throws {
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
                - echo one; until [ -e SCRATCH/go ]; do sleep 0.05; done; echo two
            """
        try Self.run(manifest) { plane, _ in
            try plane("wait", "pod/talk", "--for=jsonpath={.status.phase}=Running", "--timeout=20s")
            let reader = try plane.start("logs", "-f", "talk")
            try reader.listen(for: "the first line") { $0 == "one\n" }
            try Data().write(to: URL(filePath: plane.scratch.path + "/go"))
            #expect(try reader.finish().output == "one\ntwo\n")
            try plane(
                "wait", "pod/talk", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=20s")
            #expect(try plane("logs", "talk", "--timestamps").contains("Z two\n"))
            #expect(try plane("logs", "talk", "--since=1h", "--tail=1") == "two\n")
        }
    }

    /// A pod with init containers, and with variables and files from everywhere.
    private static let given = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {color: red, other: "7"}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: hidden}
        stringData: {word: sesame}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: given, labels: {tier: front}}
        spec:
          volumes:
          - {name: work, emptyDir: {}}
          - {name: settings, configMap: {name: settings}}
          - name: self
            downwardAPI:
              items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]
          initContainers:
          - name: first
            image: host
            command: [sh, -c, 'echo 1 >> SCRATCH/in/work/log']
            volumeMounts: [{name: work, mountPath: SCRATCH/in/work}]
          - name: second
            image: host
            command: [sh, -c, 'echo 2 >> SCRATCH/in/work/log']
            volumeMounts: [{name: work, mountPath: SCRATCH/in/work}]
          containers:
          - name: c
            image: host
            workingDir: /usr/bin
            command: [sh, -c]
            args:
            - |
              echo $(NAME) $COLOR $WORD $ADDRESS $CPU $ALL $GREETING $_other
              pwd
              tr '\\n' ' ' < SCRATCH/in/work/log; echo
              cat SCRATCH/in/self/labels; echo
              cat SCRATCH/in/settings/color; echo
              until grep -q blue SCRATCH/in/settings/color; do sleep 0.1; done
              cat SCRATCH/in/settings/color; echo
              exec sleep 1000
            env:
            - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
            - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
            - {name: WORD, valueFrom: {secretKeyRef: {name: hidden, key: word}}}
            - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
            - {name: ALL, value: "$(NAME)-$$(NAME)"}
            - {name: GREETING, value: "hi $(WORD)"}
            envFrom: [{prefix: _, configMapRef: {name: settings}}]
            resources: {limits: {memory: 64Mi}}
            volumeMounts:
            - {name: work, mountPath: SCRATCH/in/work}
            - {name: settings, mountPath: SCRATCH/in/settings}
            - {name: self, mountPath: SCRATCH/in/self}
        """

    @Test func `a pod is given its files and variables, and files follow their source`() throws {
        try Self.run(Self.given) { plane, _ in
            try plane("wait", "pod/given", "--for=condition=Ready", "--timeout=20s")
            let reader = try plane.start("logs", "-f", "given")
            let before = """
                given red sesame 127.0.0.1 67108864 given-$(NAME) hi sesame 7
                /usr/bin
                1 2\(" ")
                tier="front"
                red

                """
            try reader.listen(for: "what it is given") { $0 == before }
            try plane(
                "patch", "configmap", "settings", "--type=merge", "-p",
                #"{"data":{"color":"blue"}}"#)
            try reader.listen(for: "the new file") { $0 == before + "blue\n" }
            reader.end()
            let initial = try Self.value(
                plane, "given", "initContainerStatuses[*].state.terminated.reason")
            #expect(initial == "Completed Completed")
        }
    }

    @Test func `probes decide who is started, ready and alive`() throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: probed}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: c
                image: host
                command: [sh, -c, 'rm -f SCRATCH/sick; exec sleep 1000']
                startupProbe:
                  {exec: {command: [test, -e, SCRATCH/started]}, periodSeconds: 1}
                readinessProbe:
                  {exec: {command: [test, -e, SCRATCH/ready]}, periodSeconds: 1}
                livenessProbe:
                  exec: {command: [sh, -c, '! test -e SCRATCH/sick']}
                  periodSeconds: 1
                  failureThreshold: 1
            """
        try Self.run(manifest) { plane, _ in
            func mark(_ name: String) throws {
                try Data().write(to: URL(filePath: "\(plane.scratch.path)/\(name)"))
            }
            func becomes(_ value: String, _ path: String) throws {
                try eventually("\(path) to be \(value)") {
                    try Self.value(plane, "probed", "containerStatuses[0].\(path)") == value
                        ? true : nil
                }
            }
            try plane(
                "wait", "pod/probed", "--for=jsonpath={.status.phase}=Running", "--timeout=20s")
            try becomes("false", "started")
            try mark("started")
            try becomes("true", "started")
            #expect(try Self.value(plane, "probed", "containerStatuses[0].ready") == "false")
            try mark("ready")
            try becomes("true", "ready")
            try mark("sick")
            try becomes("1", "restartCount")
            try becomes("true", "ready")
            let events = try plane("events", "--for", "pod/probed")
            #expect(events.contains("Liveness probe failed"), "\(events)")
            #expect(events.contains("failed liveness probe, will be restarted"), "\(events)")
        }
    }

    @Test func `an end is announced, waited for, and then made`() throws {
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: stubborn}
            spec:
              terminationGracePeriodSeconds: 2
              containers:
              - name: polite
                image: host
                command:
                - sh
                - -c
                - trap 'cp SCRATCH/hook SCRATCH/heard; exit 0' TERM; while :; do sleep 0.05; done
                lifecycle:
                  preStop: {exec: {command: [sh, -c, 'echo before > SCRATCH/hook']}}
              - name: deaf
                image: host
                command:
                - sh
                - -c
                - trap '' TERM; setsid tail -F SCRATCH/child & while :; do wait; done
            """
        try Self.run(manifest) { plane, pods in
            try plane("wait", "pod/stubborn", "--for=condition=Ready", "--timeout=20s")
            #expect(!pods.mentioning("tail -F " + plane.scratch.path + "/child").isEmpty)
            let start = Deadline.now
            try plane("delete", "pod", "stubborn")
            let milliseconds = (Deadline.now - start) / 1_000_000
            #expect((1_500...10_000).contains(milliseconds))
            #expect(plane.scratch.text("heard") == "before\n")
            #expect(pods.all.isEmpty)
            #expect(pods.mentioning(plane.scratch.path + "/child").isEmpty)
        }
    }
}
