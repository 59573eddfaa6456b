import Environment
import MVCC
import Primitives
import SimulatedEnvironment
import StoreModel
import Testing

/// What compactions forbid, keep and remove, and what a crash in their middle leaves.
@Suite struct CompactionTests {
    private var store: TestStore

    /// a: 2, 5; b: 3, deleted at 6; c: 4; d: 7, deleted at 8; a again at 9.
    init() throws {
        store = try TestStore()
        for key in ["a", "b", "c", "a"] { try store.put(key, "\(store.machine.revision)") }
        try store.delete("b")
        try store.put("d", "x")
        try store.delete("d")
        try store.put("a", "y")
    }

    @Test mutating func `revisions at or below an earlier compaction, or to come, are refused`()
        throws
    {
        let refusals: [(Int64, StoreError?)] = [
            (0, .compacted(floor: .zero)), (-1, .compacted(floor: .zero)),
            (10, .futureRevision(current: Revision(9))), (5, nil),
            (5, .compacted(floor: Revision(5))), (4, .compacted(floor: Revision(5))), (9, nil),
            (10, .futureRevision(current: Revision(9))),
        ]
        for (revision, error) in refusals {
            #expect(store.refusal(.compact(Revision(revision))) == error)
        }
        #expect(store.machine.revision == Revision(9))
        #expect(store.machine.compactRevision == Revision(9))
    }

    @Test(arguments: 2...9)
    func `what can be read afterwards is as before`(floor: Int64) throws {
        var store = self.store
        var before: [String] = []
        for revision in floor...9 { before.append(try store.contents(at: Revision(revision))) }
        try store.succeed(.compact(Revision(floor)))
        try store.compactAll(recordsMax: 1)
        #expect(!store.machine.isCompacting)
        for (offset, contents) in before.enumerated() {
            #expect(try store.contents(at: Revision(floor + Int64(offset))) == contents)
        }
        store.machine.checkInvariants()
        try store.kill()
        #expect(!store.machine.isCompacting)
        for (offset, contents) in before.enumerated() {
            #expect(try store.contents(at: Revision(floor + Int64(offset))) == contents)
        }
        #expect(store.machine.revision == Revision(9))
    }

    @Test mutating func `the newest version of each key stays, deletions vanish`() throws {
        try store.commit()
        try store.succeed(.compact(Revision(9)))
        try store.compactAll()
        try store.put("e", "z")
        let slice = store.machine.events(
            from: Revision(9), wantsPrevious: false, recordsMax: 100, bytesMax: 10_000,
            isWanted: { _ in true })
        #expect(slice.events.map { text($0.keyValue.key) } == ["a", "e"])
        #expect(try store.contents() == "a=y c=3 e=z")
    }

    @Test mutating func `a deletion at the compact revision can still be watched`() throws {
        // RELIABILITY B47: etcd dropped the event of a deletion at exactly the compact revision
        // (#18089), though a watch may start there (#19179).
        try store.succeed(.compact(Revision(8)))
        try store.compactAll()
        try store.kill()
        let slice = store.machine.events(
            from: Revision(8), wantsPrevious: true, recordsMax: 100, bytesMax: 10_000,
            isWanted: { _ in true })
        #expect(slice.events.map(\.kind) == [.delete, .put])
        #expect(slice.events.map { text($0.keyValue.key) } == ["d", "a"])
        // What came before the compact revision may be gone, and is not answered.
        #expect(slice.events[0].previous == nil)
        #expect(slice.events[1].previous == version("a", "4", create: 2, mod: 5, version: 2))
        // The next compaction takes it.
        try store.succeed(.compact(Revision(9)))
        try store.compactAll()
        #expect(store.machine.keyCount == 2)
    }

