import Foundation
import Glibc
import PodModel
import ResourceModel
import Runtimes
import Testing

/// Questions to containers.
@Suite struct ProbeTests {
    @Test func `commands answer by their code`() async throws {
        try await Workshop.open { shop in
            let probes = try await runner(shop)
            let good = await probes.run(
                .exec(["sh", "-c", "echo fine; echo so >&2"]), timeout: .seconds(20))
            #expect(good.isGood && good.message == "fine\nso\n")
            let bad = await probes.run(.exec(["sh", "-c", "exit 2"]), timeout: .seconds(20))
            #expect(!bad.isGood)
            let none = await probes.run(.exec(["nope"]), timeout: .seconds(20))
            #expect(none.message == "exec: \"nope\": executable file not found in $PATH")
        }
    }

    @Test func `a late answer is a bad one, and nothing of it is left`() async throws {
        try await Workshop.open { shop in
            let probes = try await runner(shop)
            let late = await probes.run(.exec(["sleep", "1001"]), timeout: .milliseconds(50))
            #expect(!late.isGood && late.message.hasPrefix("command timed out: \"sleep 1001\""))
            _ = try await eventually("the end of it") {
                shop.processes().contains { text("/proc/\($0)/cmdline").contains("1001") }
                    ? nil : true
            }
            let server = try Server(answer: nil)
            let http = try await probes.run(probe(server), timeout: .milliseconds(50))
            #expect(http.message.hasSuffix("(Client.Timeout exceeded while awaiting headers)"))
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", true, ""), ("HTTP/1.0 399 X\r\n\r\nbody", true, ""),
        ("HTTP/1.1 503 No\r\n\r\n", false, "HTTP probe failed with statuscode: 503"),
        ("HTTP/1.1 400 No\r\n\r\n", false, "HTTP probe failed with statuscode: 400"),
        ("hello", false, "malformed HTTP response"), ("", false, "malformed HTTP response"),
    ])
    func `HTTP answers by its status`(
        _ said: String, _ isGood: Bool, _ message: String
    ) async throws {
        try await Workshop.open { shop in
            let probes = try await runner(shop)
            let server = try Server(answer: said)
            let answer = try await probes.run(probe(server), timeout: .seconds(20))
            #expect(answer.isGood == isGood && answer.message.hasSuffix(message), "\(answer)")
        }
    }

    @Test func `TCP answers by letting in`() async throws {
        try await Workshop.open { shop in
            let probes = try await runner(shop)
            let server = try Server(answer: "")
            let action = ProbeAction.tcp(host: "127.0.0.1", port: Int(server.port))
            #expect(await probes.run(action, timeout: .seconds(20)).isGood)
            server.stop()
            let refused = await probes.run(action, timeout: .seconds(20))
            let place = "127.0.0.1:\(server.port)"
            #expect(!refused.isGood)
            #expect(refused.message == "dial tcp \(place): connect: connection refused")
            // How it is refused is up to the machine, which need not know IPv6.
            let sixth = ProbeAction.tcp(host: "::1", port: Int(server.port))
            let answer = await probes.run(sixth, timeout: .seconds(20))
            #expect(answer.message.hasPrefix("dial tcp ::1:\(server.port): "), "\(answer)")
            let nowhere = ProbeAction.tcp(host: "a b", port: Int(server.port))
            let odd = await probes.run(nowhere, timeout: .seconds(20))
            #expect(odd.message == "\"a b\" is no numeric address")
        }
    }

    private func runner(_ shop: Workshop) async throws -> ProbeRunner {
        let id = try await shop.start("sleep 1000")
        let runtime = shop.runtime
        return ProbeRunner { try await runtime.exec($0, in: id) }
    }

    private func probe(_ server: Server) throws -> ProbeAction {
        let port = server.port
        return try ProbeAction(
            ["httpGet": ["port": .integer(Int64(port))]], of: .emptyObject, podAddress: "127.0.0.1")
    }
}

/// Listens on a free port, and says the same to everyone; nothing, if there is no answer.
private final class Server: Sendable {
    let port: UInt16
    private let socket: Int32

    init(answer: String?) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = socket
        port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, size)
                getsockname(listening, $0, &size)
            }
            return UInt16(bigEndian: $0.pointee.sin_port)
        }
        listen(listening, 16)
        guard let answer else { return }
        Thread.detachNewThread {
            while case let client = accept(listening, nil, nil), client >= 0 {
                var request = [UInt8](repeating: 0, count: 4096)
                _ = read(client, &request, request.count)
                _ = answer.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                close(client)
            }
        }
    }

    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    deinit {
        stop()
        close(socket)
    }
}
