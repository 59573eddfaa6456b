import Primitives
import Testing
import Wire

/// Requests of etcd's services that no store can carry out; codes and texts are etcd's.
@Suite struct `Wrong requests` {
    private static let kv = "/etcdserverpb.KV/"
    private static let lease = "/etcdserverpb.Lease/"
    private static let cluster = "/etcdserverpb.Cluster/"
    private static let maintenance = "/etcdserverpb.Maintenance/"
    private static let emptyKey = Answer.status(3, "etcdserver: key is not provided")
    private static let noLease = Answer.status(5, "etcdserver: requested lease not found")
    private static let compacted = Answer.status(
        11, "etcdserver: mvcc: required revision has been compacted")
    private static let future = Answer.status(
        11, "etcdserver: mvcc: required revision is a future revision")
    private static let sort = Answer.status(3, "etcdserver: invalid sort option")

    @Test func `are answered as etcd does and change nothing`() throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        for number in 0..<10 {
            let put = Message.put("k", "\(number)")
            #expect(client.call(Call(Self.kv + "Put", put)) == .served)
        }
        #expect(client.call(Call(Self.kv + "Compact", Message.numbers([(1, 5)]))) == .served)
        let rows =
            Self.ranges + Self.writes + Self.transactions + Self.leases + Self.members
            + Self.others
        for row in rows {
            let answer = client.call(row.call)
            #expect(row.expected.admits(answer), "\(row.name): \(answer)")
            if client.isClosed { break }
        }
        // Eleven revisions were made, and "the key at 11" is refused only if there is no twelfth.
        let next = Message.make {
            $0.write(1, Bytes("k".utf8))
            $0.write(4, 12 as Int64)
        }
        #expect(client.call(Call(Self.kv + "Range", next)) == Self.future)
        store.expectServesOthers("wrong requests")
    }

    private static func range(_ name: String, _ expected: Answer, _ fields: [(Int, Int64)])
        -> HostileCall
    {
        HostileCall(
            name, Call(kv + "Range", Message.key("k") + Message.numbers(fields)), expected)
    }

    private static let ranges: [HostileCall] = [
        HostileCall("range of no key", Call(kv + "Range", []), emptyKey),
        HostileCall(
            "range with an end alone", Call(kv + "Range", Message.inside(2, [97])), emptyKey),
        range("range in the future", future, [(4, 1_000_000)]),
        range("range of what is compacted", compacted, [(4, 2)]),
        range("range at a negative revision", .served, [(4, -1)]),
        range("range with a negative limit", .served, [(3, -1)]),
        range("range with the longest limit", .served, [(3, .max)]),
        range("unknown order", sort, [(5, 3)]),
        range("negative order", sort, [(5, -1)]),
        range("unknown target", sort, [(6, 5)]),
        range("bounds that exclude all", .served, [(10, 9), (11, 1)]),
        HostileCall(
            "range whose end is before its key",
            Call(kv + "Range", Message.make { $0.write(1, [98]); $0.write(2, [97]) }), .served),
    ]

    private static let writes: [HostileCall] = [
        HostileCall("put without a key", Call(kv + "Put", Message.inside(2, [1])), emptyKey),
        HostileCall(
            "put with a value to be ignored",
            Call(kv + "Put", Message.put("k", "v") + Message.numbers([(5, 1)])),
            .status(3, "etcdserver: value is provided")),
        HostileCall(
            "put with a lease to be ignored",
            Call(kv + "Put", Message.put("k", "v", lease: 1) + Message.numbers([(6, 1)])),
            .status(3, "etcdserver: lease is provided")),
        HostileCall(
            "put that keeps the value of no key",
            Call(kv + "Put", Message.key("none") + Message.numbers([(5, 1)])),
            .status(3, "etcdserver: key not found")),
        HostileCall(
            "put with no such lease", Call(kv + "Put", Message.put("k", "v", lease: 99)), noLease),
        HostileCall(
            "put with a negative lease", Call(kv + "Put", Message.put("k", "v", lease: -1)),
            noLease),
        HostileCall("delete of no key", Call(kv + "DeleteRange", []), emptyKey),
        HostileCall("compact to nothing", Call(kv + "Compact", []), compacted),
        HostileCall(
            "compact to a negative revision", Call(kv + "Compact", Message.numbers([(1, -1)])),
            compacted),
        HostileCall(
            "compact again", Call(kv + "Compact", Message.numbers([(1, 5)])), compacted),
        HostileCall(
            "compact the future", Call(kv + "Compact", Message.numbers([(1, 1_000)])), future),
    ]

    private static func transaction(success: [Bytes], failure: [Bytes] = []) -> Bytes {
        Message.make { writer in
            for operation in success { writer.writeEvenIfEmpty(2, operation) }
            for operation in failure { writer.writeEvenIfEmpty(3, operation) }
        }
    }

    private static func put(_ key: String) -> Bytes { Message.inside(2, Message.put(key, "v")) }
    private static func puts(_ count: Int, _ prefix: String = "t") -> [Bytes] {
        (0..<count).map { put("\(prefix)\($0)") }
    }
    private static func nested(_ depth: Int) -> Bytes {
        (0..<depth).reduce(transaction(success: [])) { inner, _ in
            transaction(success: [Message.inside(4, inner)])
        }
    }
    private static let deletion = Message.inside(
        3, Message.make { $0.write(1, [0]); $0.write(2, [0]) })
    private static let tooMany = Answer.status(
        3, "etcdserver: too many operations in txn request")
    private static let duplicate = Answer.status(
        3, "etcdserver: duplicate key given in txn request")
    private static let tooDeep = Answer.status(3, "etcdserver: transactions nested too deeply")

    private static let transactions: [HostileCall] = [
        HostileCall(
            "129 operations", Call(kv + "Txn", transaction(success: puts(129))), tooMany),
        HostileCall(
            "129 operations that would not run",
            Call(kv + "Txn", transaction(success: [], failure: puts(129))), tooMany),
        HostileCall(
            "129 comparisons",
            Call(
                kv + "Txn",
                Message.make { writer in
                    let compare = Message.make { $0.write(3, [1]) }
                    for _ in 0..<129 { writer.writeEvenIfEmpty(1, compare) }
                }), tooMany),
        // CVE-2026-33343.
        HostileCall(
            "128 operations and one more inside",
            Call(
                kv + "Txn",
                transaction(
                    success: puts(127) + [
                        Message.inside(4, transaction(success: puts(2, "u")))
                    ])), tooMany),
        HostileCall(
            "the same key twice", Call(kv + "Txn", transaction(success: [put("a"), put("a")])),
            duplicate),
        HostileCall(
            "a key and a deletion of it",
            Call(kv + "Txn", transaction(success: [put("a"), deletion])), duplicate),
        HostileCall(
            "the same key inside",
            Call(
                kv + "Txn",
                transaction(
                    success: [put("a"), Message.inside(4, transaction(success: [put("a")]))])),
            duplicate),
        HostileCall(
            "a put without a key",
            Call(kv + "Txn", transaction(success: [Message.inside(2, [])])), emptyKey),
        HostileCall(
            "a put without a key that would not run",
            Call(kv + "Txn", transaction(success: [], failure: [Message.inside(2, [])])),
            emptyKey),
        HostileCall(
            "a comparison without a key",
            Call(kv + "Txn", Message.make { $0.writeEvenIfEmpty(1, []) }), emptyKey),
        HostileCall("20 levels", Call(kv + "Txn", nested(20)), tooDeep),
        HostileCall("10,000 levels", Call(kv + "Txn", nested(10_000)), tooDeep),
        HostileCall(
            "a range in the future inside",
            Call(
                kv + "Txn",
                transaction(
                    success: [
                        put("z"),
                        Message.inside(1, Message.key("k") + Message.numbers([(4, 1_000)])),
                    ])), future),
    ]

    private static let leases: [HostileCall] = [
        HostileCall(
            "a lease of 9,000,000,001 seconds",
            Call(lease + "LeaseGrant", Message.numbers([(1, 9_000_000_001)])),
            .status(11, "etcdserver: too large lease TTL")),
        HostileCall(
            "the longest lease", Call(lease + "LeaseGrant", Message.numbers([(1, .max)])),
            .status(11, "etcdserver: too large lease TTL")),
        HostileCall(
            "a lease of negative length",
            Call(lease + "LeaseGrant", Message.numbers([(1, -5), (2, 7)])), .served),
        HostileCall(
            "the same lease again",
            Call(lease + "LeaseGrant", Message.numbers([(1, 60), (2, 7)])),
            .status(9, "etcdserver: lease already exists")),
        HostileCall("revoke nothing", Call(lease + "LeaseRevoke", []), noLease),
        HostileCall(
            "revoke what is not there", Call(lease + "LeaseRevoke", Message.numbers([(1, -1)])),
            noLease),
        HostileCall(
            "time of what is not there",
            Call(lease + "LeaseTimeToLive", Message.numbers([(1, 12_345)])), .served),
        HostileCall(
            "renewal of what is not there",
            Call(lease + "LeaseKeepAlive", Message.numbers([(1, 12_345)])), .served),
        HostileCall(
            "revoke the lease", Call(lease + "LeaseRevoke", Message.numbers([(1, 7)])), .served),
    ]

    private static let badURLs = Answer.status(3, "etcdserver: given member URLs are invalid")
    private static let noMember = Answer.status(5, "etcdserver: member not found")

    private static let members: [HostileCall] = [
        HostileCall("add nobody", Call(cluster + "MemberAdd", []), badURLs),
        HostileCall("add what is no URL", Call(cluster + "MemberAdd", Message.key("foo")), badURLs),
        HostileCall(
            "add a URL with a path", Call(cluster + "MemberAdd", Message.key("http://a:1/b")),
            badURLs),
        HostileCall(
            "remove nobody", Call(cluster + "MemberRemove", Message.numbers([(1, 7)])), noMember),
        HostileCall(
            "promote nobody", Call(cluster + "MemberPromote", Message.numbers([(1, 7)])),
            noMember),
        HostileCall(
            "update nobody",
            Call(
                cluster + "MemberUpdate",
                Message.make { $0.write(1, 7 as UInt64); $0.write(2, "http://a:1") }), noMember),
        HostileCall(
            "lead, nobody", Call(maintenance + "MoveLeader", Message.numbers([(1, 7)])),
            .status(9, "etcdserver: bad leader transferee")),
    ]

    private static let others: [HostileCall] = [
        HostileCall(
            "hash of the future", Call(maintenance + "HashKV", Message.numbers([(1, 1_000)])),
            future),
        HostileCall(
            "a name and a password", Call("/etcdserverpb.Auth/Authenticate", []),
            .status(9, "etcdserver: authentication is not enabled")),
        HostileCall(
            "health of what is not there",
            Call("/grpc.health.v1.Health/Check", Message.key("foo")),
            .status(5, "unknown service")),
        HostileCall(
            "lock without its lease",
            Call("/v3lockpb.Lock/Lock", Message.key("n") + Message.numbers([(2, 99)])),
            .status(2, "etcdserver: requested lease not found")),
        HostileCall(
            "campaign without its lease",
            Call("/v3electionpb.Election/Campaign", Message.key("n") + Message.numbers([(2, 99)])),
            .status(2, "etcdserver: requested lease not found")),
        HostileCall(
            "proclaim without a leader", Call("/v3electionpb.Election/Proclaim", []),
            .status(2, "\"leader\" field must be provided")),
    ]
}

