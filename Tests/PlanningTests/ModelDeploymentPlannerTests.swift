import Planning
import Primitives
import ResourceModel
import Testing

/// Models are served, tried and rolled back.
@Suite struct ModelDeploymentPlannerTests {
    private let iris = ObjectReference(.modelDeployment, "a", "iris")

    private func model(_ version: String, uri: String? = nil) -> JSON {
        [
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
            "metadata": ["name": .string("iris-\(version)"), "namespace": "a"],
            "spec": [
                "modelName": "iris", "version": .string(version), "sha256": "abc",
                "format": ["name": "logreg"],
                "uri": .string(uri ?? "file:///models/iris-\(version)"),
            ],
        ]
    }

    private static func runtime(_ name: String = "python", _ spec: JSON = [:]) -> JSON {
        var runtime: JSON = [
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ServingRuntime",
            "metadata": ["name": .string(name), "namespace": "a"],
            "spec": [
                "supportedModelFormats": [["name": "logreg", "autoSelect": true]],
                "containers": [
                    [
                        "name": "server", "image": "python",
                        "command": ["python3", "serve.py", "--name={{.Name}}", "{{.Version}}"],
                    ]
                ],
            ],
        ]
        for member in spec.objectValue?.members ?? [] {
            runtime["spec"][member.name] = member.value
        }
        return runtime
    }

    private func loop(_ spec: JSON = [:], runtime: JSON? = Self.runtime()) throws -> ControlLoop {
        var loop = ControlLoop([
            ModelDeploymentPlanner(), ModelPlanner(), DeploymentPlanner(), ReplicaSetPlanner(),
            EndpointSlicePlanner(), GarbageCollector(),
        ])
        try loop.cluster.create(model("1"))
        if let runtime { try loop.cluster.create(runtime) }
        var object: JSON = [
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ModelDeployment",
            "metadata": ["name": "iris", "namespace": "a"],
            "spec": ["model": ["name": "iris", "version": "1"], "replicas": 4],
        ]
        for member in spec.objectValue?.members ?? [] {
            object["spec"][member.name] = member.value
        }
        try loop.cluster.create(object)
        return loop
    }

    private func setVersion(_ loop: inout ControlLoop, _ version: String) {
        loop.cluster.edit(iris) { $0["spec"]["model"]["version"] = .string(version) }
    }

    /// Versions with their share and the pods that they have.
    private func traffic(_ loop: ControlLoop) -> [String] {
        let targets = loop.cluster.objects[iris]?.value(at: "status.traffic").arrayValue ?? []
        return targets.map { target in
            let name = target["revisionName"].stringValue ?? ""
            let pods = loop.cluster.all(.pod).filter {
                $0.labels["keelson.dev/traffic-group"].stringValue == name
            }
            let version = loop.cluster[.deployment, "a", name]
                .map(Resource.init)?.annotation("models.keelson.dev/version") ?? "?"
            return "\(version) \(target["percent"].integerValue ?? -1)% \(pods.count)"
        }
    }

    private func status(_ loop: ControlLoop, _ path: String) -> String {
        loop.cluster.objects[iris]?.value(at: "status." + path).stringValue ?? "-"
    }

    private func condition(_ loop: ControlLoop, _ type: String) -> String {
        let list = loop.cluster.objects[iris]?.value(at: "status.conditions").arrayValue ?? []
        let condition = list.first { $0["type"].stringValue == type }
        return "\(condition["status"].stringValue ?? "-") \(condition["reason"].stringValue ?? "-")"
    }

    private func story(_ loop: ControlLoop) -> [String] {
        loop.log.filter { $0.contains(" ModelDeployment a/iris ") && !$0.hasPrefix("status") }
            .map { line in line.split(separator: " ")[3].description }
    }

    @Test func `the first version is made, named, and served once it is ready`() throws {
        var loop = try loop()
        #expect(loop.run() != nil)
        #expect(traffic(loop) == ["1 100% 4"])
        #expect(status(loop, "url") == "http://iris.a.svc.cluster.local")
        #expect(status(loop, "modelStatus.transitionStatus") == "UpToDate")
        #expect(status(loop, "modelStatus.states.activeModelState") == "Loaded")
        for type in ["Ready", "ModelLoaded", "RuntimeReady", "RoutesReady"] {
            #expect(condition(loop, type).hasPrefix("True"))
        }
        #expect(story(loop) == ["RevisionCreated:", "Promoted:"])
        let pod = try #require(loop.cluster.all(.pod).first)
        let container = try #require(pod.json.value(at: "spec.containers")[0])
        #expect(container["command"] == ["python3", "serve.py", "--name=iris", "1"])
        #expect(container["env"][3] == ["name": "MODEL_VERSION", "value": "1"])
        #expect(container.value(at: "readinessProbe.httpGet.path") == "/v2/models/iris/ready")
        #expect(pod.annotation("models.keelson.dev/uri") == "file:///models/iris-1")
        #expect(pod.annotation("models.keelson.dev/sha256") == "abc")
        let slice = try #require(loop.cluster.all(.endpointSlice).first)
        #expect(slice.json["endpoints"].arrayValue?.count == 4)
        #expect(slice.json["ports"][0]["port"] == 8080)
    }

