/// What a client is willing to read, from its Accept header.
struct Negotiation {
    /// One media type of the header.
    private struct Clause {
        var type: String
        var parameters: [String: String]
    }

    private let clauses: [Clause]

    /// Clauses that are looked at.
    static let clausesMax = 32

    init(_ header: String?) {
        clauses = (header ?? "*/*").split(separator: ",").prefix(Self.clausesMax).map { text in
            let parts = text.split(separator: ";").map { part in
                part.trimmingPrefix { $0 == " " }
            }
            var parameters: [String: String] = [:]
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
            }
            let type = parts.first.map { $0.lowercased().filter { $0 != " " } } ?? ""
            return Clause(type: type, parameters: parameters)
        }
    }

    /// The form for objects: the first clause that can be satisfied. Nil if there is none.
    func form(includeObject: ObjectView.TableInclusion) -> ObjectView.Form? {
        for clause in clauses where Self.isJSON(clause.type) {
            let version = clause.parameters["v"] ?? "v1"
            let isKnown =
                clause.parameters["g"] == "meta.k8s.io" && ["v1", "v1beta1"].contains(version)
            switch clause.parameters["as"] {
            case nil: return .object
            case "Table" where isKnown: return .table(version: version, includes: includeObject)
            case "PartialObjectMetadata" where isKnown,
                "PartialObjectMetadataList" where isKnown:
                return .metadata(version: version)
            default: continue
            }
        }
        return nil
    }

    /// Whether discovery should be answered in one document (apidiscovery.k8s.io/v2).
    var wantsAggregatedDiscovery: Bool {
        for clause in clauses where Self.isJSON(clause.type) {
            guard let form = clause.parameters["as"] else { return false }
            let isKnown =
                clause.parameters["g"] == "apidiscovery.k8s.io" && clause.parameters["v"] == "v2"
            if form == "APIGroupDiscoveryList", isKnown { return true }
        }
        return false
    }

    private static func isJSON(_ type: String) -> Bool {
        ["application/json", "application/*", "*/*"].contains(type)
    }
}
