import Planning
import Primitives
import ResourceModel
import Testing

/// What becomes of a model deployment while nodes fetch its model, or cannot.
@Suite struct ModelFetchPlannerTests {
    private let iris = ObjectReference(.modelDeployment, "a", "iris")
    private let model = ObjectReference(.model, "a", "iris-1")

    /// A model of one copy whose pods are not ready unless the test says so.
    private func loop(uri: String = "file:///models/bad") throws -> ControlLoop {
        var loop = ControlLoop([
            ModelDeploymentPlanner(), ModelPlanner(), DeploymentPlanner(), ReplicaSetPlanner(),
            EndpointSlicePlanner(), GarbageCollector(),
        ])
        try loop.cluster.create([
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "Model",
            "metadata": ["name": "iris-1", "namespace": "a"],
            "spec": [
                "modelName": "iris", "version": "1", "format": ["name": "logreg"],
                "uri": .string(uri),
            ],
        ])
        try loop.cluster.create([
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ServingRuntime",
            "metadata": ["name": "python", "namespace": "a"],
            "spec": [
                "supportedModelFormats": [["name": "logreg", "autoSelect": true]],
                "containers": [
                    ["name": "server", "image": "python", "command": ["serve", "{{.Path}}"]]
                ],
            ],
        ])
        try loop.cluster.create([
            "apiVersion": "models.keelson.dev/v1alpha1", "kind": "ModelDeployment",
            "metadata": ["name": "iris", "namespace": "a"],
            "spec": [
                "model": ["name": "iris"], "replicas": 1, "progressDeadlineSeconds": 60,
            ],
        ])
        #expect(loop.run() != nil)
        return loop
    }

    private func pod(_ loop: ControlLoop) throws -> ObjectReference {
        try #require(loop.cluster.all(.pod).first).reference
    }

    /// What the node says of the pod's model.
    private func report(_ report: ModelReport, _ loop: inout ControlLoop) throws {
        loop.cluster.edit(try pod(loop)) { pod in
            pod["status"]["conditions"] = [
                [
                    "type": .string(ModelReport.type),
                    "status": report.isFetched ? "True" : "False",
                    "reason": .string(report.reason), "message": .string(report.message),
                ]
            ]
        }
        #expect(loop.run() != nil)
    }

    private func status(_ loop: ControlLoop, _ path: String) -> String {
        loop.cluster.objects[iris]?.value(at: "status.modelStatus." + path).stringValue ?? "-"
    }

    private func condition(
        _ loop: ControlLoop, _ type: String, _ object: ObjectReference
    ) -> String {
        let list = loop.cluster.objects[object]?.value(at: "status.conditions").arrayValue ?? []
        let condition = list.first { $0["type"].stringValue == type }
        return ["status", "reason", "message"].map { condition[$0].stringValue ?? "-" }
            .joined(separator: " ")
    }

    private func story(_ loop: ControlLoop) -> [String] {
        loop.log.filter { $0.contains(" ModelDeployment a/iris ") && !$0.hasPrefix("status") }
            .map { line in line.split(separator: " ")[3].description }
    }

    @Test(arguments: ["data:,bad", "file:///bad", "http://m/bad", "https://m/bad"])
    func `nodes fetch what they can`(_ uri: String) throws {
        let loop = try loop(uri: uri)
        let pod = Resource(try #require(loop.cluster.objects[try pod(loop)]))
        let volumes = ModelVolume.all(of: pod.json)
        #expect(volumes.map(\.name) == ["model"] && volumes.map(\.volume.uri) == [uri])
        #expect(pod.json.value(at: "spec.containers")[0]["command"] == ["serve", "$(MODEL_PATH)"])
        #expect(pod.annotation("models.keelson.dev/model") == "iris-1")
    }

    @Test(arguments: ["s3://bucket/bad", "oci://registry/bad"])
    func `what they cannot is left to the program that serves`(_ uri: String) throws {
        let loop = try loop(uri: uri)
        let pod = try #require(loop.cluster.objects[try pod(loop)])
        #expect(ModelVolume.all(of: pod).isEmpty)
        #expect(pod.value(at: "spec.containers")[0]["command"] == ["serve", ""])
    }

    @Test func `each step is told, and what was fetched is known of the model`() throws {
        var loop = try loop()
        #expect(status(loop, "states.targetModelState") == "Loading")
        try report(.fetching("file:///models/bad: 1 of 2 bytes"), &loop)
        #expect(
            condition(loop, "ModelLoaded", iris) == "Unknown Fetching A node fetches the model")
        #expect(status(loop, "states.targetModelState") == "Loading")
        try report(.fetched(sha256: "ab", sizeBytes: 2), &loop)
        #expect(condition(loop, "ModelLoaded", iris).hasPrefix("Unknown Loading"))
        let found = try #require(loop.cluster.objects[model]?["status"])
        #expect(found["sha256"] == "ab" && found["sizeBytes"] == 2 && found["phase"] == nil)
        loop.cluster.setReady(true, try pod(loop))
        #expect(loop.run() != nil)
        #expect(status(loop, "states.activeModelState") == "Loaded")
        #expect(status(loop, "transitionStatus") == "UpToDate")
        #expect(loop.cluster.objects[model]?.value(at: "status.sha256") == "ab")
        #expect(condition(loop, "Ready", model) == "True Loaded A deployment serves it")
    }

