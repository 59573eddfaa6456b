import EtcdAPI
import Primitives
import StoreModel
import Wire

/// What a create costs beyond the durable put that it contains.
struct CreateMeasurement: APIMeasurement {
    let rounds: Int
    let callsPerRound: Int

    var name: String { "create" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let padding = try PodSize.padding(server)
        let store = try server.storeClient()
        let api = try server.client()
        defer {
            store.close()
            api.close()
        }
        var puts: [Int64] = []
        var creates: [Int64] = []
        // In turns, so that what the disk does meets both. The first is the warm-up.
        for round in 0...rounds {
            for number in 0..<callsPerRound {
                let took = try store.call(.put, Self.put(round * callsPerRound + number))
                if round > 0 { puts.append(took.nanoseconds) }
            }
            for number in 0..<callsPerRound {
                let pod = APIObjects.pod("create-\(round)-\(number)", padding: padding)
                let answer = try api.call(
                    APIServerProcess.call("POST", APIObjects.namespace + "pods"), pod)
                if round > 0 { creates.append(answer.nanoseconds) }
            }
        }
        let (put, create) = (Durations(puts), Durations(creates))
        let beyond = create.microseconds(0.5) - put.microseconds(0.5)
        report.add("durable put of 2 KB", Self.text(put), goal: "", nil)
        report.add("create of a pod of 2 KB", Self.text(create), goal: "", nil)
        report.add(
            "create beyond a put", "\(ComparisonReport.duration(beyond)) at the median",
            goal: "≤ 2 ms", beyond <= 2_000)
    }

    private static func text(_ durations: Durations) -> String {
        "p50 \(ComparisonReport.duration(durations.microseconds(0.5))), "
            + "p99 \(ComparisonReport.duration(durations.microseconds(0.99)))"
    }

    private static func put(_ number: Int) -> Bytes {
        var writer = ProtobufWriter()
        PutRequest(
            key: Bytes("/raw/\(number)".utf8), value: Bytes(repeating: 97, count: PodSize.bytes)
        ).encode(into: &writer)
        return writer.bytes
    }
}

/// Pods that are served as so many bytes.
enum PodSize {
    static let bytes = 2_048

    /// How much padding makes a pod as large as it should be, seen at one that is made for it.
    static func padding(_ server: APIServerProcess) throws -> Int {
        let api = try server.client()
        defer { api.close() }
        let made = try api.call(
            APIServerProcess.call("POST", APIObjects.namespace + "pods"),
            APIObjects.pod("size-probe", padding: 0))
        try api.call(
            APIServerProcess.call(
                "DELETE", APIObjects.namespace + "pods/size-probe?gracePeriodSeconds=0"))
        return max(0, bytes - made.byteCount)
    }
}
