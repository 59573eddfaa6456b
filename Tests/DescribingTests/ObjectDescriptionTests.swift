import Describing
import ResourceModel
import Testing

/// What transcripts of kubectl cannot show, because it needs running pods, passing time or several
/// versions of kubectl; the texts are those of kubectl 1.36.
@Suite struct ObjectDescriptionTests {
    /// Wed, 25 Nov 2026 12:00:00.
    private static let noon = ObjectDescription.Clock(nowSeconds: 1_795_608_000)

    private static func lines(
        _ object: JSON, _ kind: String, clock: ObjectDescription.Clock = noon,
        _ change: (inout ObjectDescription) -> Void = { _ in }
    ) -> [String] {
        var description = ObjectDescription(object, kind: kind, clock: clock)
        change(&description)
        return description.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private static func pod(_ status: JSON, _ container: JSON = ["name": "c"]) -> JSON {
        ["metadata": ["name": "web"], "spec": ["containers": [container]], "status": status]
    }

    @Test func `a pod that is to go says for how long, and how long it may take`() {
        var pod = Self.pod(["phase": "Running"])
        pod["metadata"]["deletionTimestamp"] = "2026-11-25T11:59:30Z"
        pod["metadata"]["deletionGracePeriodSeconds"] = 20
        let lines = Self.lines(pod, "Pod")
        #expect(lines.contains("Status:                    Terminating (lasts 30s)"))
        #expect(lines.contains("Termination Grace Period:  20s"))
        pod["metadata"]["deletionTimestamp"] = "2026-11-25T12:00:30Z"
        #expect(Self.lines(pod, "Pod")[5].hasSuffix("Terminating (lasts <invalid>)"))
        pod["status"]["phase"] = "Failed"
        #expect(Self.lines(pod, "Pod").contains("Status:       Failed"))
    }

    @Test func `the states of a container are told, and the last one if it has ended`() {
        let status: JSON = [
            "containerStatuses": [
                [
                    "name": "c", "containerID": "process://1", "imageID": "i", "ready": true,
                    "restartCount": 2, "state": ["running": ["startedAt": "2026-11-25T11:00:00Z"]],
                    "lastState": [
                        "terminated": [
                            "exitCode": 137, "signal": 9, "reason": "Error", "message": "killed",
                            "startedAt": "2026-11-25T10:00:00Z",
                        ]
                    ],
                ]
            ]
        ]
        let lines = Self.lines(Self.pod(status, ["name": "c", "image": "i:1"]), "Pod")
        let start = lines.firstIndex(of: "  c:") ?? 0
        #expect(
            Array(lines[start..<start + 19]) == [
                "  c:",
                "    Container ID:   process://1",
                "    Image:          i:1",
                "    Image ID:       i",
                "    Port:           <none>",
                "    Host Port:      <none>",
                "    State:          Running",
                "      Started:      Wed, 25 Nov 2026 11:00:00 +0000",
                "    Last State:     Terminated",
                "      Reason:       Error",
                "      Message:      killed",
                "      Exit Code:    137",
                "      Signal:       9",
                "      Started:      Wed, 25 Nov 2026 10:00:00 +0000",
                "      Finished:     Mon, 01 Jan 0001 00:00:00 +0000",
                "    Ready:          True",
                "    Restart Count:  2",
                "    Environment:    <none>",
                "    Mounts:         <none>",
            ])
    }

