import EtcdAPI
import Primitives
import StoreModel
import Wire

/// What a list of all pods costs, compared with the raw range of the same bytes from the store.
struct ListMeasurement: APIMeasurement {
    private static let clients = 64
    private static let rounds = 21
    /// Where the store has pods (docs/formats/registry.md).
    private static let firstKey = Bytes("/registry/core/pods/".utf8)
    private static let endKey = Bytes("/registry/core/pods0".utf8)

    let pods: Int

    var name: String { "list" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        try fill(server, &report)
        // Only now: a client that waits while others work does not answer pings.
        let store = try server.storeClient()
        let api = try server.client()
        defer {
            store.close()
            api.close()
        }
        var writer = ProtobufWriter()
        RangeRequest(KeyRange(key: Self.firstKey, end: Self.endKey))
            .encode(isSerializable: false, into: &writer)
        let path = "/api/v1/pods"
        let ranges = Timings { try store.call(.range, writer.bytes) }
        let lists = Timings {
            try api.call(APIServerProcess.call("GET", path), keepsBody: false)
        }
        let cached = Timings {
            try api.call(
                APIServerProcess.call("GET", path + "?resourceVersion=0"), keepsBody: false)
        }
        for _ in 0..<Self.rounds {
            for timings in [ranges, lists, cached] { try timings.measure() }
        }
        guard ranges.byteCount > pods * PodSize.bytes / 2 else {
            throw LoadFailure.connection("the raw range has \(ranges.byteCount) bytes only")
        }
        let size = "\(grouped(pods)) pods"
        report.add("raw range of \(size)", ranges.text, goal: "", nil)
        let ratio = lists.median / ranges.median
        report.add(
            "list of \(size)", "\(lists.text), \(rounded(ratio)) ×", goal: "≤ 2 × the range",
            ratio <= 2)
        report.add(
            "list at resourceVersion 0",
            "\(cached.text), \(rounded(cached.median / ranges.median)) ×", goal: "", nil)
        let usage = server.usage
        report.add(
            "memory after the lists",
            "\(usage.residentBytes / 1_000_000) MB, "
                + "\(usage.anonymousBytes / 1_000_000) MB no file mapping",
            goal: "", nil)
    }

    private func fill(_ server: APIServerProcess, _ report: inout Report) throws {
        let padding = try PodSize.padding(server)
        let fill = try ManyClients(server, clients: Self.clients, count: pods) { number, stream in
            stream.body = APIObjects.pod("pod-\(number)", padding: padding)
            return APIServerProcess.call("POST", APIObjects.namespace + "pods")
        }
        let seconds = Double(try fill.run()) / 1e9
        report.add(
            "create by \(Self.clients) clients", "\(grouped(Int(Double(pods) / seconds)))/s",
            goal: "", nil)
    }
}

/// How long a call takes each time.
private final class Timings {
    private let call: () throws -> SingleClient.Answer
    private var milliseconds: [Double] = []
    private(set) var byteCount = 0

    init(_ call: @escaping () throws -> SingleClient.Answer) {
        self.call = call
    }

    func measure() throws {
        let answer = try call()
        milliseconds.append(Double(answer.nanoseconds) / 1e6)
        byteCount = answer.byteCount
    }

    var median: Double { Median.of(milliseconds) }

    var text: String {
        "\(rounded(median)) ms, \(rounded(Double(byteCount) / 1e6)) MB"
    }
}
