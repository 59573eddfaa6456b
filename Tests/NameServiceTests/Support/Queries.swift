import NameService
import Primitives
import ServiceModel

/// A zone with a service of each form.
func exampleZone() throws -> Zone {
    var zone = try Zone(domain: name("cluster.local"), serverAddress: IPv4Address(127, 64, 0, 10))
    try zone.replace(webService())
    try zone.replace(databaseService())
    try zone.replace(
        ServiceRecord(namespace: "default", name: "search", form: .external("www.example.com")))
    try zone.replace(
        ServiceRecord(
            namespace: "default", name: "empty", form: .headless,
            ports: [ServicePort(name: "http", number: 80)]))
    return zone
}

func webService() -> ServiceRecord {
    ServiceRecord(
        namespace: "default", name: "web", form: .virtual(IPv4Address(127, 64, 0, 1)),
        ports: [
            ServicePort(name: "http", number: 80),
            ServicePort(name: "dns", protocol: .udp, number: 53),
            ServicePort(number: 9_000),
        ],
        endpoints: [Endpoint(address: IPv4Address(127, 96, 0, 1), ports: ["http": 8_080])])
}

func databaseService(_ count: UInt8 = 2) -> ServiceRecord {
    ServiceRecord(
        namespace: "shop", name: "db", form: .headless,
        ports: [ServicePort(name: "sql", number: 5_432)],
        endpoints: (0..<count).map { number in
            Endpoint(
                address: IPv4Address(127, 96, 1, number),
                hostname: number == 0 ? nil : "db-\(number)", ports: ["sql": 5_433])
        })
}

func name(_ text: String) -> DNSName {
    guard let name = DNSName(text) else { fatalError("\(text) is no name") }
    return name
}

/// A query as a client sends it.
func query(
    _ text: String, _ type: RecordType, id: UInt16 = 0, datagramBytes: UInt16? = nil,
    change: (inout DNSMessage) -> Void = { _ in }
) -> Bytes {
    var flags = DNSFlags()
    flags.wantsRecursion = true
    var message = DNSMessage(id: id, flags: flags)
    message.questions = [DNSQuestion(name: name(text), type: type)]
    if let datagramBytes { message.additionals = [options(datagramBytes)] }
    change(&message)
    return message.encoded()
}

func options(_ datagramBytes: UInt16, ttlSeconds: UInt32 = 0) -> DNSRecord {
    DNSRecord(
        name: .root, type: .opt, recordClass: datagramBytes, ttlSeconds: ttlSeconds,
        data: .raw([]))
}

extension Zone {
    /// The answer to a query, read again.
    func answer(
        _ query: Bytes, over carrier: DNSCarrier = .datagram
    ) throws -> DNSMessage? {
        try response(to: query, over: carrier).map { try DNSMessage(decoding: $0) }
    }

    /// The answer in short: its result, then a line for each record.
    func told(_ text: String, _ type: RecordType) throws -> [String] {
        guard let message = try answer(query(text, type)) else { return ["nothing"] }
        return message.told
    }
}

extension DNSMessage {
    var told: [String] {
        let results: [UInt16: String] = [
            0: "NOERROR", 1: "FORMERR", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
        ]
        let result = results[flags.result.rawValue] ?? "?"
        return [result + (flags.isAuthoritative ? " aa" : "")]
            + answers.map { $0.told } + authorities.map { "authority: " + $0.told }
            + additionals.filter { $0.type != .opt }.map { "additional: " + $0.told }
    }
}

extension DNSRecord {
    var told: String { "\(name) \(ttlSeconds) \(content)" }

    private var content: String {
        switch data {
        case .address(let address): return "A \(address)"
        case .name(let target):
            let types: [RecordType: String] = [.ns: "NS", .cname: "CNAME", .ptr: "PTR"]
            return "\(types[type] ?? "?") \(target)"
        case .authority(let authority):
            return "SOA \(authority.server) \(authority.mailbox) \(authority.negativeSeconds)"
        case .service(let location):
            return "SRV \(location.priority) \(location.weight) \(location.port)"
                + " \(location.target)"
        case .texts(let texts):
            return "\(type == .txt ? "TXT" : "HINFO")"
                + texts.map { " \"" + String(decoding: $0, as: UTF8.self) + "\"" }.joined()
        case .raw(let bytes): return "\(type.rawValue) \(bytes)"
        }
    }
}
