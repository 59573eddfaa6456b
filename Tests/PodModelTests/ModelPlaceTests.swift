import PodModel
import Primitives
import ResourceModel
import Testing

/// What volumes of models say, and what nodes tell of them.
@Suite struct ModelPlaceTests {
    @Test(arguments: [
        ("file:///models/a%20b.json", ModelPlace.file(path: "/models/a b.json")),
        ("file://localhost/m", .file(path: "/m")),
        ("http://host:8080/m?x=1", .web(address: "http://host:8080/m?x=1")),
        ("https://host/m", .web(address: "https://host/m")),
        ("data:,a%7Bb{", .inline(Array("a{b{".utf8))),
        ("data:application/json;base64,eyJhIjoxfQ==", .inline(Array(#"{"a":1}"#.utf8))),
        ("data:text/plain;charset=utf-8,%00", .inline([0])),
    ])
    func `an address says where the file is`(_ uri: String, _ place: ModelPlace) throws {
        #expect(try ModelPlace(ModelVolume(uri: uri)) == place)
        #expect(ModelVolume.isFetched(uri))
    }

    @Test(arguments: [
        ("file:/models/a", "has no //"), ("file://elsewhere/a", "is on another machine"),
        ("file:///", "has no path"), ("file:///a%0", "% without two digits"),
        ("file:///a%00b", "has no path"), ("file:///a%+1", "% without two digits"),
        ("http:/a", "names no host"), ("https://", "names no host"),
        ("data:nothing", "has no comma"), ("data:;base64,?", "does not hold base64"),
        ("s3://bucket/a", "none of the schemes"), ("", "none of the schemes"),
    ])
    func `an address that leads nowhere is refused`(_ uri: String, _ words: String) {
        let failure = #expect(throws: ModelFailure.self) {
            try ModelPlace(ModelVolume(uri: uri))
        }
        #expect(failure?.description.contains(words) == true, "\(String(describing: failure))")
    }

    @Test func `a hash has 64 small digits`() {
        let digits = String(repeating: "0a", count: 32)
        for wrong in ["0", digits.uppercased(), digits + "0", String(repeating: "g", count: 64)] {
            #expect(throws: ModelFailure.self) {
                try ModelPlace(ModelVolume(uri: "data:,", sha256: wrong))
            }
        }
        #expect(throws: Never.self) {
            try ModelPlace(ModelVolume(uri: "data:,", sha256: digits))
        }
    }

    private static let volume = ModelVolume(uri: "http://m/a", sha256: "ab")

    private static func pod(_ status: JSON = .emptyObject) -> JSON {
        let other: JSON = ["name": "tmp", "emptyDir": .emptyObject]
        return [
            "spec": [
                "containers": [["name": "a", "image": "x"]], "volumes": [other, volume.json],
            ],
            "status": status,
        ]
    }

    @Test func `a pod's volume is read as it is written`() {
        let all = ModelVolume.all(of: Self.pod())
        #expect(all.map(\.name) == ["model"] && all.map(\.volume) == [Self.volume])
        #expect(ModelVolume(uri: "data:," + String(repeating: "x", count: 100)).shortURI.count < 50)
    }

    @Test(arguments: [
        ("{}", "/cache/ab/model"),
        (#"{"volumeMounts": [{"name": "model", "mountPath": "/mnt/m"}]}"#, "/mnt/m/model"),
        (
            #"{"volumeMounts": [{"name": "model", "mountPath": "/m.onnx", "subPath": "model"}]}"#,
            "/m.onnx"
        ),
        (#"{"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}"#, "/cache/ab/model"),
    ])
    func `a container finds the model where it is mounted, or on the node`(
        _ container: String, _ path: String
    ) throws {
        let container = try JSON(parsing: Array(container.utf8))
        #expect(ModelVolume.path(in: container, volume: "model", folder: "/cache/ab") == path)
    }

    @Test(arguments: [
        (ModelShelf.State.fetching(receivedBytes: 0, totalBytes: nil, after: nil),
            "FetchingModel", "http://m/a", "False"),
        (.fetching(receivedBytes: 5, totalBytes: 9, after: nil),
            "FetchingModel", "http://m/a: 55% of 9 bytes", "False"),
        (.fetching(receivedBytes: 5, totalBytes: 9, after: .answer(status: 404)),
            "ModelFetchBackOff", "http://m/a: the server answers 404 Not Found", "False"),
        (.failed(.mismatch(expected: "a", found: "b"), retryAt: .zero),
            "ModelFetchBackOff", "http://m/a: sha256 mismatch: expected a, found b", "False"),
        (.present(StoredModel(sha256: "ab", sizeBytes: 7)), "ContainerCreating", "", "True"),
    ])
    func `a pod's status says how far its model is`(
        _ state: ModelShelf.State, _ reason: String, _ message: String, _ isFetched: String
    ) {
        let report = ModelReport([(Self.volume, state)])
        let facts = PodStatusReport.Facts(
            now: "2026-01-01T00:00:00Z", startTime: "2026-01-01T00:00:00Z", hostAddress: "h",
            podAddress: "p", model: report)
        let status = PodStatusReport.status(of: Self.pod(), [], facts)
        let waiting = status["containerStatuses"][0]["state"]["waiting"]
        #expect(waiting["reason"].stringValue == reason)
        #expect(waiting["message"].stringValue ?? "" == message)
        let condition = (status["conditions"].arrayValue ?? []).first {
            $0["type"].stringValue == "models.keelson.dev/ModelFetched"
        }
        #expect(condition["status"].stringValue == isFetched)
        #expect(ModelReport(of: Self.pod(status)) == report)
    }

    @Test func `however often it is looked, few steps of a fetch are told`() {
        func told(_ total: Int64?) -> [String] {
            var messages: [String] = []
            for received in stride(from: Int64(0), through: 1_000_000, by: 1_000) {
                let state = ModelShelf.State.fetching(
                    receivedBytes: received, totalBytes: total, after: nil)
                let message = ModelReport([(Self.volume, state)]).message
                if message != messages.last { messages.append(message) }
            }
            return messages
        }
        #expect(told(1_000_000).count == 22)
        #expect(told(1_000_000).last == "http://m/a: 100% of 1000000 bytes")
        #expect(told(100).last == "http://m/a: 100% of 100 bytes")
        #expect(told(nil).count == 12)
        #expect(told(nil).last == "http://m/a: more than 524288 bytes")
    }

    @Test func `the worst of several models is told`() {
        let there = ModelShelf.State.present(StoredModel(sha256: "ab", sizeBytes: 7))
        let coming = ModelShelf.State.fetching(receivedBytes: 0, totalBytes: nil, after: nil)
        let failed = ModelShelf.State.failed(.unwanted, retryAt: .zero)
        let volume = Self.volume
        #expect(ModelReport([(volume, there), (volume, coming)]).reason == "Fetching")
        #expect(
            ModelReport([(volume, there), (volume, coming), (volume, failed)]).reason
                == "FetchFailed")
    }

    @Test func `nothing is started before the model is there, and what runs goes on`() {
        var situation = PodSituation()
        situation.lacksModel = true
        #expect(PodPlan.actions(for: Self.pod(), situation).isEmpty)
        situation.lacksModel = false
        #expect(
            PodPlan.actions(for: Self.pod(), situation) == [.start(container: "a", attempt: 0)])
        situation.lacksModel = true
        situation.isEnding = true
        situation.containers = [ContainerObservation(name: "a", state: .running(startedAt: ""))]
        #expect(
            PodPlan.actions(for: Self.pod(), situation)
                == [.stop(container: "a", reason: .podEnds)])
    }
}