    @Test func `a new version is tried with its share, and promoted when that is lifted`() throws {
        var loop = try loop(["canaryTrafficPercent": 20])
        #expect(loop.run() != nil)
        try loop.cluster.create(model("2"))
        setVersion(&loop, "2")
        #expect(loop.run() != nil)
        #expect(traffic(loop) == ["1 80% 4", "2 20% 1"])
        #expect(status(loop, "modelStatus.transitionStatus") == "InProgress")
        let service = Resource(loop.cluster[.service, "a", "iris"]!)
        let shares = try JSON(
            parsing: Array((service.annotation("keelson.dev/traffic") ?? "").utf8))
        #expect(shares.objectValue?.members.map(\.value).contains(20) == true)
        let groups = loop.cluster.all(.endpointSlice).map {
            $0.labels["keelson.dev/traffic-group"].stringValue
        }
        #expect(Set(groups).count == 2 && !groups.contains(nil))

        loop.cluster.edit(iris) { $0["spec"]["canaryTrafficPercent"] = nil }
        var seen: [String] = []
        for _ in 0..<100 where loop.run(roundsMax: 1) == nil {
            let shares = traffic(loop).map { $0.split(separator: " ").prefix(2).joined() }
            if shares != seen.suffix(shares.count) { seen += shares }
        }
        #expect(seen == ["180%", "220%", "2100%"])
        #expect(traffic(loop) == ["2 100% 4"])
        #expect(loop.cluster.all(.deployment).count == 1 && loop.cluster.all(.pod).count == 4)
    }

    @Test func `what serves already goes on beside a newer version, ready in full or not`() throws {
        var loop = try loop(["canaryTrafficPercent": 20])
        loop.cluster.edit(ObjectReference(.model, "a", "iris-1")) {
            $0["spec"]["uri"] = "file:///models/bad"
        }
        #expect(loop.run() != nil)
        #expect(condition(loop, "Ready") == "False NoReadyCopies")
        // One of the four copies serves.
        let pod = try #require(loop.cluster.all(.pod).first)
        loop.cluster.setReady(true, pod.reference)
        #expect(loop.run() != nil)
        #expect(condition(loop, "Ready") == "True Serving")
        try loop.cluster.create(model("2"))
        setVersion(&loop, "2")
        for _ in 0..<100 where loop.run(roundsMax: 1) == nil {
            #expect(traffic(loop).first?.hasPrefix("1 ") == true)
        }
        #expect(traffic(loop) == ["1 80% 4", "2 20% 1"])
    }

