import NameService
import Primitives
import ServiceModel
import Testing

/// What holds for every answer, whatever the zone says.
struct ResponseTests {
    private let web = "web.default.svc.cluster.local"

    /// RFC 4343: case does not matter, but the client sees its own question again; some check it.
    @Test func `the case of a question is kept`() throws {
        let asked = "WeB.deFAULT.Svc.CLUSTER.locaL"
        let answer = try #require(try exampleZone().answer(query(asked, .a, id: 4_711)))
        #expect(answer.id == 4_711)
        #expect(answer.questions == [DNSQuestion(name: name(asked), type: .a)])
        #expect(answer.told == ["NOERROR aa", asked + ". 5 A 127.64.0.1"])
    }

    @Test func `an answer says that it is one, and that there is no recursion`() throws {
        let answer = try #require(try exampleZone().answer(query(web, .a)))
        #expect(answer.flags.isResponse)
        #expect(answer.flags.wantsRecursion)
        #expect(answer.flags.rawValue & 0x80 == 0)
        #expect(answer.additionals.isEmpty)
    }

    @Test func `what is no query at all gets no answer`() throws {
        let zone = try exampleZone()
        #expect(zone.response(to: [], over: .datagram) == nil)
        #expect(zone.response(to: Bytes(repeating: 0, count: 11), over: .datagram) == nil)
        let answer = query(web, .a) { $0.flags.isResponse = true }
        #expect(zone.response(to: answer, over: .datagram) == nil)
    }

    @Test func `a malformed query is answered with its number alone`() throws {
        let zone = try exampleZone()
        let whole = query(web, .a, id: 77, datagramBytes: 1_232)
        for count in 12..<whole.count {
            let answer = try #require(try zone.answer(Bytes(whole.prefix(count))))
            #expect(answer.told == ["FORMERR"])
            #expect(answer.id == 77)
            #expect(answer.questions.isEmpty)
        }
        #expect(try zone.answer(whole + [0])?.told == ["FORMERR"])
    }

    /// RFC 9619.
    @Test(arguments: [0, 2]) func `a query has one question`(count: Int) throws {
        let many = query(web, .a) {
            $0.questions = Array(repeating: $0.questions[0], count: count)
        }
        #expect(try exampleZone().answer(many)?.told == ["FORMERR"])
    }

    @Test(arguments: [1, 2, 4, 5, 15] as [UInt8])
    func `other operations are not offered`(operation: UInt8) throws {
        let update = query(web, .a) { $0.flags.operation = operation }
        let answer = try #require(try exampleZone().answer(update))
        #expect(answer.told == ["NOTIMP"])
        #expect(answer.flags.operation == operation)
    }

    @Test func `other classes are refused`() throws {
        let chaos = query("version.cluster.local", .txt) { $0.questions[0].recordClass = 3 }
        #expect(try exampleZone().answer(chaos)?.told == ["REFUSED"])
    }

    /// RFC 6891 §6.1.1 and §6.1.3, RFC 3225 §3.
    @Test func `extended queries get extended answers`() throws {
        let zone = try exampleZone()
        let plain = try #require(try zone.answer(query(web, .a, datagramBytes: 4_096)))
        #expect(plain.additionals == [options(1_232)])
        #expect(plain.told == ["NOERROR aa", "\(web). 5 A 127.64.0.1"])
        let signed = query(web, .a) { $0.additionals = [options(512, ttlSeconds: 0x8000)] }
        #expect(try zone.answer(signed)?.additionals == [options(1_232, ttlSeconds: 0x8000)])
        let newer = query(web, .a) { $0.additionals = [options(512, ttlSeconds: 0x1_0000)] }
        let refusal = try #require(try zone.answer(newer))
        #expect(refusal.flags.result == .success)
        #expect(refusal.additionals == [options(1_232, ttlSeconds: 0x0100_0000)])
        #expect(refusal.answers.isEmpty)
    }

    @Test func `a query has one record of options, of the root`() throws {
        let zone = try exampleZone()
        let twice = query(web, .a) { $0.additionals = [options(512), options(512)] }
        #expect(try zone.answer(twice)?.told == ["FORMERR"])
        let elsewhere = query(web, .a) {
            $0.additionals = [options(512)]
            $0.additionals[0].name = name("a")
        }
        #expect(try zone.answer(elsewhere)?.told == ["FORMERR"])
    }

    @Test(arguments: [
        (nil, DNSCarrier.datagram, 512), (0, .datagram, 512), (600, .datagram, 600),
        (1_232, .datagram, 1_232), (65_535, .datagram, 1_232), (nil, .stream, 65_535),
        (512, .stream, 65_535),
    ] as [(UInt16?, DNSCarrier, Int)])
    func `an answer that is too long is cut and says so`(
        size: UInt16?, carrier: DNSCarrier, limitBytes: Int
    ) throws {
        var zone = try exampleZone()
        try zone.replace(databaseService(200))
        let asked = query("db.shop.svc.cluster.local", .a, datagramBytes: size)
        let bytes = try #require(zone.response(to: asked, over: carrier))
        let answer = try DNSMessage(decoding: bytes)
        #expect(bytes.count <= limitBytes)
        #expect(answer.flags.isTruncated == (carrier == .datagram))
        // Each further record takes 16 bytes.
        #expect(answer.answers.count == 200 || bytes.count > limitBytes - 16)
        #expect(answer.additionals.count == (size == nil ? 0 : 1))
    }

    /// RFC 2181 §9: only what was asked for matters.
    @Test func `additional records are left out without a word`() throws {
        var zone = try exampleZone()
        try zone.replace(databaseService(7))
        let asked = query("_sql._tcp.db.shop.svc.cluster.local", .srv)
        let answer = try #require(try zone.answer(asked))
        #expect(answer.answers.count == 7)
        #expect(answer.additionals.count < 7)
        #expect(!answer.flags.isTruncated)
    }

    @Test func `the first of several addresses is another one from query to query`() throws {
        var zone = try exampleZone()
        try zone.replace(databaseService(10))
        var first: [UInt16: Int] = [:]
        for id in 0..<1_000 as Range<UInt16> {
            let asked = query("db.shop.svc.cluster.local", .a, id: id)
            let answer = try #require(try zone.answer(asked))
            #expect(Set(answer.answers).count == 10)
            guard case .address(let address) = answer.answers[0].data else { continue }
            first[UInt16(address.octets[3]), default: 0] += 1
        }
        #expect(first.count == 10)
        #expect(first.values.allSatisfy { $0 == 100 })
    }

    /// An answer names its owner by a pointer to the question: two bytes, not thirty.
    @Test func `names are written once`() throws {
        let asked = query("db.shop.svc.cluster.local", .a)
        let bytes = try #require(try exampleZone().response(to: asked, over: .datagram))
        #expect(bytes.count == asked.count + 2 * 16)
    }
}
