import MVCC
import Primitives
import StoreModel
import Testing

#if SIMULATION
/// The deliberate bugs of this module do what the simulator's checkers are to notice.
@Suite struct MutationTests {
    private func store(_ mutation: Mutation?) throws -> TestStore {
        var limits = StoreLimits()
        limits.mutation = mutation
        return try TestStore(limits)
    }

    @Test(arguments: [nil, Mutation.commitsAppliedIndexSeparately])
    func `the applied index may come a batch late`(mutation: Mutation?) throws {
        var store = try store(mutation)
        for number in 0..<4 {
            try store.put("a", "\(number)")
            try store.commit()
        }
        let hash = store.machine.stateHash()
        try store.kill()
        store.replay()
        #expect((store.machine.stateHash() == hash) == (mutation == nil))
        #expect((store.machine.revision == Revision(5)) == (mutation == nil))
    }

    @Test(arguments: [nil, Mutation.revisionFromLastKeptRecord])
    func `the revision may be derived from what is left`(mutation: Mutation?) throws {
        var store = try store(mutation)
        try store.put("a", "1")
        try store.put("b", "1")
        try store.delete("b")
        try store.succeed(.compact(Revision(4)))
        try store.compactAll()
        try store.kill()
        #expect(store.machine.revision == Revision(mutation == nil ? 4 : 2))
        // Everything else goes on.
        try store.put("c", "1")
        try store.commit()
        #expect(try store.contents() == "a=1 c=1")
        try store.kill()
        #expect(try store.contents() == "a=1 c=1")
    }

    @Test(arguments: [nil, Mutation.canary])
    func `an acknowledged put may be forgotten`(mutation: Mutation?) throws {
        var store = try store(mutation)
        for number in 0..<30 { try store.put("k\(number)", "1") }
        #expect((store.machine.keyCount == 30) == (mutation == nil))
        #expect(store.machine.keyCount >= 25)
        store.machine.checkInvariants()
    }
}
#endif
