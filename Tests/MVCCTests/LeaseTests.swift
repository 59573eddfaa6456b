import Environment
import MVCC
import Primitives
import StoreModel
import Testing

/// Leases as the log knows them; clocks are elsewhere.
@Suite struct LeaseTests {
    private var store: TestStore

    init() throws {
        store = try TestStore()
        store.term = Term(3)
        try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 60))
    }

    private func keys(_ id: Int64) -> [String]? {
        store.machine.lease(LeaseID(id), wantsKeys: true)?.keys.map(text)
    }

    @Test mutating func `a grant is answered with its time, and made once`() throws {
        #expect(
            try store.succeed(.leaseGrant(LeaseID(8), ttlSeconds: 5))
                == .leaseGrant(LeaseID(8), ttlSeconds: 5))
        #expect(store.refusal(.leaseGrant(LeaseID(8), ttlSeconds: 5)) == .leaseExists)
        #expect(store.refusal(.leaseGrant(.zero, ttlSeconds: 5)) == .leaseNotFound)
        #expect(
            store.refusal(.leaseGrant(LeaseID(9), ttlSeconds: 9_000_000_001)) == .leaseTTLTooLarge)
        try store.succeed(.leaseGrant(LeaseID(9), ttlSeconds: 9_000_000_000))
        #expect(store.machine.leaseIDs == [LeaseID(7), LeaseID(8), LeaseID(9)])
        #expect(store.machine.revision == Revision(1))
        #expect(store.machine.lease(LeaseID(10), wantsKeys: true) == nil)
        #expect(
            store.machine.lease(LeaseID(8), wantsKeys: false)
                == LeaseDescription(id: LeaseID(8), grantedTTLSeconds: 5))
    }

    @Test mutating func `keys follow the lease of their last put`() throws {
        try store.succeed(.leaseGrant(LeaseID(8), ttlSeconds: 60))
        try store.put("b", "1", lease: LeaseID(7))
        try store.put("a", "1", lease: LeaseID(7))
        try store.put("c", "1", lease: LeaseID(7))
        #expect(keys(7) == ["a", "b", "c"])
        try store.put("a", "2", lease: LeaseID(8))
        try store.put("b", "2")
        try store.delete("c")
        #expect(keys(7) == [])
        #expect(keys(8) == ["a"])
        try store.commit()
        try store.kill()
        #expect(keys(7) == [])
        #expect(keys(8) == ["a"])
        store.machine.checkInvariants()
    }

    @Test mutating func `the end of a lease deletes its keys in one revision`() throws {
        // RELIABILITY B50: no key outlives its lease, whoever ends it.
        for key in ["c", "a", "b"] { try store.put(key, "1", lease: LeaseID(7)) }
        try store.put("free", "1")
        let outcome = store.apply(.leaseRevoke(LeaseID(7)))
        #expect(outcome.events.map { text($0.keyValue.key) } == ["a", "b", "c"])
        #expect(outcome.events.allSatisfy { $0.keyValue.modRevision == Revision(6) })
        #expect(try store.contents() == "free=1")
        #expect(!store.machine.hasLease(LeaseID(7)))
        #expect(store.refusal(.leaseRevoke(LeaseID(7))) == .leaseNotFound)
    }

    @Test mutating func `a lease without keys ends without a revision`() throws {
        try store.succeed(.leaseRevoke(LeaseID(7)))
        #expect(store.machine.revision == Revision(1))
    }

    @Test mutating func `only the clock of the entry's own term ends and shortens leases`() throws {
        // RELIABILITY B50: an old leader must not revoke what a new one renews (etcd #15247).
        try store.put("a", "1", lease: LeaseID(7))
        let now = LogIndex(.max)
        for term in [Term(2), Term(4)] {
            let checkpoint = LeaseCheckpoint(id: LeaseID(7), remainingSeconds: 9)
            for command in [
                Command.leaseExpire([LeaseID(7)], term: term, asOf: now),
                .leaseCheckpoint([checkpoint], term: term, asOf: now),
            ] {
                #expect(try store.succeed(command) == .none)
            }
        }
        #expect(store.machine.hasLease(LeaseID(7)))
        #expect(store.machine.leaseTerms.map(\.remainingSeconds) == [0])
        try store.succeed(
            .leaseExpire([LeaseID(9), LeaseID(7), LeaseID(7)], term: Term(3), asOf: now))
        #expect(!store.machine.hasLease(LeaseID(7)))
        #expect(try store.contents() == "")
    }

    @Test mutating func `leases that expire together take one revision`() throws {
        try store.succeed(.leaseGrant(LeaseID(8), ttlSeconds: 60))
        try store.put("b", "1", lease: LeaseID(7))
        try store.put("a", "1", lease: LeaseID(8))
        let outcome = store.apply(
            .leaseExpire(
                [LeaseID(7), LeaseID(8)], term: Term(3), asOf: store.machine.appliedIndex))
        #expect(outcome.events.map { text($0.keyValue.key) } == ["b", "a"])
        #expect(outcome.revision == Revision(4))
    }

    @Test mutating func `checkpoints survive restarts`() throws {
        // RELIABILITY B50: a new leader does not start from the whole time again.
        try store.succeed(
            .leaseCheckpoint(
                [
                    LeaseCheckpoint(id: LeaseID(7), remainingSeconds: 9),
                    LeaseCheckpoint(id: LeaseID(8), remainingSeconds: 9),
                ], term: Term(3), asOf: LogIndex(1)))
        try store.commit()
        try store.kill()
        #expect(store.machine.leaseTerms.map(\.id) == [LeaseID(7)])
        #expect(store.machine.leaseTerms.map(\.ttlSeconds) == [60])
        #expect(store.machine.leaseTerms.map(\.remainingSeconds) == [9])
        try store.succeed(
            .leaseCheckpoint(
                [LeaseCheckpoint(id: LeaseID(7), remainingSeconds: 0)], term: Term(3),
                asOf: LogIndex(1)))
        #expect(store.machine.leaseTerms.map(\.remainingSeconds) == [0])
    }

    @Test mutating func `a lease is not touched by what was meant for an earlier one`() throws {
        let before = store.machine.appliedIndex
        try store.succeed(.leaseRevoke(LeaseID(7)))
        try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 30))
        try store.put("a", "1", lease: LeaseID(7))
        // The leader that proposed these had applied only the first grant.
        let checkpoint = LeaseCheckpoint(id: LeaseID(7), remainingSeconds: 1)
        try store.succeed(.leaseCheckpoint([checkpoint], term: Term(3), asOf: before))
        #expect(store.machine.leaseTerms.map(\.remainingSeconds) == [0])
        let late = Command.leaseExpire([LeaseID(7)], term: Term(3), asOf: before)
        #expect(store.apply(late).events.isEmpty)
        #expect(store.machine.hasLease(LeaseID(7)))
        // A member that started from its backend in between decides alike.
        var other = store
        try store.commit()
        try store.kill()
        #expect(store.apply(late).events.isEmpty)
        #expect(other.apply(late).events.isEmpty)
        #expect(store.machine.stateHash() == other.machine.stateHash())
        try store.succeed(
            .leaseExpire([LeaseID(7)], term: Term(3), asOf: store.machine.appliedIndex))
        #expect(!store.machine.hasLease(LeaseID(7)))
    }

    @Test mutating func `a lease stored by an older build is still one`() throws {
        try store.commit()
        var batch = BackendBatch()
        var value = ByteWriter()
        value.write(UInt8(1))
        value.write(Int64(60))
        value.write(Int64(9))
        batch.put(.leases, key: [0, 0, 0, 0, 0, 0, 0, 7], value: value.bytes)
        try store.backend.commit(batch)
        try store.kill()
        #expect(store.machine.leaseTerms.map(\.ttlSeconds) == [60])
        #expect(store.machine.leaseTerms.map(\.remainingSeconds) == [9])
        try store.succeed(
            .leaseExpire([LeaseID(7)], term: Term(3), asOf: store.machine.appliedIndex))
        #expect(store.machine.leaseIDs == [])
    }

    @Test mutating func `a put is refused or not by the replicated leases alone`() throws {
        // RELIABILITY B42: lease presence must not depend on what a member knows by itself
        // (etcd #11689): one that restarted agrees with one that did not.
        var other = store
        try store.commit()
        try store.kill()
        for command in [
            Command.put(PutRequest(key: [1], value: [1], lease: LeaseID(7))),
            .leaseRevoke(LeaseID(7)),
            .put(PutRequest(key: [1], value: [1], lease: LeaseID(7))),
        ] {
            #expect("\(store.apply(command))" == "\(other.apply(command))")
        }
        #expect(store.machine.stateHash() == other.machine.stateHash())
    }
}
