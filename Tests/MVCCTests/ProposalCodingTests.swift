import MVCC
import Primitives
import StoreModel
import Testing

/// docs/formats/proposal.md: what goes through the log.
@Suite struct ProposalCodingTests {
    private static let transaction = TransactionRequest(
        compares: [
            Compare(one("a"), .equal, .version(1)),
            Compare(range("a", "b"), .greater, .create(Revision(2))),
            Compare(everything, .less, .mod(Revision(3))),
            Compare(one("b"), .notEqual, .value(bytes("v"))),
            Compare(one("c"), .equal, .lease(LeaseID(4))),
        ],
        success: [
            .put(
                PutRequest(
                    key: bytes("k"), value: bytes("v"), lease: LeaseID(-5), wantsPrevious: true)),
            .range(rangeRequest), .deleteRange(DeleteRangeRequest(everything, wantsPrevious: true)),
        ],
        failure: [.transaction(TransactionRequest(success: [get(one("x"))]))])

    private static var rangeRequest: RangeRequest {
        var request = RangeRequest(
            range("k", "l"), limit: 5, revision: Revision(6), sortOrder: .descending,
            sortTarget: .value, isKeysOnly: true)
        request.minModRevision = Revision(1)
        request.maxModRevision = Revision(2)
        request.minCreateRevision = Revision(3)
        request.maxCreateRevision = Revision(4)
        return request
    }

    private static let commands: [Command] = [
        .put(PutRequest(key: bytes("key"), value: Bytes(repeating: 7, count: 40))),
        .put(PutRequest(key: bytes("key"), value: [], ignoresValue: true, ignoresLease: true)),
        .deleteRange(DeleteRangeRequest(range("a", "b"))), .transaction(transaction),
        .transaction(TransactionRequest()), .compact(Revision(9)),
        .leaseGrant(LeaseID(-1), ttlSeconds: 60), .leaseRevoke(LeaseID(.max)),
        .leaseExpire([LeaseID(1), LeaseID(2)], term: Term(3), asOf: LogIndex(4)),
        .leaseExpire([], term: Term(3), asOf: .zero),
        .leaseCheckpoint(
            [LeaseCheckpoint(id: LeaseID(1), remainingSeconds: 5)], term: Term(3),
            asOf: LogIndex(1 << 40)),
        .activateAlarm(Alarm(member: PeerID(1), kind: .noSpace)),
        .deactivateAlarm(Alarm(member: PeerID(2), kind: .corrupt)), .setMember(PeerID(3), nil),
        .setMember(
            PeerID(3), MemberAttributes(name: "ü", peerURLs: ["p", "q"], clientURLs: ["c"])),
    ]

    private func proposal(_ command: Command) -> Proposal {
        Proposal(origin: PeerID(0xFEDC_BA98), requestNumber: 1 << 40, command: command)
    }

    @Test(arguments: commands)
    func `a proposal is read as it was written`(command: Command) throws {
        let encoded = proposal(command).encoded()
        #expect(try Proposal(decoding: encoded) == proposal(command))
        let address = try Proposal.address(of: encoded)
        #expect(address.origin == PeerID(0xFEDC_BA98))
        #expect(address.requestNumber == 1 << 40)
    }

    @Test(arguments: commands)
    func `a proposal that is cut or has something behind it is refused`(command: Command) {
        let encoded = proposal(command).encoded()
        for count in encoded.indices {
            #expect(throws: DecodingError.self) { try Proposal(decoding: Bytes(encoded[..<count])) }
        }
        #expect(throws: DecodingError.self) { try Proposal(decoding: encoded + [0]) }
    }

    @Test(arguments: commands)
    func `no flipped bit is read as the same proposal, and none traps`(command: Command) {
        let encoded = proposal(command).encoded()
        for bit in 0..<encoded.count * 8 {
            var damaged = encoded
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // Refused, which is best.
            guard let read = try? Proposal(decoding: damaged) else { continue }
            #expect(read != proposal(command) || damaged[0] == 1)
            // A changed version byte may be that of version 1, which is never written.
            #expect(read.encoded() == damaged || damaged[0] == 1)
        }
    }

    @Test func `random bytes are refused or read, never trapped on`() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            var noise: Bytes = [2]
            for _ in 0..<16 { noise.append(UInt8(random.below(256))) }
            noise.append(UInt8(random.below(13)))
            for _ in 0..<random.below(60) { noise.append(UInt8(random.below(random.below(8) + 1))) }
            // What can be read has one encoding.
            if let read = try? Proposal(decoding: noise) {
                #expect(read.encoded() == noise)
            }
        }
    }

    @Test func `a proposal of version 1 does not say which leases its leader knew`() throws {
        var writer = ByteWriter()
        writer.write(UInt8(1))
        writer.write(UInt64(5))
        writer.write(UInt64(6))
        writer.write(UInt8(7))
        writer.write(UInt64(3))
        writer.write(UInt32(1))
        writer.write(Int64(9))
        let read = try Proposal(decoding: writer.bytes)
        #expect(
            read
                == Proposal(
                    origin: PeerID(5), requestNumber: 6,
                    command: .leaseExpire([LeaseID(9)], term: Term(3), asOf: LogIndex(.max))))
    }

    @Test func `transactions too deep to be read are refused`() {
        var request = TransactionRequest()
        for depth in 0..<80 {
            let encoded = proposal(.transaction(request)).encoded()
            // Refused or not is the question.
            #expect((try? Proposal(decoding: encoded)) != nil || depth > 64)
            request = TransactionRequest(success: [.transaction(request)])
        }
        let encoded = proposal(.transaction(request)).encoded()
        #expect(throws: DecodingError.self) { try Proposal(decoding: encoded) }
    }
}