    @Test func `a version that does not become ready is rolled back, and why is told`() throws {
        var loop = try loop(["progressDeadlineSeconds": 60, "canaryTrafficPercent": 50])
        #expect(loop.run() != nil)
        try loop.cluster.create(model("2", uri: "file:///models/bad"))
        setVersion(&loop, "2")
        for _ in 0..<50 {
            _ = loop.run(roundsMax: 1)
            loop.cluster.now = loop.cluster.now.adding(seconds: 5)
        }
        #expect(traffic(loop) == ["1 100% 4"])
        #expect(status(loop, "modelStatus.transitionStatus") == "BlockedByFailedLoad")
        #expect(status(loop, "modelStatus.states.targetModelState") == "FailedToLoad")
        #expect(status(loop, "modelStatus.lastFailureInfo.reason") == "ModelLoadFailed")
        #expect(
            status(loop, "modelStatus.lastFailureInfo.message") == "not ready within 60 seconds")
        #expect(condition(loop, "Ready") == "True Serving")
        #expect(condition(loop, "ModelLoaded") == "False ModelLoadFailed")
        #expect(
            story(loop) == [
                "RevisionCreated:", "Promoted:", "RevisionCreated:", "ModelLoadFailed:",
                "RolledBack:",
            ])
        #expect(loop.cluster.all(.pod).count == 4)
        // It is over once another version is asked for.
        setVersion(&loop, "1")
        #expect(loop.run() != nil)
        #expect(status(loop, "modelStatus.transitionStatus") == "UpToDate")
        #expect(loop.cluster.all(.deployment).count == 1)
    }

    @Test func `a model says who serves it, and whether it could be loaded`() throws {
        var loop = try loop(["progressDeadlineSeconds": 60])
        try loop.cluster.create(model("2", uri: "file:///models/bad"))
        func phase(_ name: String) -> String? {
            loop.cluster[.model, "a", name]?.value(at: "status.phase").stringValue
        }
        func users(_ name: String) -> JSON? {
            loop.cluster[.model, "a", name]?.value(at: "status.deployments")
        }
        #expect(loop.run() != nil)
        #expect(phase("iris-1") == "Ready" && users("iris-1") == ["iris"])
        #expect(phase("iris-2") == nil && users("iris-2") == nil)
        setVersion(&loop, "2")
        for _ in 0..<50 {
            _ = loop.run(roundsMax: 1)
            loop.cluster.now = loop.cluster.now.adding(seconds: 5)
        }
        #expect(phase("iris-1") == "Ready" && users("iris-1") == nil)
        #expect(phase("iris-2") == "Failed" && users("iris-2") == ["iris"])
    }

    private static let problems: [(JSON, JSON?, String)] = [
        (["model": ["name": "rose"]], runtime(), "InvalidPredictorSpec"),
        (["model": ["name": "iris", "version": "7"]], runtime(), "InvalidPredictorSpec"),
        (["runtime": "torch"], runtime(), "RuntimeNotRecognized"),
        (["runtime": "python"], runtime("python", ["disabled": true]), "RuntimeDisabled"),
        ([:], runtime("python", ["disabled": true]), "NoSupportingRuntime"),
        ([:], nil, "NoSupportingRuntime"),
        (["runtime": "python"],
            runtime("python", ["supportedModelFormats": [["name": "onnx"]]]),
            "NoSupportingRuntime"),
    ]

    @Test(arguments: problems.indices)
    func `what cannot be had is said, and what serves goes on`(index: Int) throws {
        let (spec, runtime, reason) = Self.problems[index]
        var loop = try loop(spec, runtime: runtime)
        #expect(loop.run() != nil)
        #expect(status(loop, "modelStatus.transitionStatus") == "InvalidSpec")
        #expect(status(loop, "modelStatus.lastFailureInfo.reason") == reason)
        #expect(story(loop) == ["\(reason):"])
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `of several runtimes the one with the highest priority serves`() throws {
        var loop = try loop()
        let formats: JSON = [["name": "logreg", "autoSelect": true, "priority": 2]]
        try loop.cluster.create(
            Self.runtime("better", ["supportedModelFormats": formats, "nodeSelector": ["a": "b"]]))
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.pod)[0].json.value(at: "spec.nodeSelector") == ["a": "b"])
    }

    @Test func `without a version the newest is served`() throws {
        var loop = try loop(["model": ["name": "iris"]])
        #expect(loop.run() != nil)
        loop.cluster.now = loop.cluster.now.adding(seconds: 10)
        try loop.cluster.create(model("2"))
        #expect(loop.run() != nil)
        #expect(traffic(loop) == ["2 100% 4"])
    }

    @Test func `a service of that name that is not ours is left alone`() throws {
        var loop = try loop()
        let service: JSON = [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": "iris", "namespace": "a"], "spec": [:],
        ]
        try loop.cluster.create(service)
        #expect(loop.run() != nil)
        #expect(condition(loop, "RoutesReady") == "False ServiceNameTaken")
        #expect(loop.cluster[.service, "a", "iris"]?["spec"] == [:])
    }

    @Test func `deleting it takes everything with it`() throws {
        var loop = try loop()
        #expect(loop.run() != nil)
        loop.cluster.delete(iris, .background)
        #expect(loop.run() != nil)
        let left = loop.cluster.objects.keys.map(\.kind.kind).filter { $0 != "Model" }
        #expect(left == ["ServingRuntime"])
    }

    @Test func `whatever dies on the way, the version asked for serves alone in the end`() throws {
        for seed in 0..<25 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = try loop(["replicas": 2])
            for version in ["2", "3"] { try loop.cluster.create(model(version)) }
            loop.lag = random.split()
            loop.writesBeforeCrash = random.below(60)
            var last = "1"
            for _ in 0..<4 {
                _ = loop.run(roundsMax: 1 + random.below(12))
                last = "\(1 + random.below(3))"
                setVersion(&loop, last)
                let canary: JSON? = random.chance(0.5) ? 30 : nil
                loop.cluster.edit(iris) { $0["spec"]["canaryTrafficPercent"] = canary }
            }
            loop.cluster.edit(iris) { $0["spec"]["canaryTrafficPercent"] = nil }
            #expect(loop.run(roundsMax: 400) != nil, "seed \(seed): no end")
            #expect(traffic(loop) == ["\(last) 100% 2"], "seed \(seed)")
            #expect(loop.cluster.all(.deployment).count == 1, "seed \(seed)")
            #expect(loop.cluster.all(.pod).count == 2, "seed \(seed)")
            #expect(loop.cluster.all(.endpointSlice).count == 1, "seed \(seed)")
        }
    }
}
