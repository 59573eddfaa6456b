import Primitives
import Testing

@testable import Simulator

/// Whole runs: they pass, they repeat themselves, and they tell what happened.
@Suite struct RunTests {
    /// One seed of each profile; `make simulate` runs many more.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a seed passes, twice with equal hashes`(_ seed: UInt64) {
        let plan = RunPlan(RunRequest(seed: seed))
        var first = Simulation(plan, recordsHashes: true)
        let one = first.run()
        #expect(one.failure == nil, "seed \(seed): \(one.failure?.description ?? "")")
        #expect(one.operations > 0 && one.events > 0)
        var second = Simulation(plan, trace: .last(1), recordsHashes: true)
        let two = second.run()
        #expect(one.hash == two.hash)
        #expect(one.eventHashes == two.eventHashes)
        #expect(one.coverage == two.coverage)
    }

    @Test func `other seeds are other runs`() {
        let hashes = ([11, 21, 31] as [UInt64]).map { seed in
            var simulation = Simulation(RunPlan(RunRequest(seed: seed, profile: .single)))
            return simulation.run().hash
        }
        #expect(Set(hashes).count == 3)
    }

    @Test func `a put that all members forget is noticed`() {
        var simulation = Simulation(RunPlan(MutationHunt(.canary).request(0)))
        let checker = simulation.run().failure?.checker
        #expect(checker == "C1" || checker == "R8")
    }

    @Test func `the profiles take turns`() {
        let profiles = (0..<UInt64(Profile.allCases.count)).map { Profile(seed: $0) }
        #expect(Set(profiles).count == Profile.allCases.count)
        for profile in Profile.allCases {
            let ingredients = RunPlan(RunRequest(seed: 3, profile: profile)).ingredients
            #expect(profile.demanded.allSatisfy(ingredients.contains))
            #expect(!profile.forbidden.contains { ingredients.contains($0) })
        }
    }

    @Test func `the trace of a quiet run with one member`() {
        var request = RunRequest(seed: 8, profile: .single)
        request.without = Ingredient.allCases
        request.operationsMax = 3
        var simulation = Simulation(RunPlan(request), trace: .everything)
        let result = simulation.run()
        #expect(result.failure == nil)
        #expect(
            result.trace.joined(separator: "\n") == """
                0.000 s  seed 8, profile single
                0.000 s  contains:\u{20}
                0.000 s  m1 starts
                0.200 s  m1 is asked (1): put k2=0.0.0
                0.201 s  m1 is asked (2): put k1=1.0.0
                0.202 s  m1 is asked (3): delete k..<l
                0.498 s  m1 becamePreCandidate(term: 1)
                0.498 s  m1 becameCandidate(term: 2)
                0.499 s  m1 becameLeader(term: 2)
                0.499 s  m1 leaderChanged(1, term: 2)
                0.500 s  m1 applies 3@2: put k2=0.0.0 → revision 2
                0.500 s  m1 applies 4@2: put k1=1.0.0 → revision 3
                0.500 s  m1 applies 5@2: delete k..<l → revision 4
                0.500 s  m1 answers (1): revision 2: done
                0.500 s  m1 answers (2): revision 3: done
                0.500 s  m1 answers (3): revision 4: deleted 2
                34.000 s  heals m1
                35.000 s  not yet: no new write was acknowledged
                35.000 s  m1 is asked (4): put probe=probe 35000000000
                35.000 s  m1 applies 6@2: put probe=probe 35000000000 → revision 5
                35.000 s  m1 answers (4): revision 5: done
                """)
    }

    @Test func `a trace keeps its last lines, or passes all on at once`() {
        var last = Trace(.last(2))
        for line in ["a", "b", "c"] { last.add(line) }
        #expect(last.kept == ["b", "c"])
        var seen: [String] = []
        var streamed = Trace(.off, sink: { seen.append($0) })
        #expect(streamed.isOn)
        streamed.add("a")
        #expect(seen == ["a"] && streamed.kept.isEmpty)
        #expect(!Trace(.off).isOn)
    }

    @Test(arguments: [Profile.calm, .crashes, .network])
    func `clients that keep up complete their operations in spite of faults`(_ profile: Profile) {
        var request = RunRequest(seed: 4, profile: profile)
        request.without = Ingredient.allCases.filter { ![.crash, .delay].contains($0) }
        request.rate = 100
        var simulation = Simulation(RunPlan(request))
        let result = simulation.run()
        #expect(result.failure == nil)
        #expect(Int64(result.completed) * second >= 100 * result.simulatedNanoseconds)
        #expect(result.operations >= result.completed)
        #expect(result.coverage.count(.hundredOperationsASecondCompleted) == 1)
    }

    @Test func `a report comes back from its line`() {
        var result = RunResult(
            seed: 7, failure: RunFailure("R5", "lost\tin\ntwo lines"), failedAt: 5,
            simulatedNanoseconds: 9, events: 3, operations: 2, completed: 1, hash: 1 << 63,
            eventHashes: [], coverage: Coverage(), trace: [])
        result.coverage.reach(.leaseExpired)
        var report = RunReport(result)
        report.processorMicroseconds = 12
        let back = RunReport(line: report.line)
        #expect(back?.failure == RunFailure("R5", "lost in two lines"))
        report.failure = back?.failure
        #expect(back == report)
        result.failure = nil
        #expect(RunReport(line: RunReport(result).line) == RunReport(result))
        #expect(RunReport(line: "begin\t7") == nil)
        #expect(RunReport(line: "") == nil)
    }
}
