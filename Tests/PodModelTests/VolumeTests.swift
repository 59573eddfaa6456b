import PodModel
import ResourceModel
import Testing

/// What volumes hold, and what probes do, as pods say it.
@Suite struct VolumeTests {
    @Test(arguments: [
        (#"{"name": "v", "configMap": {"name": "cm"}}"#, "a=1/644 b=2/644"),
        (#"{"name": "v", "configMap": {"name": "cm", "defaultMode": 256}}"#, "a=1/400 b=2/400"),
        (
            #"{"configMap": {"name": "cm", "items": [{"key": "b", "path": "x/y", "mode": 384}]}}"#,
            "x/y=2/600"
        ),
        (#"{"configMap": {"name": "no", "optional": true}}"#, ""),
        (
            #"{"configMap": {"name": "cm", "optional": true, "items": [{"key": "c"}]}}"#,
            ""
        ),
        (#"{"secret": {"secretName": "s"}}"#, "k=hidden/644"),
        (
            #"{"downwardAPI": {"items": [{"path": "l", "#
                + #""fieldRef": {"fieldPath": "metadata.labels"}}]}}"#,
            "l=app=\"web\"\ntier=\"x\"/644"
        ),
    ])
    func `files come from objects`(_ volume: String, _ expected: String) throws {
        guard case .files(let files) = try content(volume) else {
            Issue.record("no files")
            return
        }
        let told = files.map {
            "\($0.path)=\(String(decoding: $0.bytes, as: UTF8.self))/\(String($0.mode, radix: 8))"
        }
        #expect(told.joined(separator: " ") == expected)
    }

    @Test(arguments: [
        (#"{"configMap": {"name": "no"}}"#, "configmap \"no\" not found"),
        (
            #"{"configMap": {"name": "cm", "items": [{"key": "c", "path": "c"}]}}"#,
            "references non-existent config key: c"
        ),
        (
            #"{"secret": {"secretName": "s", "items": [{"key": "k", "path": "a/../../b"}]}}"#,
            "invalid path \"a/../../b\""
        ),
        (#"{"name": "v", "nfs": {}}"#, "volume \"v\" is of a kind that this node does not offer"),
    ])
    func `what is missing or not offered is named`(_ volume: String, _ message: String) {
        let failure = #expect(throws: ConfigurationFailure.self) { try content(volume) }
        #expect(failure?.description == message)
    }

    @Test func `folders are the pod's or the machine's`() throws {
        #expect(try content(#"{"emptyDir": {}}"#) == .empty)
        let host = try content(#"{"hostPath": {"path": "/data", "type": "Directory"}}"#)
        #expect(host == .host(path: "/data", type: "Directory"))
    }

    @Test func `objects are decoded`() throws {
        let map = try JSON(parsing: #"{"data": {"a": "ä"}, "binaryData": {"b": "AAE="}}"#)
        #expect(VolumeSources.entries(ofConfigMap: map) == ["a": [0xC3, 0xA4], "b": [0, 1]])
        let secret = try JSON(parsing: #"{"data": {"k": "aGlkZGVu"}}"#)
        #expect(VolumeSources.entries(ofSecret: secret) == ["k": Array("hidden".utf8)])
    }

    @Test func `probes are read with their ports and hosts`() throws {
        let container = try JSON(parsing: #"{"ports": [{"name": "web", "containerPort": 8080}]}"#)
        func action(_ text: String) throws -> ProbeAction {
            try ProbeAction(JSON(parsing: text), of: container, podAddress: "127.64.0.9")
        }
        #expect(try action(#"{"exec": {"command": ["a", "b"]}}"#) == .exec(["a", "b"]))
        let named = Int(8080)
        #expect(
            try action(#"{"tcpSocket": {"port": "web"}}"#)
                == .tcp(host: "127.64.0.9", port: named))
        #expect(try action(#"{"sleep": {"seconds": 3}}"#) == .pause(seconds: 3))
        let http = try action(
            """
            {"httpGet": {"port": 81, "path": "x?y", "host": "::1",
                "httpHeaders": [{"name": "host", "value": "h"},
                                {"name": "A", "value": "b\\r\\nC: d"}]}}
            """)
        guard case .http(let probe) = http else {
            Issue.record("no HTTP")
            return
        }
        #expect(probe.url == "http://[::1]:\(81)/x?y")
        #expect(
            probe.request == "GET /x?y HTTP/1.1\r\nUser-Agent: kube-probe/1.32\r\nAccept: */*\r\n"
                + "host: h\r\nConnection: close\r\n\r\n")
        for (text, message) in [
            (#"{"tcpSocket": {"port": "none"}}"#, "couldn't find port: \"none\""),
            (#"{"httpGet": {"port": 0}}"#, "invalid port number"),
            ("{}", "missing probe handler"),
        ] {
            let failure = #expect(throws: ConfigurationFailure.self) { try action(text) }
            #expect(failure?.description == message)
        }
    }

    private func content(_ volume: String) throws -> VolumeContent {
        let pod = try JSON(parsing: #"{"metadata": {"labels": {"tier": "x", "app": "web"}}}"#)
        var sources = VolumeSources()
        sources.configMaps = ["cm": ["a": Array("1".utf8), "b": Array("2".utf8)]]
        sources.secrets = ["s": ["k": Array("hidden".utf8)]]
        return try VolumeContent(JSON(parsing: volume), of: pod, sources, PodSurroundings())
    }
}
