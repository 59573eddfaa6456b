internal import EtcdAPI
internal import EtcdClient
internal import NIOCore
internal import StoreModel
internal import Wire

/// Whether a member serves.
struct EndpointHealth: Sendable {
    var endpoint: String
    var took: TimeAmount
    /// Nil if all is well.
    var problem: String?

    var isHealthy: Bool { problem == nil }
}

extension [EndpointHealth] {
    func printed(_ format: OutputFormat) {
        switch format {
        case .simple:
            for check in self {
                if let problem = check.problem {
                    complain(
                        "\(check.endpoint) is unhealthy: failed to commit proposal: \(problem)")
                } else {
                    print(
                        "\(check.endpoint) is healthy: successfully committed proposal: "
                            + "took = \(GoDuration.text(check.took))")
                }
            }
        case .table:
            let rows = map {
                [
                    $0.endpoint, "\($0.isHealthy)", GoDuration.text($0.took), $0.problem ?? "",
                ]
            }
            let table = TextTable(names: ["ENDPOINT", "HEALTH", "TOOK", "ERROR"], rows: rows)
            for line in table.lines { print(line) }
        case .json: print("[" + map(\.json).joined(separator: ",") + "]")
        case .fields:
            for check in self {
                print("\"Endpoint\" : \(JSONFields.quoted(check.endpoint))")
                print("\"Health\" : \(check.isHealthy)")
                print("\"Took\" : \(GoDuration.text(check.took))")
                print("\"Error\" : \(check.problem ?? "")\n")
            }
        }
    }
}

extension EndpointHealth {
    fileprivate var json: String {
        var fields = JSONFields()
        fields.add("endpoint", endpoint)
        fields.addRaw("health", "\(isHealthy)")
        fields.add("took", GoDuration.text(took))
        fields.add("error", problem ?? "")
        return fields.text
    }
}

extension [EndpointAnswer<WireStatus>] {
    func printed(_ format: OutputFormat, _ hex: Bool) {
        switch format {
        case .simple: for answer in self { print(answer.cells.joined(separator: ", ")) }
        case .table:
            let names = [
                "ENDPOINT", "ID", "VERSION", "DB SIZE", "IS LEADER", "IS LEARNER", "RAFT TERM",
                "RAFT INDEX", "RAFT APPLIED INDEX", "ERRORS",
            ]
            for line in TextTable(names: names, rows: map(\.cells)).lines { print(line) }
        case .json: print("[" + map(\.json).joined(separator: ",") + "]")
        case .fields: for answer in self { for line in answer.fieldLines(hex) { print(line) } }
        }
    }
}

extension EndpointAnswer<WireStatus> {
    fileprivate var cells: [String] {
        let (header, status) = (answer.header, answer.body)
        return [
            endpoint, String(header.memberID, radix: 16), status.version,
            sizeText(status.dbSizeBytes), "\(status.leader == header.memberID)",
            "\(status.isLearner)", "\(status.raftTerm)", "\(status.raftIndex)",
            "\(status.appliedIndex)", status.errors.joined(separator: ", "),
        ]
    }

    fileprivate var json: String {
        let status = answer.body
        var inner = JSONFields()
        inner.addRaw("header", answer.header.json)
        inner.add("version", status.version)
        inner.add("dbSize", status.dbSizeBytes)
        inner.add("leader", status.leader)
        inner.add("raftIndex", status.raftIndex)
        inner.add("raftTerm", status.raftTerm)
        inner.add("raftAppliedIndex", status.appliedIndex)
        inner.add("errors", status.errors)
        inner.add("dbSizeInUse", status.inUseBytes)
        inner.add("isLearner", status.isLearner)
        inner.add("storageVersion", status.storageVersion)
        inner.add("dbSizeQuota", status.quotaBytes)
        var fields = JSONFields()
        fields.add("Endpoint", endpoint)
        fields.addRaw("Status", inner.text)
        return fields.text
    }

    fileprivate func fieldLines(_ hex: Bool) -> [String] {
        let status = answer.body
        return answer.header.fieldLines(hex) + [
            "\"Version\" : \(JSONFields.quoted(status.version))",
            "\"DBSize\" : \(status.dbSizeBytes)", "\"Leader\" : \(number(status.leader, hex))",
            "\"IsLearner\" : \(status.isLearner)", "\"RaftIndex\" : \(status.raftIndex)",
            "\"RaftTerm\" : \(status.raftTerm)", "\"RaftAppliedIndex\" : \(status.appliedIndex)",
            "\"Errors\" : [\(status.errors.joined(separator: " "))]",
            "\"Endpoint\" : \(JSONFields.quoted(endpoint))", "",
        ]
    }
}

extension [EndpointAnswer<WireHash>] {
    func printed(_ format: OutputFormat, _ hex: Bool) {
        switch format {
        case .simple: for answer in self { print(answer.cells.joined(separator: ", ")) }
        case .table:
            let table = TextTable(names: ["ENDPOINT", "HASH"], rows: map(\.cells))
            for line in table.lines { print(line) }
        case .json: print("[" + map(\.json).joined(separator: ",") + "]")
        case .fields: for answer in self { for line in answer.fieldLines(hex) { print(line) } }
        }
    }
}

extension EndpointAnswer<WireHash> {
    fileprivate var cells: [String] { [endpoint, "\(answer.body.hash)"] }

    fileprivate var json: String {
        var inner = JSONFields()
        inner.addRaw("header", answer.header.json)
        inner.add("hash", answer.body.hash)
        inner.add("compact_revision", answer.body.compactRevision.rawValue)
        inner.add("hash_revision", answer.body.hashRevision.rawValue)
        var fields = JSONFields()
        fields.add("Endpoint", endpoint)
        fields.addRaw("HashKV", inner.text)
        return fields.text
    }

    fileprivate func fieldLines(_ hex: Bool) -> [String] {
        answer.header.fieldLines(hex) + [
            "\"Endpoint\" : \(JSONFields.quoted(endpoint))", "\"Hash\" : \(answer.body.hash)", "",
        ]
    }
}
