import NameService
import Primitives
import ServiceModel
import Testing

private let soa =
    "authority: cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5"
private let exists = ["NOERROR aa", soa]
private let absent = ["NXDOMAIN aa", soa]

/// Kubernetes' "DNS-Based Service Discovery", version 1.1.0, and the RFCs that it stands on.
struct ZoneTests {
    @Test(arguments: [
        (
            "web.default.svc.cluster.local", RecordType.a,
            ["NOERROR aa", "web.default.svc.cluster.local. 5 A 127.64.0.1"]
        ),
        ("web.default.svc.cluster.local", .aaaa, exists),
        ("web.default.svc.cluster.local", .txt, exists),
        ("absent.default.svc.cluster.local", .a, absent),
        ("web.shop.svc.cluster.local", .a, absent),
        ("x.web.default.svc.cluster.local", .a, absent),
        ("a.b.c.web.default.svc.cluster.local", .a, absent),
        ("web.default.pod.cluster.local", .a, absent),
        // RFC 8020: names that have others below them exist.
        ("default.svc.cluster.local", .a, exists),
        ("svc.cluster.local", .a, exists),
        ("empty.svc.cluster.local", .a, absent),
        ("dns.cluster.local", .a, exists),
        ("_tcp.web.default.svc.cluster.local", .srv, exists),
        ("_sctp.web.default.svc.cluster.local", .srv, absent),
        (
            "dns-version.cluster.local", .txt,
            ["NOERROR aa", "dns-version.cluster.local. 5 TXT \"1.1.0\""]
        ),
        (
            "search.default.svc.cluster.local", .a,
            ["NOERROR aa", "search.default.svc.cluster.local. 5 CNAME www.example.com."]
        ),
    ])
    func `names lead to addresses`(name: String, type: RecordType, told: [String]) throws {
        #expect(try exampleZone().told(name, type) == told)
    }

    @Test(arguments: [
        (
            "_http._tcp.web.default.svc.cluster.local",
            [
                "NOERROR aa",
                "_http._tcp.web.default.svc.cluster.local. 5 SRV 0 100 80"
                    + " web.default.svc.cluster.local.",
                "additional: web.default.svc.cluster.local. 5 A 127.64.0.1",
            ]
        ),
        (
            "_dns._udp.web.default.svc.cluster.local",
            [
                "NOERROR aa",
                "_dns._udp.web.default.svc.cluster.local. 5 SRV 0 100 53"
                    + " web.default.svc.cluster.local.",
                "additional: web.default.svc.cluster.local. 5 A 127.64.0.1",
            ]
        ),
        ("_http._udp.web.default.svc.cluster.local", absent),
        ("_._tcp.web.default.svc.cluster.local", absent),
        (
            "_sql._tcp.db.shop.svc.cluster.local",
            [
                "NOERROR aa",
                "_sql._tcp.db.shop.svc.cluster.local. 5 SRV 0 100 5433"
                    + " 127-96-1-0.db.shop.svc.cluster.local.",
                "_sql._tcp.db.shop.svc.cluster.local. 5 SRV 0 100 5433"
                    + " db-1.db.shop.svc.cluster.local.",
                "additional: 127-96-1-0.db.shop.svc.cluster.local. 5 A 127.96.1.0",
                "additional: db-1.db.shop.svc.cluster.local. 5 A 127.96.1.1",
            ]
        ),
        ("_http._tcp.empty.default.svc.cluster.local", absent),
    ])
    func `named ports lead to locations`(name: String, told: [String]) throws {
        #expect(try exampleZone().told(name, .srv) == told)
    }

    @Test(arguments: [
        (
            "db.shop.svc.cluster.local",
            [
                "NOERROR aa", "db.shop.svc.cluster.local. 5 A 127.96.1.0",
                "db.shop.svc.cluster.local. 5 A 127.96.1.1",
            ]
        ),
        (
            "db-1.db.shop.svc.cluster.local",
            ["NOERROR aa", "db-1.db.shop.svc.cluster.local. 5 A 127.96.1.1"]
        ),
        (
            "127-96-1-0.db.shop.svc.cluster.local",
            ["NOERROR aa", "127-96-1-0.db.shop.svc.cluster.local. 5 A 127.96.1.0"]
        ),
        ("127-96-1-1.db.shop.svc.cluster.local", absent),
        ("db-0.db.shop.svc.cluster.local", absent),
        // The specification: NXDOMAIN while no endpoint is ready.
        ("empty.default.svc.cluster.local", absent),
    ])
    func `headless services lead to endpoints`(name: String, told: [String]) throws {
        #expect(try exampleZone().told(name, .a) == told)
    }

