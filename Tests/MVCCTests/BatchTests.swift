import Environment
import MVCC
import Primitives
import SimulatedEnvironment
import StoreModel
import Testing

/// What batches hold, and what is read while they are on their way.
@Suite struct BatchTests {
    private var store: TestStore

    init() throws {
        store = try TestStore()
    }

    @Test mutating func `nothing applied, nothing to commit`() throws {
        let nothing = store.machine.takeBatch()
        #expect(nothing == nil)
        try store.put("a", "1")
        #expect(store.machine.uncommittedRecordCount == 1)
        try store.commit()
        #expect(store.machine.uncommittedRecordCount == 0)
        let nothingMore = store.machine.takeBatch()
        #expect(nothingMore == nil)
        store.machine.skip(to: LogIndex(2), term: Term(4))
        let skipped = store.machine.takeBatch()
        #expect(skipped != nil)
    }

    @Test mutating func `the applied entry is durable together with what it did`() throws {
        // RELIABILITY B37: the applied index and the data are one change (etcd's postmortem of
        // 3.5.0): after any crash both are there or neither is.
        store.machine.membershipRecord = bytes("members")
        for round in 1...20 {
            store.term = Term(UInt64(round) / 5 + 1)
            try store.put("k\(round % 7)", "\(round)")
            if round % 3 == 0 {
                try store.succeed(.leaseGrant(LeaseID(Int64(round)), ttlSeconds: 9))
            }
            if round % 4 == 0 { try store.commit() }
            let view = store.provider.durableView()
            let position = try StateMachine.position(in: view)
            let copy = store.provider.copy()
            let durable = try StateMachine(limits: StoreLimits(), backend: copy.open())
            #expect(position?.index ?? .zero == durable.appliedIndex)
            #expect(position?.term ?? .zero == durable.appliedTerm)
            #expect(position?.membershipRecord ?? [] == durable.membershipRecord)
            // Exactly the state that the log makes up to there.
            var expected = try TestStore()
            expected.machine.membershipRecord = durable.membershipRecord
            for entry in store.log[..<Int(durable.appliedIndex.rawValue)] {
                expected.term = entry.term
                expected.apply(entry.command!)
            }
            #expect(durable.stateHash() == expected.machine.stateHash())
        }
    }

    @Test mutating func `entries can be applied and read while a batch is on its way`() throws {
        try store.put("a", "1")
        try store.put("b", "1")
        let taken = store.machine.takeBatch()
        let first = try #require(taken)
        try store.put("a", "2")
        try store.delete("b")
        #expect(try store.contents() == "a=2")
        #expect(try store.contents(at: Revision(3)) == "a=1 b=1")
        #expect(store.machine.uncommittedRecordCount == 2)
        try store.backend.commit(first)
        #expect(try store.contents(at: Revision(3)) == "a=1 b=1")
        store.machine.batchCommitted()
        #expect(try store.contents() == "a=2")
        #expect(try store.contents(at: Revision(3)) == "a=1 b=1")
        store.machine.checkInvariants()
        let hash = store.machine.stateHash()
        try store.kill()
        #expect(try store.contents() == "a=1 b=1")
        store.replay()
        #expect(store.machine.stateHash() == hash)
    }

    @Test mutating func `small batches share a block, large ones are cut into several`() throws {
        for number in 0..<40 {
            try store.put("k\(number)", "small")
            try store.commit()
        }
        #expect(store.provider.durableView().count(.records) == 1)
        try store.kill()
        for number in 0..<40 { try store.put("l\(number)", String(repeating: "v", count: 10_000)) }
        try store.commit()
        let count = store.provider.durableView().count(.records)
        #expect(count > 2 && count < 20)
        #expect(store.machine.keyCount == 80)
        store.machine.checkInvariants()
        try store.kill()
        #expect(store.machine.keyCount == 80)
        store.machine.checkInvariants()
    }

    @Test mutating func `records compacted before they left never leave`() throws {
        for number in 0..<50 { try store.put("k", "value \(number)") }
        try store.succeed(.compact(store.machine.revision))
        while store.machine.compactSlice(recordsMax: 7) {}
        try store.commit()
        let bytes = store.rows().filter { $0.table == .records }.reduce(0) { $0 + $1.value.count }
        #expect(bytes < 100)
        try store.delete("k")
        try store.put("z", "1")
        try store.succeed(.compact(store.machine.revision))
        try store.compactAll()
        store.machine.checkInvariants()
        try store.kill()
        #expect(try store.contents() == "z=1")
        store.machine.checkInvariants()
    }

    @Test mutating func `a backend that cannot show a commit yet loses nothing`() throws {
        try store.put("a", "1")
        let calls = store.provider.callCount
        store.provider.failCall(
            number: calls + 2, with: .error(.failed(operation: "refresh", reason: "test")))
        try store.commit()
        #expect(try store.contents() == "a=1")
        try store.put("a", "2")
        try store.commit()
        #expect(try store.contents() == "a=2")
        #expect(try store.contents(at: Revision(2)) == "a=1")
        store.machine.checkInvariants()
    }

    @Test mutating func `a state without entries has no position`() throws {
        #expect(try StateMachine.position(in: store.backend) == nil)
        #expect(store.machine.appliedIndex == .zero)
        #expect(store.machine.membershipRecord == [])
    }
}
