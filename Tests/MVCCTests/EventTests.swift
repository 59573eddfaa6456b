import MVCC
import Primitives
import StoreModel
import Testing

/// Reading history for watches that lag.
@Suite struct EventTests {
    private var store: TestStore
    private var published: [Event] = []

    /// Some revisions of one event, some of three; half of them in the backend.
    init() throws {
        store = try TestStore()
        store.machine.recordsPreviousVersions = true
        for round in 0..<20 {
            let request = TransactionRequest(success: [
                put("a", "\(round)"), put("b\(round % 4)"), delete(one("b\((round + 2) % 4)")),
            ])
            let command: Command =
                round % 3 == 0
                ? .transaction(request)
                : .put(PutRequest(key: bytes("c"), value: bytes("\(round)")))
            published += store.apply(command).events
            if round == 10 { try store.commit() }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 100], [1, 20, 10_000])
    func `history is what was published, in whole revisions`(
        recordsMax: Int, bytesMax: Int
    ) {
        var read: [Event] = []
        var next = Revision(1)
        while next <= store.machine.revision {
            let slice = store.machine.events(
                from: next, wantsPrevious: true, recordsMax: recordsMax, bytesMax: bytesMax,
                isWanted: { _ in true })
            #expect(slice.next > next)
            let revisions = slice.events.map(\.keyValue.modRevision)
            #expect(revisions.allSatisfy { $0 >= next && $0 < slice.next })
            if recordsMax <= 3 { #expect(slice.events.count <= recordsMax + 2) }
            read += slice.events
            next = slice.next
        }
        #expect(next == store.machine.revision.next)
        #expect(read == published)
    }

    @Test func `only wanted keys are answered, but all count`() {
        let slice = store.machine.events(
            from: Revision(2), wantsPrevious: false, recordsMax: 1_000, bytesMax: 100_000,
            isWanted: { $0 == bytes("c") })
        let expected = published.filter { $0.keyValue.key == bytes("c") }.map(\.keyValue)
        #expect(slice.events.map(\.keyValue) == expected)
        #expect(slice.events.allSatisfy { $0.previous == nil })
        let none = store.machine.events(
            from: Revision(2), wantsPrevious: false, recordsMax: 2, bytesMax: 100_000,
            isWanted: { _ in false })
        #expect(none.events.isEmpty)
        #expect(none.next == Revision(3))
    }

    @Test mutating func `history is the same after a restart`() throws {
        try store.commit()
        try store.kill()
        let slice = store.machine.events(
            from: Revision(2), wantsPrevious: true, recordsMax: 1_000, bytesMax: 100_000,
            isWanted: { _ in true })
        #expect(slice.events == published)
        #expect(slice.next == store.machine.revision.next)
    }

    @Test(arguments: [2, 5, 11, 14, 21])
    func `history is complete from the compact revision on`(floor: Int64) throws {
        // RELIABILITY B47: the compact revision itself can be watched, deletions included.
        for isSwept in [false, true] {
            var store = self.store
            try store.succeed(.compact(Revision(floor)))
            if isSwept { while store.machine.compactSlice(recordsMax: 3) {} }
            let slice = store.machine.events(
                from: Revision(floor), wantsPrevious: true, recordsMax: 1_000, bytesMax: 100_000,
                isWanted: { _ in true })
            let expected = published.filter { $0.keyValue.modRevision >= Revision(floor) }.map {
                var event = $0
                if event.keyValue.modRevision == Revision(floor) { event.previous = nil }
                return event
            }
            #expect(slice.events == expected)
        }
    }
}
