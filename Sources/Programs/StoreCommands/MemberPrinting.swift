internal import EtcdAPI
internal import EtcdClient
internal import Wire

/// A change of one member that answers with all of them.
enum MemberChange {
    /// The one identifier among the arguments.
    static func id(_ arguments: [String]) throws -> UInt64 {
        guard arguments.count == 1 else {
            throw CommandFailure.badArguments("member ID is not provided")
        }
        let text = arguments[0]
        guard let id = UInt64(text, radix: 16), !text.hasPrefix("+") else {
            let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isHexDigit }
            let problem = isNumber ? "value out of range" : "invalid syntax"
            throw CommandFailure.badArguments(
                "bad member ID arg (strconv.ParseUint: parsing \(JSONFields.quoted(text)): "
                    + "\(problem)), expecting ID in Hex")
        }
        return id
    }

    /// Makes the change and says so.
    static func make(
        _ id: UInt64, _ what: String, _ connection: ConnectionOptions,
        _ change: (RemoteClient) async throws -> Answered<[WireMember]>
    ) async throws {
        let environment = processEnvironment
        let format = try connection.format(environment, allowed: [.simple, .json])
        let answer = try await withClient(try connection.settings(environment), change)
        if format == .json {
            print(MemberListing(answer.body).json(answer.header))
        } else {
            print("Member \(padded(id)) \(what) cluster \(padded(answer.header.clusterID))")
        }
    }
}

/// Peer addresses as flags.
enum PeerURLs {
    /// All addresses of a flag that may come several times.
    static func checked(_ given: [String]) throws -> [String] {
        let urls = given.flatMap { $0.split(separator: ",").map(String.init) }
        guard !urls.isEmpty else {
            throw CommandFailure.badArguments("member peer urls not provided")
        }
        for url in urls {
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw CommandFailure(message: "URL scheme must be http or https: \(url)")
            }
            _ = try ConnectionOptions.endpoints([url])
        }
        return urls
    }
}

/// An identifier in 16 columns, as etcdctl's sentences have it.
func padded(_ id: UInt64) -> String {
    let text = String(id, radix: 16)
    return String(repeating: " ", count: max(0, 16 - text.count)) + text
}

/// The members of a store in each format.
struct MemberListing {
    private let members: [WireMember]

    init(_ members: [WireMember]) {
        self.members = members
    }

    func lines(_ format: OutputFormat, _ header: WireHeader, _ hex: Bool) -> [String] {
        switch format {
        case .simple: return members.map { $0.cells.joined(separator: ", ") }
        case .table:
            let names = [
                "ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER",
            ]
            return TextTable(names: names, rows: members.map(\.cells)).lines
        case .json: return [json(header)]
        case .fields: return header.fieldLines(hex) + members.flatMap { $0.fieldLines(hex) }
        }
    }

    /// The answer that consists of a header and the members.
    func json(_ header: WireHeader) -> String {
        var fields = JSONFields()
        fields.addRaw("header", header.json)
        if !members.isEmpty { fields.addRaw("members", json) }
        return fields.text
    }

    /// The members alone.
    var json: String { "[" + members.map(\.json).joined(separator: ",") + "]" }
}

extension WireMember {
    /// What a table shows.
    var cells: [String] {
        [
            String(id, radix: 16), attributes.name.isEmpty ? "unstarted" : "started",
            attributes.name, attributes.peerURLs.joined(separator: ","),
            attributes.clientURLs.joined(separator: ","), "\(isLearner)",
        ]
    }

    var json: String {
        var fields = JSONFields()
        fields.add("ID", id)
        fields.add("name", attributes.name)
        fields.add("peerURLs", attributes.peerURLs)
        fields.add("clientURLs", attributes.clientURLs)
        fields.add("isLearner", isLearner)
        return fields.text
    }

    func fieldLines(_ hex: Bool) -> [String] {
        ["\"ID\" : \(number(id, hex))", "\"Name\" : \(JSONFields.quoted(attributes.name))"]
            + attributes.peerURLs.map { "\"PeerURL\" : \(JSONFields.quoted($0))" }
            + attributes.clientURLs.map { "\"ClientURL\" : \(JSONFields.quoted($0))" }
            + ["\"IsLearner\" : \(isLearner)", ""]
    }
}