    @Test func `ports have their names, and optional sources say so`() {
        var pod = Self.pod([:], [
            "name": "c",
            "ports": [
                ["name": "http", "containerPort": 80, "protocol": "TCP", "hostPort": 8080],
                ["containerPort": 53, "protocol": "UDP"],
            ],
        ])
        pod["spec"]["volumes"] = [
            [
                "name": "v",
                "projected": [
                    "sources": [
                        ["secret": ["name": "s"]], ["configMap": ["name": "m", "optional": true]],
                    ]
                ],
            ]
        ]
        let lines = Self.lines(pod, "Pod")
        #expect(lines.contains("    Ports:        80/TCP (http), 53/UDP"))
        #expect(lines.contains("    Host Ports:   8080/TCP (http), 0/UDP"))
        let start = lines.firstIndex(of: "Volumes:") ?? 0
        #expect(
            Array(lines[start + 2..<start + 7]) == [
                "    Type:           Projected (a volume that contains injected data from"
                    + " multiple sources)",
                "    SecretName:     s",
                "    Optional:       false",
                "    ConfigMapName:  m",
                "    Optional:       true",
            ])
    }

    @Test func `a quality of service that nobody has noted down is worked out`() {
        func lastLines(_ resources: JSON) -> Bool {
            Self.lines(Self.pod([:], ["name": "c", "resources": resources]), "Pod")
                .contains("QoS Class:        Guaranteed")
        }
        let all: JSON = ["cpu": "1", "memory": "1Gi"]
        #expect(lastLines(["limits": all, "requests": ["cpu": "1000m", "memory": "1024Mi"]]))
        #expect(!lastLines(["limits": all]))
        #expect(!lastLines(["limits": ["cpu": "1"], "requests": ["cpu": "1"]]))
        #expect(!lastLines([:]))
    }

    @Test func `the pods of a node add up`() {
        let node: JSON = [
            "metadata": ["name": "n1"], "status": ["allocatable": ["cpu": "2", "memory": "4Gi"]],
        ]
        let pods: [JSON] = [
            [
                "metadata": [
                    "name": "a", "namespace": "x", "creationTimestamp": "2026-11-25T11:58:00Z",
                ],
                "spec": [
                    "containers": [["resources": ["requests": ["cpu": "250m"]]]],
                    "initContainers": [
                        [
                            "restartPolicy": "Always",
                            "resources": ["requests": ["cpu": "100m"]],
                        ],
                        ["resources": ["requests": ["cpu": "400m"], "limits": ["memory": "1Gi"]]],
                    ],
                    "overhead": ["cpu": "10m", "memory": "1Mi"],
                ],
            ]
        ]
        let lines = Self.lines(node, "Node") { $0.related[.podsOfNode] = pods }
        #expect(
            lines.contains(
                "  x                           a       510m (25%)    0 (0%)      1Mi (0%)"
                    + "         1025Mi (25%)   2m"))
        #expect(lines.contains("  cpu                510m (25%)  0 (0%)"))
        #expect(lines.contains("  memory             1Mi (0%)    1025Mi (25%)"))
        let forbidden = Self.lines(node, "Node") { $0.failures[.podsOfNode] = "no" }
        #expect(forbidden.contains("Pods:                         not authorized"))
    }

    @Test func `amounts that no number holds end nothing`() {
        let node: JSON = ["status": ["allocatable": ["memory": "1n"], "capacity": ["cpu": "1"]]]
        let container: JSON = [
            "name": "c",
            "resources": ["limits": ["memory": "8Ei", "cpu": "8E"], "requests": ["cpu": "1"]],
            "env": [
                [
                    "name": "M",
                    "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu", "divisor": "1n"]],
                ]
            ],
        ]
        let pod = Self.pod([:], container)
        let lines = Self.lines(node, "Node") { $0.related[.podsOfNode] = [pod] }
        #expect(lines.contains { $0.contains("1 (-9223372036854775808%)") })
        let variable = "      M:         -9223372036854775808 (limits.cpu)"
        #expect(Self.lines(pod, "Pod").contains(variable))
    }

    @Test func `a job says how long it took, and which of many indexes are done`() {
        let indexes = (0..<40).map { "\(2 * $0)" }.joined(separator: ",")
        let job: JSON = [
            "spec": ["completionMode": "Indexed"],
            "status": [
                "startTime": "2026-11-25T11:00:00Z", "completionTime": "2026-11-25T11:02:05Z",
                "completedIndexes": .string(indexes),
            ],
        ]
        let lines = Self.lines(job, "Job.batch")
        #expect(lines.contains("Duration:           2m5s"))
        let shown = lines.first { $0.hasPrefix("Completed Indexes:") } ?? ""
        #expect(shown.hasSuffix("0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,..."))
    }

    @Test func `a service shows three endpoints that are ready, whatever their port's name`() {
        let endpoints: [JSON] = (1...5).map { number in
            [
                "addresses": [.string("fd00::\(number)")],
                "conditions": ["ready": .bool(number != 2)],
            ]
        }
        let service: JSON = ["spec": ["ports": [["port": 80, "protocol": "TCP"]]]]
        func shown(_ ports: JSON) -> String? {
            let slice: JSON = ["endpoints": .array(endpoints), "ports": ports]
            return Self.lines(service, "Service") { $0.related[.endpointSlices] = [slice] }
                .first { $0.hasPrefix("Endpoints:") }
        }
        #expect(
            shown([["name": "", "port": 8]])
                == "Endpoints:         [fd00::1]:8,[fd00::3]:8,[fd00::4]:8 + 1 more...")
        #expect(shown([["name": "x", "port": 8]]) == "Endpoints:         ")
        #expect(shown([]) == "Endpoints:         fd00::1,fd00::3,fd00::4 + 1 more...")
    }

    @Test func `a token is shown, other entries of secrets are counted`() {
        let secret: JSON = [
            "type": "kubernetes.io/service-account-token", "data": ["token": "YWJj", "x": "YWJj"],
        ]
        #expect(
            Self.lines(secret, "Secret").suffix(3) == ["token:  abc", "x:      3 bytes", ""])
        #expect(Self.lines(["data": ["token": "YWJj"]], "Secret").contains("token:  3 bytes"))
    }

    @Test func `what a terminal would obey is spelled out, line ends of every kind too`() {
        let map: JSON = [
            "metadata": ["annotations": ["a": "one\r\ntwo\r\n", "b": "\u{1B}[1m\n"]],
            "data": ["k": "x\r\ny"],
        ]
        let lines = Self.lines(map, "ConfigMap")
        #expect(
            Array(lines[3..<7]) == [
                "Annotations:  a:", "                one\\r", "                two\\r",
                "              b: ^[[1m",
            ])
        #expect(lines.contains("x\\r"))
    }

    @Test func `data are told in the order of their names`() {
        let map: JSON = ["data": ["z": "", "a": "1\t2"], "binaryData": ["b": "AAEC", "a": ""]]
        #expect(
            Self.lines(map, "ConfigMap").suffix(16) == [
                "====", "a:", "----", "1  2", "", "z:", "----", "", "", "", "BinaryData", "====",
                "a: 0 bytes", "b: 3 bytes",
            ] + ["", ""])
    }

    @Test func `events are told the latest last, with how often they happened`() {
        let events: [JSON] = [
            [
                "type": "Warning", "reason": "Later", "message": "m", "count": 3,
                "firstTimestamp": "2026-11-25T11:00:00Z", "lastTimestamp": "2026-11-25T11:59:00Z",
                "source": ["component": "s"], "involvedObject": ["fieldPath": "spec.x"],
            ],
            [
                "type": "Normal", "reason": "Series", "message": " m ",
                "eventTime": "2026-11-25T11:00:00.5Z", "reportingComponent": "r",
                "series": ["count": 4, "lastObservedTime": "2026-11-25T11:30:00.0Z"],
            ],
        ]
        let lines = Self.lines(Self.pod([:]), "Pod") { $0.events = events }
        #expect(
            lines.suffix(5) == [
                "  Type     Reason  Age                From  Message",
                "  ----     ------  ----               ----  -------",
                "  Normal   Series  30m (x4 over 60m)  r     m",
                "  Warning  Later   60s (x3 over 60m)  s     spec.x: m",
                "",
            ])
        let none = Self.lines(Self.pod([:]), "Pod") { $0.events = [] }
        #expect(none.suffix(2) == ["Events:           <none>", ""])
    }

    @Test func `times are those of the reader's place`() {
        let status: JSON = ["startTime": "2026-11-25T02:00:00Z"]
        let clock = ObjectDescription.Clock(nowSeconds: 0) { _ in -5 * 3600 - 1800 }
        #expect(
            Self.lines(Self.pod(status), "Pod", clock: clock)
                .contains("Start Time:   Tue, 24 Nov 2026 20:30:00 -0530"))
    }

    @Test func `objects of unknown kinds are told field by field`() {
        let object: JSON = [
            "apiVersion": "a/v1", "kind": "Boat",
            "metadata": ["name": "b", "labels": ["x": "y"], "uid": "u", "managedFields": [[:]]],
            "spec": [
                "podIP": "a", "hostIPs": [1, [2, ["a": "b"]], ["k": "v"]], "IPAddress": 1.5,
                "a.b": .null, "osbKey": "\u{1B}[1m", "ABc": true, "myURLPath": 1,
            ],
        ]
        #expect(
            Self.lines(object, "Boat.a") == [
                "Name:         b", "Namespace:    ", "Labels:       x=y", "Annotations:  <none>",
                "API Version:  a/v1", "Kind:         Boat", "Metadata:", "  UID:  u", "Spec:",
                "  A Bc:       true", "  IPAddress:  1.5", "  a.b:        <nil>",
                "  Host I Ps:", "    1", "    [2 map[a:b]]", "    K:         v",
                "  My URLPath:  1", "  Osb Key:     ^[[1m", "  Pod IP:      a", "",
            ])
    }
}

