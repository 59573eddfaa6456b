import Environment
import MVCC
import Primitives
import StoreModel
import Testing

/// The state machine against the plainest possible store, through restarts and compactions.
@Suite struct RandomComparisonTests {
    /// What may happen between commands.
    private enum Upset: CaseIterable {
        case none
        case commits
        case commitsAndKills
    }

    @Test(arguments: 0..<30)
    func `every answer is that of a store that keeps everything`(seed: Int) throws {
        // RELIABILITY B41: deletes and ranges against a model that reads no buffers.
        var commands = RandomCommands(seed: UInt64(seed))
        var naive = NaiveStore()
        var store = try TestStore()
        let upset = Upset.allCases[seed % 3]
        for step in 0..<400 {
            if commands.random.chance(0.03) {
                commands.term = commands.term.next
                store.term = commands.term
            }
            store.machine.recordsPreviousVersions = seed % 2 == 0
            let command = commands.command(naive)
            let expected = naive.apply(command, term: commands.term)
            let outcome = store.apply(command)
            try #require(describe(outcome) == describe(expected), "\(step): \(command)")
            try compareEvents(outcome, naive, seed % 2 == 0)
            try upsetStore(&store, upset, &commands.random)
            try compareReads(store, naive, &commands)
            if step % 40 == 0 { store.machine.checkInvariants() }
        }
        try compareHistory(store, naive, &commands)
        store.machine.checkInvariants()
        try store.commit()
        try store.kill()
        store.machine.checkInvariants()
        try compareHistory(store, naive, &commands)
    }

    private func describe(_ outcome: ApplyOutcome) -> String {
        let events = outcome.events.map { "\($0.kind) \($0.keyValue)" }
        return "\(outcome.revision) \(outcome.result) \(events)"
    }

    private func compareEvents(
        _ outcome: ApplyOutcome, _ naive: NaiveStore, _ hasPrevious: Bool
    ) throws {
        guard let first = outcome.events.first else { return }
        let before = naive.state(at: first.keyValue.modRevision.previous)
        for event in outcome.events {
            let previous = before.first { $0.key == event.keyValue.key }
            try #require(event.previous == (hasPrevious ? previous : nil))
        }
    }

    private func upsetStore(
        _ store: inout TestStore, _ upset: Upset, _ random: inout SplitMix64
    ) throws {
        if upset == .none { return }
        if random.chance(0.2) { _ = store.machine.compactSlice(recordsMax: 1 + random.below(5)) }
        if random.chance(0.1) { try store.commit() }
        if random.chance(0.3) { try store.advanceCommit() }
        if upset == .commitsAndKills, random.chance(0.05) {
            try store.kill()
            store.replay()
        }
    }

    private func compareReads(
        _ store: TestStore, _ naive: NaiveStore, _ commands: inout RandomCommands
    ) throws {
        for _ in 0..<4 {
            let request = commands.rangeRequest(naive)
            let expected = result { () throws(StoreError) in try naive.range(request) }
            let found = result { () throws(StoreError) in try store.machine.range(request) }
            try #require(found == expected, "\(request)")
        }
        try #require(store.machine.keyCount == naive.state().count)
        try #require(store.machine.leaseIDs == naive.leases.keys.sorted())
        for id in store.machine.leaseIDs {
            try #require(
                store.machine.lease(id, wantsKeys: true)?.keys == naive.keys(of: id))
        }
        try #require(store.machine.alarms == naive.alarms)
        try #require(store.machine.roster.map(\.0) == naive.roster.keys.sorted())
    }

    private func compareHistory(
        _ store: TestStore, _ naive: NaiveStore, _ commands: inout RandomCommands
    ) throws {
        for wantsPrevious in [false, true] {
            let first = max(naive.compactRevision, Revision(2))
            guard first <= naive.revision else { return }
            var events: [Event] = []
            var next = first
            while next <= naive.revision {
                let slice = store.machine.events(
                    from: next, wantsPrevious: wantsPrevious,
                    recordsMax: 1 + commands.random.below(10), bytesMax: 200,
                    isWanted: { _ in true })
                try #require(slice.next > next)
                events += slice.events
                next = slice.next
            }
            try #require(events == naive.events(from: first, wantsPrevious: wantsPrevious))
        }
    }

    private func result<Value>(
        _ body: () throws(StoreError) -> Value
    ) -> Result<Value, StoreError> {
        Result { () throws(StoreError) in try body() }
    }
}
