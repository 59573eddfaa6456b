import NameService
import Primitives
import ServiceModel
import Testing

/// The form of messages: RFC 1035 §4.
struct MessageTests {
    /// One record of each kind.
    private func richMessage() -> DNSMessage {
        var message = DNSMessage(id: 0xBEEF, flags: DNSFlags(rawValue: 0x8583))
        let owner = name("Web.default.svc.cluster.local")
        message.questions = [DNSQuestion(name: owner, type: .any)]
        let host = name("host.default.svc.cluster.local")
        let contents: [(RecordType, RecordData)] = [
            (.a, .address(IPv4Address(127, 64, 0, 1))), (.cname, .name(host)),
            (.ptr, .name(.root)), (.txt, .texts([[], Bytes(repeating: 7, count: 255)])),
            (
                .srv,
                .service(
                    ServiceLocation(priority: 1, weight: 2, port: .max, target: host))
            ),
            (RecordType(28), .raw(Bytes(1...16))),
        ]
        message.answers = contents.map { type, data in
            DNSRecord(name: owner, type: type, ttlSeconds: 5, data: data)
        }
        let authority = StartOfAuthority(
            server: host, mailbox: name("a.b"), serial: .max, negativeSeconds: 9)
        message.authorities = [
            DNSRecord(name: .root, type: .soa, ttlSeconds: 0, data: .authority(authority)),
            DNSRecord(name: host, type: .ns, ttlSeconds: .max, data: .name(owner)),
        ]
        message.additionals = [
            options(1_232, ttlSeconds: 1),
            DNSRecord(
                name: owner, type: .a, recordClass: 3, ttlSeconds: 5, data: .raw([1, 2])),
        ]
        return message
    }

    /// The message with OPT as the last record, where it is written.
    private func sorted(_ message: DNSMessage) -> DNSMessage {
        var copy = message
        copy.additionals =
            message.additionals.filter { $0.type != .opt }
            + message.additionals.filter { $0.type == .opt }
        return copy
    }

    @Test func `what was written is read`() throws {
        let message = richMessage()
        #expect(try DNSMessage(decoding: message.encoded()) == sorted(message))
    }

    @Test func `every cut of a message is an error`() {
        let bytes = richMessage().encoded()
        for count in 0..<bytes.count {
            #expect(throws: DNSDecodingError.self) {
                try DNSMessage(decoding: Bytes(bytes.prefix(count)))
            }
        }
        #expect(throws: DNSDecodingError.trailing(at: bytes.count)) {
            try DNSMessage(decoding: bytes + [0])
        }
    }

    /// A cut message is a whole one with fewer records.
    @Test func `every limit gives a message that can be read`() throws {
        let message = richMessage()
        let bytes = message.encoded()
        var counts: Set<Int> = []
        for limitBytes in 60...bytes.count {
            let cut = message.encoded(limitBytes: limitBytes)
            #expect(cut.count <= limitBytes)
            let read = try DNSMessage(decoding: cut)
            #expect(read.additionals.contains { $0.type == .opt })
            #expect(message.answers.starts(with: read.answers))
            counts.insert(read.answers.count + read.authorities.count)
        }
        #expect(counts == Set(0...8))
    }

    /// What can be read at all is read the same after it was written again.
    @Test func `every flipped bit is an error or another message`() {
        let bytes = richMessage().encoded()
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            expectStable(flipped)
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `random bytes are an error or a message`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let zone = try exampleZone()
        let whole = richMessage().encoded()
        let asked = query("_sql._tcp.db.shop.svc.cluster.local", .srv, datagramBytes: 800)
        for round in 0..<1_000 {
            var bytes = round % 3 == 0 ? whole : asked
            if round % 3 == 1 {
                bytes = (0..<generator.below(80)).map { _ in UInt8(generator.below(256)) }
            }
            for _ in 0..<generator.below(6) where !bytes.isEmpty {
                // Mostly small numbers and pointers: lengths and counts are where it hurts.
                let values: [UInt8] = [0, 1, 12, 63, 64, 0xC0, 0xFF, UInt8(generator.below(256))]
                bytes[generator.below(bytes.count)] = values[generator.below(values.count)]
            }
            expectStable(bytes)
            for carrier in [DNSCarrier.datagram, .stream] {
                guard let answer = zone.response(to: bytes, over: carrier) else { continue }
                #expect(answer.prefix(2) == bytes.prefix(2))
                #expect(throws: Never.self) { try DNSMessage(decoding: answer) }
            }
        }
    }

    private func expectStable(_ bytes: Bytes) {
        // An error is as good as a message here.
        guard let message = try? DNSMessage(decoding: bytes) else { return }
        #expect(throws: Never.self) {
            let again = try DNSMessage(decoding: message.encoded())
            #expect(again == sorted(message))
        }
    }

    @Test(arguments: [
        // To itself, forward, into the header, in a circle, and of the kinds that are not used.
        [0xC0, 12], [0xC0, 14], [0xC0, 0], [1, 97, 0xC0, 12], [0x40, 0], [0x80, 0],
    ] as [Bytes])
    func `bad names are refused`(bytes: Bytes) {
        let header: Bytes = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        #expect(throws: DNSDecodingError.self) {
            try DNSMessage(decoding: header + bytes + [0, 1, 0, 1])
        }
    }

    /// Pointers have 14 bits: what stands further behind cannot be led to.
    @Test func `names beyond the reach of pointers are written out`() throws {
        var message = DNSMessage(id: 1, flags: DNSFlags())
        let long = RecordData.texts(Array(repeating: Bytes(repeating: 7, count: 255), count: 64))
        let late = DNSRecord(
            name: name("late.example"), type: .cname, ttlSeconds: 5, data: .name(name("b.example")))
        message.answers = [
            DNSRecord(name: .root, type: .txt, ttlSeconds: 5, data: long), late, late,
        ]
        let bytes = message.encoded()
        #expect(bytes.count > 0x4000)
        #expect(try DNSMessage(decoding: bytes) == message)
    }

    @Test func `a name of 255 bytes is one, a longer one is not`() {
        let label = String(repeating: "a", count: 63)
        let three = [label, label, label].joined(separator: ".")
        #expect(DNSName(three + "." + String(repeating: "b", count: 61)) != nil)
        #expect(DNSName(three + "." + String(repeating: "b", count: 62)) == nil)
        #expect(DNSName(label + "a") == nil)
        #expect(DNSName("a..b") == nil)
        #expect(DNSName(".") == .root)
        #expect(DNSName("a.") == DNSName("a"))
    }

    @Test func `pointers do not make longer names than plain ones`() {
        let header: Bytes = [0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0]
        // Each name is a label of 63 bytes before the name before.
        let label: Bytes = [63] + Bytes(repeating: 97, count: 63)
        var bytes = header + label + [0, 0, 1, 0, 1]
        var last = 12
        for _ in 1..<5 {
            let here = bytes.count
            bytes += label + [0xC0 | UInt8(last >> 8), UInt8(last & 255), 0, 1, 0, 1]
            last = here
        }
        #expect(throws: DNSDecodingError.self) { try DNSMessage(decoding: bytes) }
    }

    @Test func `names are written with escapes where they would be misread`() {
        let odd = DNSName(labels: [Bytes("a.b\\\"".utf8), [0, 200, 32], Bytes("c".utf8)])
        #expect(odd?.description == #"a\.b\\\".\000\200\032.c."#)
        #expect(DNSName.root.description == ".")
    }
}
