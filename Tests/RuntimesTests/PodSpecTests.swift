import PodModel
import ResourceModel
import Runtimes
import Testing

/// From a container of a pod to what the runtime is asked for.
@Suite struct PodSpecTests {
    @Test func `everything that a container says is carried over`() throws {
        let spec = try spec(
            """
            {"name": "web", "command": ["run", "--port=$(PORT)"], "args": ["$(NO)"],
             "workingDir": "/srv", "env": [{"name": "PORT", "value": "81"}],
             "resources": {"limits": {"memory": "64Mi", "cpu": "250m"}},
             "securityContext": {"runAsUser": 0},
             "volumeMounts": [
                {"name": "v", "mountPath": "/data", "readOnly": true},
                {"name": "v", "mountPath": "/f", "subPath": "a/b"},
                {"name": "v", "mountPath": "/g", "subPathExpr": "p$(PORT)"}]}
            """)
        #expect(spec.command == ["run", "--port=81", "$(NO)"])
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        #expect(spec.environment == ["PORT=81", path, "HOSTNAME=web-1"])
        #expect(spec.workingDirectory == "/srv")
        #expect(spec.limits.memoryBytesMax == 64 << 20 && spec.limits.cpuThousandthsMax == 250)
        #expect(spec.user == 0 && spec.group == 7)
        #expect(
            spec.mounts == [
                Mount(source: "/vol", target: "/data", isReadOnly: true),
                Mount(source: "/vol/a/b", target: "/f"), Mount(source: "/vol/p81", target: "/g"),
            ])
        #expect(spec.log.path == "/logs/web/2.log" && spec.attempt == 2)
    }

    @Test(arguments: [
        (#"{"name": "a"}"#, "no command specified: images are not looked into"),
        (
            #"{"command": ["a"], "volumeMounts": [{"name": "x", "mountPath": "/a"}]}"#,
            "no volume \"x\" for a mount"
        ),
        (
            #"{"command": ["a"], "volumeMounts": [{"name": "v", "subPath": "../x"}]}"#,
            "invalid subPath \"../x\""
        ),
    ])
    func `what cannot be had is named`(_ container: String, _ message: String) {
        let failure = #expect(throws: ConfigurationFailure.self) { try spec(container) }
        #expect(failure?.description == message)
    }

    private func spec(_ text: String) throws -> ContainerSpec {
        let pod = try JSON(
            parsing: #"""
                {"metadata": {"name": "web-1"},
                 "spec": {"securityContext": {"runAsUser": 9, "runAsGroup": 7}}}
                """#)
        let container = try JSON(parsing: text)
        return try ContainerSpec(
            container, of: pod, attempt: 2,
            ContainerEnvironment(of: container, in: pod, PodSurroundings()),
            PodGround(sandboxID: "s", volumes: ["v": "/vol"], logFolder: "/logs"))
    }
}
