import Primitives
import Raft
import StoreModel
import Testing
import Verification

@testable import Simulator

/// The checkers that live beside the running cluster, on violations made by hand; those of whole
/// histories are tested in VerificationTests.
@Suite struct CheckerTests {
    private func checker(_ body: () throws(RunFailure) -> Void) -> String? {
        do throws(RunFailure) { try body() } catch { return error.checker }
        return nil
    }

    private func entry(_ index: UInt64, _ term: UInt64 = 2) -> EntryID {
        EntryID(index: LogIndex(index), term: Term(term))
    }

    private func put(_ revision: Int64) -> Event {
        Event(
            kind: .put,
            keyValue: KeyValue(
                key: [1], value: [2], createRevision: Revision(revision),
                modRevision: Revision(revision), version: 1, lease: .zero))
    }

    @Test func `R1 a member votes once in a term`() throws {
        var truth = Truth()
        try truth.record(vote: PeerID(1), for: PeerID(2), in: Term(3))
        try truth.record(vote: PeerID(1), for: PeerID(2), in: Term(3))
        try truth.record(vote: PeerID(1), for: PeerID(3), in: Term(4))
        #expect(
            checker { () throws(RunFailure) in
                try truth.record(vote: PeerID(1), for: PeerID(3), in: Term(3))
            } == "R1")
    }

    @Test func `R4 and S1 members apply the same with the same outcome`() throws {
        var truth = Truth()
        try truth.bootstrap(entries: 1)
        try truth.record(
            entry(2), prefixHash: 7, outcomeHash: 8, revision: Revision(2), [put(2)], by: PeerID(1))
        let again = try truth.record(
            entry(2), prefixHash: 7, outcomeHash: 8, revision: Revision(2), [put(2)], by: PeerID(2))
        #expect(!again)
        #expect(truth.revision(after: LogIndex(2)) == Revision(2))
        #expect(
            checker { () throws(RunFailure) in
                try truth.record(
                    entry(2), prefixHash: 9, outcomeHash: 8, revision: Revision(2), [],
                    by: PeerID(3))
            } == "R4")
        #expect(
            checker { () throws(RunFailure) in
                try truth.record(
                    entry(2), prefixHash: 7, outcomeHash: 9, revision: Revision(2), [],
                    by: PeerID(3))
            } == "S1")
    }

    @Test func `S3 a change makes one revision and nothing else does`() throws {
        for (revision, changes) in [(Revision(3), [put(3)]), (Revision(1), [put(1)])] {
            var truth = Truth()
            try truth.bootstrap(entries: 1)
            #expect(
                checker { () throws(RunFailure) in
                    try truth.record(
                        entry(2), prefixHash: 1, outcomeHash: 1, revision: revision, changes,
                        by: PeerID(1))
                } == "S3")
        }
        var truth = Truth()
        try truth.bootstrap(entries: 1)
        #expect(
            checker { () throws(RunFailure) in
                try truth.record(
                    entry(2), prefixHash: 1, outcomeHash: 1, revision: Revision(2), [],
                    by: PeerID(1))
            } == "S3")
    }

    @Test func `S1 and S2 equal indexes have equal states`() throws {
        var truth = Truth()
        try truth.record(stateHash: 5, at: LogIndex(9), by: PeerID(1))
        try truth.record(stateHash: 5, at: LogIndex(9), by: PeerID(2))
        #expect(
            checker { () throws(RunFailure) in
                try truth.record(stateHash: 6, at: LogIndex(9), by: PeerID(2), checker: "S2")
            } == "S2")
    }

    // Raft §5.4: what is committed later, in a higher term, a late leader need not have.
    @Test func `R3 leaders need what earlier terms committed`() {
        var truth = Truth()
        truth.noteCommit(through: LogIndex(5), in: Term(2))
        truth.noteCommit(through: LogIndex(7), in: Term(2))
        truth.noteCommit(through: LogIndex(9), in: Term(4))
        #expect(truth.committed(before: Term(2)) == .zero)
        #expect(truth.committed(before: Term(3)) == LogIndex(7))
        #expect(truth.committed(before: Term(4)) == LogIndex(7))
        #expect(truth.committed(before: Term(5)) == LogIndex(9))
        #expect(truth.commitIndex == LogIndex(9))
    }

    // Raft §6, thesis §4.1. RELIABILITY B20: two single steps from one membership may have
    // majorities that do not meet.
    @Test func `R7 majorities of memberships that may follow each other meet`() {
        func peers(_ numbers: [UInt64]) -> [PeerID] { numbers.map { PeerID($0) } }
        let three = Membership(voters: peers([1, 2, 3]))
        let four = Membership(voters: peers([1, 2, 3, 4]))
        let others = Membership(voters: peers([1, 2, 5]))
        let joint = Membership(voters: peers([1, 2, 5]), outgoingVoters: peers([1, 2, 3]))
        let foreign = Membership(voters: peers([1, 4, 5]))
        #expect(MembershipRules.quorumsIntersect(three, four))
        #expect(MembershipRules.quorumsIntersect(three, joint))
        #expect(MembershipRules.quorumsIntersect(joint, others))
        #expect(!MembershipRules.quorumsIntersect(three, others))
        #expect(!MembershipRules.quorumsIntersect(three, foreign))
        #expect(!MembershipRules.quorumsIntersect(four, Membership(voters: peers([1]))))
        #expect(MembershipRules.isQuorum(peers([1, 2]), of: three))
        #expect(!MembershipRules.isQuorum(peers([1, 2]), of: four))
        #expect(!MembershipRules.isQuorum(peers([1, 5]), of: joint))
        #expect(MembershipRules.isQuorum(peers([1, 2]), of: joint))
    }

    @Test func `a shadow log knows what is durable and in force`() {
        func membership(_ numbers: [UInt64]) -> Membership {
            Membership(voters: numbers.map { PeerID($0) })
        }
        var log = ShadowLog()
        log.reset(to: entry(4), hash: 1, membership: membership([1]))
        for index in 5...7 as ClosedRange<UInt64> {
            let payload: Entry.Payload =
                index == 6 ? .membership(membership([1, 2]), context: []) : .command([1])
            _ = log.append(Entry(term: Term(2), index: LogIndex(index), payload: payload))
        }
        log.beginSync(through: LogIndex(7))
        #expect(log.durable == LogIndex(4))
        #expect(log.membership == membership([1, 2]))
        // What is replaced while it is being written is not durable by that write.
        let hadMembership = log.truncate(from: LogIndex(6), last: entry(5))
        #expect(hadMembership)
        #expect(log.membership == membership([1]))
        _ = log.append(Entry(term: Term(3), index: LogIndex(6), payload: .noOp))
        log.endSync()
        #expect(log.durable == LogIndex(5))
        log.beginSync(through: LogIndex(6))
        log.endSync()
        #expect(log.durable == LogIndex(6))
        log.release(through: LogIndex(5))
        #expect(log.hashes.first == LogIndex(5))
        let hadAnother = log.truncate(from: LogIndex(6), last: entry(5))
        #expect(!hadAnother)
    }

    @Test func `the reference store is what the log of events makes of it`() {
        var log = EventLog()
        log.append(Revision(2), [put(2)])
        let deletion = KeyValue(
            key: [1], value: [], createRevision: .zero, modRevision: Revision(3), version: 0,
            lease: .zero)
        log.append(Revision(3), [Event(kind: .delete, keyValue: deletion)])
        let store = ReferenceStore(log)
        #expect(store.contents(at: Revision(1)).isEmpty)
        #expect(store.contents(at: Revision(2)) == [put(2).keyValue])
        #expect(store.contents(at: Revision(3)).isEmpty)
    }

    @Test func `a violation goes by the name of its checker`() {
        #expect(RunFailure(Violation(.watch(.bookmarkable), "")).checker == "W5")
        #expect(RunFailure(Violation(.watch(.genuine), "")).checker == "W")
        #expect(RunFailure(Violation(.lease(.renewalErrors), "")).checker == "L3")
        #expect(RunFailure(Violation(.lostWrite, "")).checker == "R8")
        #expect(RunFailure(Violation(.staleRead, "")).checker == "C1")
    }
}