    @Test mutating func `a key may come and go within the compact revision`() throws {
        // etcd refuses a put after a deletion in one revision, but not a deletion after a put.
        store.machine.recordsPreviousVersions = true
        let outcome = store.apply(
            .transaction(
                TransactionRequest(success: [
                    .transaction(TransactionRequest(success: [put("a"), put("n")])),
                    .transaction(TransactionRequest(success: [delete(range("a", "z"))])),
                ])))
        let before = version("a", "y", create: 2, mod: 9, version: 3)
        #expect(outcome.events.map(\.kind) == [.put, .put, .delete, .delete, .delete])
        // What was there before the revision, not before the change (W8).
        #expect(outcome.events.map { $0.previous?.modRevision.rawValue } == [9, nil, 9, 4, nil])
        #expect(outcome.events[2].previous == before)
        let hash = store.machine.stateHash()
        for isSwept in [false, true] {
            try store.commit()
            try store.kill()
            if isSwept {
                try store.succeed(.compact(Revision(10)))
                try store.compactAll(recordsMax: 1)
                try store.kill()
            } else {
                #expect(store.machine.stateHash() == hash)
            }
            let slice = store.machine.events(
                from: Revision(10), wantsPrevious: !isSwept, recordsMax: 100, bytesMax: 10_000,
                isWanted: { _ in true })
            let expected = outcome.events.map { event in
                Event(
                    kind: event.kind, keyValue: event.keyValue,
                    previous: isSwept ? nil : event.previous)
            }
            #expect(slice.events == expected)
            #expect(try store.contents() == "")
            store.machine.checkInvariants()
        }
    }

    @Test mutating func `the revision does not go back when the newest records vanish`() throws {
        // RELIABILITY B39: the revision is stored, not derived from what is left (etcd #17780).
        try store.delete("a", [0])
        try store.put("z", "1")
        try store.delete("z")
        let revision = store.machine.revision
        try store.succeed(.compact(revision))
        try store.compactAll(recordsMax: 1)
        try store.kill()
        #expect(store.machine.revision == revision)
        #expect(store.machine.compactRevision == revision)
        #expect(try store.put("n", "1") == revision.next)
    }

    @Test func `a crash at any point of a compaction leaves what a restart finishes`() throws {
        // RELIABILITY B39: crash between any two batches of one compaction.
        var undisturbed = store
        try undisturbed.succeed(.compact(Revision(8)))
        try undisturbed.compactAll()
        for slices in 0..<12 {
            for commitsLast in [false, true] {
                var store = try TestStore()
                for entry in self.store.log { store.apply(entry.command!) }
                try store.commit()
                try store.succeed(.compact(Revision(8)))
                try store.commit()
                for slice in 0..<slices {
                    _ = store.machine.compactSlice(recordsMax: 1)
                    if slice < slices - 1 || commitsLast { try store.commit() }
                }
                try store.kill()
                store.replay()
                #expect(store.machine.revision == Revision(9))
                #expect(store.machine.compactRevision == Revision(8))
                #expect(store.machine.stateHash() == undisturbed.machine.stateHash())
                #expect(try store.contents(at: Revision(8)) == "a=4 c=3")
                store.machine.checkInvariants()
                try store.compactAll(recordsMax: 1)
                store.machine.checkInvariants()
                #expect(store.machine.stateHash() == undisturbed.machine.stateHash())
            }
        }
    }

    @Test mutating func `a compaction under way is taken over by the next`() throws {
        try store.succeed(.compact(Revision(5)))
        _ = store.machine.compactSlice(recordsMax: 1)
        try store.succeed(.compact(Revision(9)))
        try store.compactAll(recordsMax: 1)
        #expect(try store.contents() == "a=y c=3")
        store.machine.checkInvariants()
        try store.kill()
        #expect(!store.machine.isCompacting)
        store.machine.checkInvariants()
    }

    @Test mutating func `slices are bounded, and one key with a long history is no exception`()
        throws
    {
        for number in 0..<100 { try store.put("hot", "\(number)") }
        try store.commit()
        try store.succeed(.compact(store.machine.revision))
        var slices = 1
        while store.machine.compactSlice(recordsMax: 10) {
            slices += 1
            store.machine.checkInvariants()
        }
        #expect(slices >= 10)
        #expect(try store.contents() == "a=y c=3 hot=99")
    }

    @Test mutating func `compacted blocks are removed or written again without what is gone`()
        throws
    {
        let value = String(repeating: "v", count: 1_000)
        for round in 0..<3 {
            for number in 0..<400 { try store.put("k\(number)", value + "\(round)") }
            try store.commit()
        }
        for number in 0..<100 { try store.delete("k\(number)") }
        try store.commit()
        let before = store.rows().reduce(0) { $0 + $1.value.count }
        try store.succeed(.compact(store.machine.revision))
        try store.compactAll(recordsMax: 50)
        let after = store.rows().reduce(0) { $0 + $1.value.count }
        #expect(after < before / 2, "\(after) bytes of \(before) are left")
        #expect(store.machine.keyCount == 302)
        store.machine.checkInvariants()
        let hash = store.machine.stateHash()
        try store.kill()
        #expect(store.machine.stateHash() == hash)
        store.machine.checkInvariants()
    }
}
