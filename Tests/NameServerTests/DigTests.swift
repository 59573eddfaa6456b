import Foundation
import NameService
import ServiceModel
import Testing

/// The server seen by a client that is not ours: `dig`, of BIND.
struct DigTests {
    private func dig(_ arguments: String, port: Int) throws -> [String] {
        let path = "/usr/bin/dig"
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "\(path) is missing: `make test-deps` installs it (Debian's bind9-dnsutils)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            ["@127.0.0.1", "-p", "\(port)", "+tries=1", "+time=5"]
            + arguments.split(separator: " ").map(String.init)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        // What dig thinks of the name `local` itself does not matter here.
        let warnings = lines.filter {
            $0.lowercased().contains("warning") && !$0.contains("Multicast DNS")
        }
        #expect(warnings == [])
        return lines
    }

    @Test(arguments: [
        ("web.default.svc.cluster.local A", ["127.64.0.1"]),
        ("web.default.svc.cluster.local A +tcp", ["127.64.0.1"]),
        ("WEB.default.svc.CLUSTER.local A +noedns", ["127.64.0.1"]),
        ("web.default.svc.cluster.local AAAA", []),
        (
            "db.shop.svc.cluster.local A",
            ["127.96.0.0", "127.96.0.1", "127.96.0.2"]
        ),
        ("db-1.db.shop.svc.cluster.local A", ["127.96.0.1"]),
        (
            "_http._tcp.web.default.svc.cluster.local SRV",
            ["0 100 80 web.default.svc.cluster.local."]
        ),
        ("-x 127.64.0.1", ["web.default.svc.cluster.local."]),
        ("-x 127.96.0.2", ["db-2.db.shop.svc.cluster.local."]),
        ("cluster.local NS", ["ns.dns.cluster.local."]),
        (
            "cluster.local SOA",
            ["ns.dns.cluster.local. hostmaster.cluster.local. 3 7200 1800 86400 5"]
        ),
        ("web.default.svc.cluster.local ANY", ["\"RFC8482\" \"\""]),
    ] as [(String, [String])])
    func `dig finds what there is`(arguments: String, found: [String]) async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let lines = try dig("+short " + arguments, port: test.port)
            #expect(lines.sorted() == found)
        }
    }

    @Test(arguments: [
        ("web.default.svc.cluster.local AAAA", "NOERROR", true),
        ("absent.default.svc.cluster.local A", "NXDOMAIN", true),
        ("-x 127.64.9.9", "NXDOMAIN", true),
        ("example.com A", "REFUSED", false),
        ("cluster.local A -c CH", "REFUSED", false),
        ("web.default.svc.cluster.local A +opcode=NOTIFY", "NOTIMP", false),
        ("web.default.svc.cluster.local A +edns=1 +noednsneg", "BADVERS", false),
    ])
    func `dig understands what there is not`(
        arguments: String, status: String, hasAuthority: Bool
    ) async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let lines = try dig("+norecurse " + arguments, port: test.port)
            #expect(lines.contains { $0.contains("status: \(status),") }, "\(lines)")
            #expect(lines.contains { $0.contains("\tSOA\t") } == hasAuthority, "\(lines)")
        }
    }

    @Test func `dig sees its question as it asked it, and the sizes`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let lines = try dig("+norecurse wEb.Default.svc.cluster.local A", port: test.port)
            #expect(lines.contains(";wEb.Default.svc.cluster.local.\tIN\tA"))
            #expect(lines.contains("wEb.Default.svc.cluster.local. 5 IN\tA\t127.64.0.1"))
            #expect(lines.contains { $0.contains("flags: qr aa;") })
            #expect(lines.contains { $0.contains("udp: 1232") })
        }
    }

    @Test func `dig asks again over TCP for what was cut`() async throws {
        try await TestServer.run(zone: exampleZone(count: 250)) { test in
            let cut = try dig("+ignore +norecurse db.shop.svc.cluster.local", port: test.port)
            #expect(cut.contains { $0.contains("flags: qr aa tc;") }, "\(cut)")
            let whole = try dig("+short db.shop.svc.cluster.local", port: test.port)
            #expect(whole.filter { $0.hasPrefix("127.96.0.") }.count == 250)
        }
    }
}
