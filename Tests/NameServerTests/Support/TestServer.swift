import NIOCore
import NIOPosix
import NameServer
import NameService
import Primitives
import ServiceModel

/// A name server on a port of its own.
struct TestServer: Sendable {
    let server: DNSServer
    let port: Int

    static func run(
        zone: Zone, limits: DNSServer.Limits = DNSServer.Limits(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = DNSServer(loop: group.next(), zone: zone, limits: limits)
        do {
            let port = try await server.bind(host: "127.0.0.1", port: 0).get()
            try await body(TestServer(server: server, port: port))
            try await server.close().get()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }
}

/// A zone with a service at `address` and a headless one of `count` endpoints.
func exampleZone(address: IPv4Address = IPv4Address(127, 64, 0, 1), count: UInt8 = 3) throws
    -> Zone
{
    guard let domain = DNSName("cluster.local") else { fatalError("no name") }
    var zone = try Zone(domain: domain, serverAddress: IPv4Address(127, 64, 0, 10))
    try zone.replace(
        ServiceRecord(
            namespace: "default", name: "web", form: .virtual(address),
            ports: [ServicePort(name: "http", number: 80)]))
    try zone.replace(
        ServiceRecord(
            namespace: "shop", name: "db", form: .headless,
            ports: [ServicePort(name: "sql", number: 5_432)],
            endpoints: (0..<count).map { number in
                Endpoint(
                    address: IPv4Address(127, 96, 0, number), hostname: "db-\(number)",
                    ports: ["sql": 5_432])
            }))
    return zone
}

/// A query for addresses.
func query(_ text: String, id: UInt16) -> Bytes {
    guard let name = DNSName(text) else { fatalError("\(text) is no name") }
    var message = DNSMessage(id: id, flags: DNSFlags())
    message.questions = [DNSQuestion(name: name, type: .a)]
    return message.encoded()
}

extension DNSMessage {
    /// The addresses in the answers, in order.
    var addresses: [IPv4Address] {
        answers.compactMap { record in
            guard case .address(let address) = record.data else { return nil }
            return address
        }
    }
}