    @Test(arguments: [
        ("1.0.64.127", ["NOERROR aa", "PTR web.default.svc.cluster.local."]),
        ("10.0.64.127", ["NOERROR aa", "PTR ns.dns.cluster.local."]),
        ("1.1.96.127", ["NOERROR aa", "PTR db-1.db.shop.svc.cluster.local."]),
        ("0.1.96.127", ["NOERROR aa", "PTR 127-96-1-0.db.shop.svc.cluster.local."]),
        ("2.0.64.127", ["NXDOMAIN aa"]),
        ("1.1.0.64.127", ["NXDOMAIN aa"]),
        ("256.0.64.127", ["NXDOMAIN aa"]),
        ("01.0.64.127", ["NXDOMAIN aa"]),
        ("0.64.127", ["NOERROR aa"]),
        ("1.0.63.127", ["REFUSED"]),
        ("1.0.128.127", ["REFUSED"]),
        ("127", ["REFUSED"]),
        ("1.0.0.10", ["REFUSED"]),
    ])
    func `addresses lead to names`(address: String, told: [String]) throws {
        let name = address + ".in-addr.arpa"
        var expected = told.map { $0.hasPrefix("PTR") ? "\(name). 5 \($0)" : $0 }
        if told.count == 1, told[0] != "REFUSED" {
            let apex = name.split(separator: ".").suffix(4).joined(separator: ".")
            expected.append(
                "authority: \(apex). 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5")
        }
        #expect(try exampleZone().told(name, .ptr) == expected)
    }

    @Test(arguments: ["cluster.local", "64.127.in-addr.arpa"])
    func `the top of a zone has its data and its server`(apex: String) throws {
        let zone = try exampleZone()
        #expect(
            try zone.told(apex, .soa) == [
                "NOERROR aa",
                "\(apex). 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5",
            ])
        #expect(
            try zone.told(apex, .ns) == [
                "NOERROR aa", "\(apex). 5 NS ns.dns.cluster.local.",
                "additional: ns.dns.cluster.local. 5 A 127.64.0.10",
            ])
        #expect(
            try zone.told(apex, .a) == [
                "NOERROR aa",
                "authority: \(apex). 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5",
            ])
    }

    @Test(arguments: ["example.com", ".", "local", "cluster.local.example.com", "xcluster.local"])
    func `other zones are refused`(other: String) throws {
        #expect(try exampleZone().told(other, .a) == ["REFUSED"])
    }

    @Test func `whole zones are not handed out`() throws {
        let zone = try exampleZone()
        #expect(try zone.told("cluster.local", .axfr) == ["REFUSED"])
        #expect(try zone.told("cluster.local", .ixfr) == ["REFUSED"])
    }

    /// RFC 8482 §4.2.
    @Test func `who asks for everything gets next to nothing`() throws {
        let zone = try exampleZone()
        let service = "db.shop.svc.cluster.local"
        #expect(
            try zone.told(service, .any) == ["NOERROR aa", "\(service). 5 HINFO \"RFC8482\" \"\""])
        #expect(try zone.told("default.svc.cluster.local", .any) == exists)
        #expect(try zone.told("absent.default.svc.cluster.local", .any) == absent)
    }

    @Test func `a service in the place of another leaves nothing of it behind`() throws {
        var zone = try exampleZone()
        let serial = zone.serial
        var web = webService()
        web.form = .virtual(IPv4Address(127, 64, 0, 9))
        try zone.replace(web)
        #expect(
            try zone.told("web.default.svc.cluster.local", .a) == [
                "NOERROR aa", "web.default.svc.cluster.local. 5 A 127.64.0.9",
            ])
        #expect(try zone.told("1.0.64.127.in-addr.arpa", .ptr).first == "NXDOMAIN aa")
        #expect(try zone.told("9.0.64.127.in-addr.arpa", .ptr).first == "NOERROR aa")
        #expect(zone.serial == serial + 1)
    }

    @Test func `removed services take their namespace with them`() throws {
        var zone = try exampleZone()
        zone.remove(ServiceKey(namespace: "shop", name: "db"))
        #expect(try zone.told("db.shop.svc.cluster.local", .a) == absent)
        #expect(try zone.told("shop.svc.cluster.local", .a) == absent)
        #expect(try zone.told("1.1.96.127.in-addr.arpa", .ptr).first == "NXDOMAIN aa")
        let serial = zone.serial
        zone.remove(ServiceKey(namespace: "shop", name: "db"))
        #expect(zone.serial == serial)
    }

    @Test func `an address with several names keeps those that are left`() throws {
        var zone = try exampleZone()
        var other = databaseService()
        other.name = "replicas"
        try zone.replace(other)
        let address = "1.1.96.127.in-addr.arpa"
        #expect(try zone.told(address, .ptr).count == 3)
        zone.remove(other.key)
        #expect(
            try zone.told(address, .ptr) == [
                "NOERROR aa", "\(address). 5 PTR db-1.db.shop.svc.cluster.local.",
            ])
    }

    @Test(arguments: [
        ServiceRecord(namespace: "default", name: "", form: .headless),
        ServiceRecord(
            namespace: String(repeating: "n", count: 64), name: "a", form: .headless),
        ServiceRecord(namespace: "default", name: "web", form: .external("a..b")),
        ServiceRecord(namespace: "default", name: "web", form: .external("")),
        ServiceRecord(
            namespace: "default", name: "web", form: .headless,
            endpoints: [Endpoint(address: IPv4Address(127, 96, 0, 1), hostname: "")]),
        ServiceRecord(
            namespace: "default", name: "web", form: .headless,
            ports: [ServicePort(name: String(repeating: "p", count: 63), number: 1)]),
    ])
    func `a service whose names cannot be said is refused whole`(service: ServiceRecord) throws {
        var zone = try exampleZone()
        let serial = zone.serial
        #expect(throws: ZoneError.self) { try zone.replace(service) }
        #expect(zone.serial == serial)
        #expect(try zone.told("web.default.svc.cluster.local", .a).count == 2)
    }
}