    @Test func `a failure is told at once, once, and forgotten when it is over`() throws {
        var loop = try loop()
        try report(.failed("file:///models/bad: no such file"), &loop)
        #expect(status(loop, "states.targetModelState") == "FailedToLoad")
        #expect(status(loop, "transitionStatus") == "InProgress")
        #expect(status(loop, "lastFailureInfo.reason") == "ModelLoadFailed")
        #expect(status(loop, "lastFailureInfo.message") == "file:///models/bad: no such file")
        #expect(
            loop.cluster.objects[iris]?.value(at: "status.modelStatus.copies.failedCopies") == 1)
        #expect(
            condition(loop, "Ready", model)
                == "False ModelLoadFailed file:///models/bad: no such file")
        loop.cluster.now = loop.cluster.now.adding(seconds: 90)
        #expect(loop.run() != nil)
        // There is nothing to go back to: it is tried on.
        #expect(status(loop, "transitionStatus") == "BlockedByFailedLoad")
        #expect(story(loop) == ["RevisionCreated:", "ModelLoadFailed:"])
        loop.cluster.setReady(true, try pod(loop))
        #expect(loop.run() != nil)
        #expect(status(loop, "transitionStatus") == "UpToDate")
        #expect(status(loop, "lastFailureInfo.message") == "-")
        #expect(story(loop) == ["RevisionCreated:", "ModelLoadFailed:", "Promoted:"])
    }

    @Test(arguments: [
        (#"{"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}"#,
            "ModelLoadFailed", "container a ended with exit code 1 (Error)"),
        (#"{"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},"#
            + #""lastState": {"terminated": {"exitCode": 128, "reason": "StartError", "#
            + #""message": "no such file"}}}"#,
            "RuntimeUnhealthy", "container a ended with exit code 128 (StartError): no such file"),
        (#"{"state": {"waiting": {"reason": "CreateContainerConfigError", "message": "no x"}}}"#,
            "RuntimeUnhealthy", "container a: CreateContainerConfigError: no x"),
        (#"{"state": {"waiting": {"reason": "FetchingModel", "message": "m"}}}"#, "-", "-"),
        (#"{"state": {"running": {}}}"#, "-", "-"),
    ])
    func `what its containers say is told`(
        _ text: String, _ reason: String, _ message: String
    ) throws {
        var loop = try loop()
        var container = try JSON(parsing: Array(text.utf8))
        container["name"] = "a"
        loop.cluster.edit(try pod(loop)) { $0["status"]["containerStatuses"] = [container] }
        #expect(loop.run() != nil)
        #expect(status(loop, "lastFailureInfo.reason") == reason)
        #expect(status(loop, "lastFailureInfo.message") == message)
    }

    @Test func `a fetch that takes too long is told as such`() throws {
        var loop = try loop()
        try report(.fetching("file:///models/bad: 1 of 2 bytes"), &loop)
        loop.cluster.now = loop.cluster.now.adding(seconds: 90)
        #expect(loop.run() != nil)
        #expect(
            status(loop, "lastFailureInfo.message")
                == "not ready within 60 seconds, still fetching file:///models/bad: 1 of 2 bytes")
    }
}
