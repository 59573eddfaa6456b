import Primitives

/// How soon the name service answers with what has changed in an EndpointSlice.
struct NameMeasurement: APIMeasurement {
    private static let patienceNanoseconds: Int64 = 10_000_000_000
    private static let slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    private static let warmUp = 20

    let changes: Int

    var name: String { "names" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let api = try server.client()
        defer { api.close() }
        let names = try NameClient(host: (127, 64, 0, 10))
        try api.call(
            APIServerProcess.call("POST", APIObjects.namespace + "services"), Self.service)
        try api.call(APIServerProcess.call("POST", Self.slices), Self.slice(Self.address(0)))
        _ = try wait(names, for: Self.address(0))
        var (writes, answers): ([Int64], [Int64]) = ([], [])
        for number in 1...Self.warmUp + changes {
            let address = Self.address(number)
            let began = nanoseconds()
            let write = try api.call(
                APIServerProcess.call("PUT", Self.slices + "/named-1"), Self.slice(address))
            let seen = try wait(names, for: address)
            guard number > Self.warmUp else { continue }
            writes.append(write.nanoseconds)
            answers.append(seen - began)
        }
        let answer = Durations(answers)
        report.add(
            "names, endpoint to answer",
            "p50 \(ComparisonReport.duration(answer.microseconds(0.5))), "
                + "p99 \(ComparisonReport.duration(answer.microseconds(0.99)))",
            goal: "p99 ≤ 50 ms", answer.microseconds(0.99) <= 50_000)
        let write = Durations(writes)
        report.add(
            "names, the write of it",
            "p50 \(ComparisonReport.duration(write.microseconds(0.5))), "
                + "p99 \(ComparisonReport.duration(write.microseconds(0.99)))",
            goal: "", nil)
    }

    /// Asks until the answer is the address; says when that was.
    private func wait(_ names: NameClient, for address: Bytes) throws -> Int64 {
        let deadline = nanoseconds() + Self.patienceNanoseconds
        while nanoseconds() < deadline {
            try Interruption.check()
            if try names.address(of: "named.default.svc.cluster.local") == address {
                return nanoseconds()
            }
        }
        throw LoadFailure.connection("the name service does not answer with a new address")
    }

    /// An address for each change.
    private static func address(_ number: Int) -> Bytes {
        [127, 97, UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }

    /// Without a cluster address: its name leads to its endpoints.
    private static let service = Bytes(
        """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"named"},\
        "spec":{"clusterIP":"None","ports":[{"name":"http","port":80}]}}
        """.utf8)

    private static func slice(_ address: Bytes) -> Bytes {
        let text = address.map { String($0) }.joined(separator: ".")
        return Bytes(
            """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":\
            "named-1","labels":{"kubernetes.io/service-name":"named"}},"addressType":"IPv4",\
            "ports":[{"name":"http","port":80}],"endpoints":[{"addresses":["\(text)"],\
            "conditions":{"ready":true}}]}
            """.utf8)
    }
}
