import MVCC
import Primitives
import StoreModel
import Testing

/// What members agree on, and that they do.
@Suite struct StateHashTests {
    @Test(arguments: 0..<12)
    func `members with equal logs agree whatever they went through`(seed: Int) throws {
        // RELIABILITY B42: the state hangs on the log alone, not on commits, restarts or how far
        // a compaction has come.
        var commands = RandomCommands(seed: UInt64(seed) + 500)
        var naive = NaiveStore()
        var calm = try TestStore()
        var busy = try TestStore()
        for _ in 0..<300 {
            if commands.random.chance(0.05) { commands.term = commands.term.next }
            (calm.term, busy.term) = (commands.term, commands.term)
            let command = commands.command(naive)
            _ = naive.apply(command, term: commands.term)
            calm.machine.recordsPreviousVersions = commands.random.chance(0.5)
            let outcomes = [calm.apply(command), busy.apply(command)]
            #expect("\(outcomes[0].result)" == "\(outcomes[1].result)")
            if commands.random.chance(0.3) {
                _ = busy.machine.compactSlice(recordsMax: 1 + commands.random.below(4))
            }
            if commands.random.chance(0.1) { try busy.commit() }
            if commands.random.chance(0.5) { try busy.advanceCommit() }
            if commands.random.chance(0.1) {
                try busy.kill()
                busy.replay()
            }
            try #require(calm.machine.stateHash() == busy.machine.stateHash())
        }
        for revision in naive.compactRevision.rawValue...naive.revision.rawValue {
            let asked = Revision(revision)
            #expect(try calm.machine.hashKV(through: asked) == busy.machine.hashKV(through: asked))
        }
        try busy.compactAll()
        #expect(calm.machine.stateHash() == busy.machine.stateHash())
        #expect(try calm.machine.hashKV(through: .zero) == busy.machine.hashKV(through: .zero))
    }

    private static let changes: [Command] = [
        .put(PutRequest(key: bytes("a"), value: bytes("2"))),
        .put(PutRequest(key: bytes("a"), value: bytes("1"), lease: LeaseID(7))),
        .put(PutRequest(key: bytes("b"), value: bytes("1"))),
        .deleteRange(DeleteRangeRequest(one("a"))), .compact(Revision(2)),
        .leaseGrant(LeaseID(8), ttlSeconds: 1), .leaseRevoke(LeaseID(7)),
        .leaseCheckpoint(
            [LeaseCheckpoint(id: LeaseID(7), remainingSeconds: 3)], term: Term(1),
            asOf: LogIndex(.max)),
        .activateAlarm(Alarm(member: PeerID(1), kind: .corrupt)),
        .setMember(PeerID(1), MemberAttributes(name: "x")),
    ]

    @Test func `every kind of difference shows`() throws {
        var hashes: Set<UInt64> = []
        for command in Self.changes {
            var store = try TestStore()
            try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 60))
            try store.put("a", "1")
            store.apply(command)
            #expect(hashes.insert(store.machine.stateHash()).inserted, "\(command)")
        }
    }

    @Test func `a difference in old revisions shows, and in compacted ones does not`() throws {
        var stores: [TestStore] = []
        for value in ["1", "2"] {
            var store = try TestStore()
            try store.put("a", value)
            try store.put("a", "same")
            stores.append(store)
        }
        #expect(stores[0].machine.stateHash() != stores[1].machine.stateHash())
        #expect(
            try stores[0].machine.hashKV(through: .zero).hash
                != stores[1].machine.hashKV(through: .zero).hash)
        for index in stores.indices { try stores[index].succeed(.compact(Revision(3))) }
        #expect(stores[0].machine.stateHash() == stores[1].machine.stateHash())
        #expect(
            try stores[0].machine.hashKV(through: .zero)
                == stores[1].machine.hashKV(through: .zero))
    }

    @Test func `the hash of history goes up to a revision`() throws {
        var store = try TestStore()
        try store.put("a", "1")
        try store.put("b", "1")
        let first = try store.machine.hashKV(through: Revision(2))
        let second = try store.machine.hashKV(through: .zero)
        #expect(first.revision == Revision(2))
        #expect(second.revision == Revision(3))
        #expect(first.hash != second.hash)
        try store.commit()
        try store.put("c", "1")
        #expect(try store.machine.hashKV(through: Revision(3)) == second)
        try store.succeed(.compact(Revision(3)))
        let machine = store.machine
        #expect(throws: StoreError.compacted(floor: Revision(3))) {
            _ = try machine.hashKV(through: Revision(2))
        }
        #expect(throws: StoreError.futureRevision(current: Revision(4))) {
            _ = try machine.hashKV(through: Revision(5))
        }
        #expect(try machine.hashKV(through: Revision(3)).compactRevision == Revision(3))
    }
}
