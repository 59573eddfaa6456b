import Primitives
import ReplicatedStore
import StoreModel
import Testing

@testable import EtcdServer

/// How members introduce themselves.
@Suite struct `Greetings of peers` {
    private static let greeting = PeerGreeting(
        purpose: .messages, clusterID: .max, from: PeerID(1), to: PeerID(2),
        appliedIndex: LogIndex(9), peerURLs: ["http://a:1", ""])

    private static let answers: [PeerAnswer] = [
        .welcome, .refused(PeerRefusal(.removed, "because")),
        .members(
            clusterID: 5,
            [
                MemberDescription(
                    id: PeerID(3),
                    attributes: MemberAttributes(
                        name: "m", peerURLs: ["http://a:1"], clientURLs: ["http://b:2"]),
                    isLearner: true)
            ]),
    ]

    @Test func `a greeting is read back, and none of its truncations`() throws {
        let bytes = Self.greeting.encoded
        #expect(try PeerGreeting(decoding: bytes) == Self.greeting)
        for count in 0..<bytes.count {
            #expect(throws: PeerRefusal.self) {
                try PeerGreeting(decoding: Bytes(bytes.prefix(count)))
            }
        }
    }

    @Test(arguments: answers)
    func `an answer is read back, and none of its truncations`(answer: PeerAnswer) throws {
        let bytes = answer.encoded
        #expect(try PeerAnswer(decoding: bytes) == answer)
        for count in 0..<bytes.count {
            #expect(throws: PeerRefusal.self) {
                try PeerAnswer(decoding: Bytes(bytes.prefix(count)))
            }
        }
    }

    @Test func `every flipped bit is refused or makes another greeting`() {
        let bytes = Self.greeting.encoded
        for position in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[position / 8] ^= 1 << UInt8(position % 8)
            // Refused is fine; what is read must be written as it was read.
            guard let read = try? PeerGreeting(decoding: damaged) else { continue }
            #expect(read.encoded == damaged)
        }
    }

    @Test func `another version is told apart from other bytes`() {
        var bytes = Self.greeting.encoded
        bytes[PeerGreeting.magic.count] += 1
        #expect(reason { try PeerGreeting(decoding: bytes) } == .otherVersion)
        #expect(reason { try PeerGreeting(decoding: Bytes("GET / HTTP/1.1".utf8)) } == .malformed)
    }

    private func reason(_ body: () throws -> PeerGreeting) -> PeerRefusal.Reason? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? PeerRefusal)?.reason
        }
    }

    /// What member 2 answers, whose log has the members 1 and 2 and which has applied entry 20.
    private func refusal(
        cluster: UInt64 = 7, from: UInt64 = 1, to: UInt64 = 2, applied: UInt64 = 9
    ) -> PeerRefusal.Reason? {
        let facts = PeerFacts(
            id: PeerID(2), clusterID: 7, appliedIndex: LogIndex(20), isMember: true,
            peerURLs: [],
            members: [1, 2].map {
                MemberDescription(
                    id: PeerID($0), attributes: MemberAttributes(), isLearner: false)
            })
        let greeting = PeerGreeting(
            purpose: .messages, clusterID: cluster, from: PeerID(from), to: PeerID(to),
            appliedIndex: LogIndex(applied), peerURLs: [])
        do throws(PeerRefusal) {
            try PeerLinks.check(greeting, facts)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `only members of the cluster are let in`() {
        #expect(refusal() == nil)
        #expect(refusal(cluster: 8) == .otherCluster)
        #expect(refusal(to: 3) == .otherMember)
    }

    // RELIABILITY B17: a removed member is told so; one that is newer than this log is let in.
    @Test func `a removed member is told so and a new one is not`() {
        #expect(refusal(from: 3, applied: 15) == .removed)
        #expect(refusal(from: 3, applied: 0) == nil)
        #expect(refusal(from: 3, applied: 21) == nil)
    }
}