/// The largest request and one that is larger.
@Suite struct `Large requests` {
    private static let tooLarge = Answer.status(3, "etcdserver: request is too large")

    /// A put whose message has exactly so many bytes.
    private static func put(_ bytes: Int, _ key: String) -> Bytes {
        let empty = Message.put(key, String(repeating: "v", count: bytes - 100)).count
        let message = Message.put(key, String(repeating: "v", count: bytes - 100 + bytes - empty))
        precondition(message.count == bytes)
        return message
    }

    @Test(arguments: [
        (1_572_863, Answer.served), (1_572_864, .served), (1_572_865, tooLarge),
        (2_097_152, tooLarge),
        (
            2_097_153,
            .status(8, "grpc: received message larger than max (2097153 vs. 2097152)")
        ),
    ])
    func `are taken up to --max-request-bytes`(bytes: Int, expected: Answer) throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        let answer = client.call(Call("/etcdserverpb.KV/Put", Self.put(bytes, "k")))
        #expect(answer == expected)
        store.expectServesOthers("\(bytes) bytes")
    }

    @Test func `of many small operations are taken and counted alike`() throws {
        let store = try StoreProcess(["--max-request-bytes", "10000", "--max-txn-ops", "10000"])
        let client = try Conversation(port: store.port)
        func transaction(_ count: Int) -> Bytes {
            Message.make { writer in
                for number in 0..<count {
                    let put = Message.put("\(1_000_000 + number)", "v")
                    writer.writeEvenIfEmpty(2, Message.inside(2, put))
                }
            }
        }
        let most = 10_000 / transaction(1).count
        #expect(client.call(Call("/etcdserverpb.KV/Txn", transaction(most))) == .served)
        #expect(client.call(Call("/etcdserverpb.KV/Txn", transaction(most + 1))) == Self.tooLarge)
        store.expectServesOthers("large transactions")
    }

    /// 1,000 zeros pack into a few bytes, a thousand times.
    @Test func `that are packed are not unpacked beyond the largest`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        let client = try Conversation(port: store.port)
        let bomb = Deflate.zeros(blocks: 1_000_000)
        #expect(bomb.count < 2_097_152)
        let answer = client.call(
            Call(
                "/etcdserverpb.KV/Put", headers: [("grpc-encoding", "gzip")],
                body: Call.framed(bomb, flag: 1)))
        #expect(
            answer
                == .status(
                    8, "grpc: received message after decompression larger than max 2097152"))
        #expect(store.residentBytes - before < 32 << 20)
        store.expectServesOthers("a gzip bomb")
    }
}

/// gzip made by hand (RFC 1951 §3.2.6).
enum Deflate {
    /// 258 zeros for each block, in 13 bits.
    static func zeros(blocks: Int) -> Bytes {
        var bytes: Bytes = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var bits: UInt64 = 0
        var count = 0
        func put(_ code: UInt64, _ length: Int, _ bits: inout UInt64, _ count: inout Int) {
            for place in (0..<length).reversed() {
                bits |= (code >> place & 1) << count
                count += 1
            }
        }
        put(1, 1, &bits, &count)
        // Fixed codes; two bits with the low one first.
        put(0b10, 2, &bits, &count)
        put(0b0011_0000, 8, &bits, &count)
        for _ in 0..<blocks {
            put(0b1100_0101, 8, &bits, &count)
            put(0, 5, &bits, &count)
            while count >= 8 {
                bytes.append(UInt8(bits & 255))
                bits >>= 8
                count -= 8
            }
        }
        put(0, 7, &bits, &count)
        while count > 0 {
            bytes.append(UInt8(bits & 255))
            bits >>= 8
            count -= 8
        }
        return bytes
    }
}
