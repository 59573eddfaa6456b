import Testing

@testable import Simulator

/// Failing runs get smaller and stay failing.
@Suite struct ShrinkerTests {
    @Test func `only what a failure needs is left`() throws {
        let start = RunRequest(seed: 12, profile: .crashes)
        let plan = RunPlan(start)
        let faults = plan.schedule.filter { $0.kind.ingredient == .crash }.map(\.id)
        let needed = [try #require(faults.first), try #require(faults.last)]
        func fails(_ request: RunRequest) -> Bool {
            let plan = RunPlan(request)
            let left = plan.schedule.map(\.id)
            return needed.allSatisfy(left.contains) && plan.knobs.operationsMax >= 37
        }
        #expect(fails(start))
        var steps: [String] = []
        var shrinker = Shrinker(note: { steps.append($0) }, fails: fails)
        let smallest = shrinker.shrink(start)
        let left = RunPlan(smallest)
        #expect(fails(smallest))
        #expect(left.schedule.map(\.id) == needed)
        #expect(left.ingredients.all == [.crash])
        #expect((37...40).contains(left.knobs.operationsMax))
        #expect(!steps.isEmpty)
    }

    @Test func `a real failure shrinks to a run that fails in the same way`() {
        let hunt = MutationHunt(.acknowledgesAppendBeforeSync)
        func checker(_ request: RunRequest) -> String? {
            var simulation = Simulation(RunPlan(request))
            return simulation.run().failure?.checker
        }
        let found = (0..<20).map(hunt.request).first { checker($0) != nil }
        guard let found, let name = checker(found) else {
            Issue.record("nothing fails")
            return
        }
        var shrinker = Shrinker(triesMax: 60, fails: { checker($0) == name })
        let smallest = shrinker.shrink(found)
        #expect(checker(smallest) == name)
        #expect(RunPlan(smallest).ingredients.all.count < RunPlan(found).ingredients.all.count)
        #expect(shrinker.tries <= 60)
    }
}
