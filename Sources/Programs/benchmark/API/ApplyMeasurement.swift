/// One client that applies custom resources, one after another.
struct ApplyMeasurement: APIMeasurement {
    private static let path = "/apis/\(APIObjects.group)/v1/namespaces/default/widgets"
    private static let patienceNanoseconds: Int64 = 10_000_000_000

    let resources: Int

    var name: String { "apply" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let api = try server.client()
        defer { api.close() }
        try define(api)
        try apply(api, "apply, server-side, new", &report) { try serverSide(api, $0) }
        try apply(api, "apply, server-side, unchanged", &report) { try serverSide(api, $0) }
        try apply(api, "apply, get and post, new", &report) { number in
            // What kubectl does without --server-side.
            let name = "posted-\(number)"
            try api.callForNothing(APIServerProcess.call("GET", "\(Self.path)/\(name)"))
            try api.call(
                APIServerProcess.call("POST", Self.path + "?fieldManager=benchmark"),
                APIObjects.widget(name, number: number))
        }
    }

    private func serverSide(_ api: SingleClient, _ number: Int) throws {
        let name = "widget-\(number)"
        try api.call(
            APIServerProcess.call(
                "PATCH", "\(Self.path)/\(name)?fieldManager=benchmark",
                contentType: "application/apply-patch+yaml"),
            APIObjects.widget(name, number: number))
    }

    private func apply(
        _ api: SingleClient, _ name: String, _ report: inout Report,
        _ body: (Int) throws -> Void
    ) throws {
        var each: [Int64] = []
        for number in 0..<resources { each.append(try measure { try body(number) }) }
        let seconds = Double(each.reduce(0, +)) / 1e9
        let durations = Durations(each)
        report.add(
            name,
            "\(rounded(seconds)) s for \(grouped(resources)), "
                + "p50 \(ComparisonReport.duration(durations.microseconds(0.5))), "
                + "p99 \(ComparisonReport.duration(durations.microseconds(0.99)))",
            goal: "≤ 30 s for 10,000", seconds * 10_000 / Double(resources) <= 30)
    }

    /// Makes the definition and waits until its resources are served.
    private func define(_ api: SingleClient) throws {
        try api.call(
            APIServerProcess.call(
                "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
            APIObjects.definition)
        let deadline = nanoseconds() + Self.patienceNanoseconds
        while true {
            do {
                try api.call(APIServerProcess.call("GET", Self.path))
                return
            } catch LoadFailure.connection(let text) where nanoseconds() < deadline {
                // Not found is what is waited out.
                guard text.contains("404") else { throw LoadFailure.connection(text) }
                try Interruption.pause(milliseconds: 5)
            }
        }
    }
}
