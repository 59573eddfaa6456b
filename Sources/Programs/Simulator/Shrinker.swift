/// Makes a failing run smaller while it keeps failing: leaves out ingredients one by one, then
/// operations by halves, then faults of the schedule by ever smaller groups (delta debugging,
/// Zeller and Hildebrandt 2002).
package struct Shrinker {
    /// Runs that it may try.
    package var triesMax: Int
    /// Runs that it tried.
    package private(set) var tries = 0
    private let fails: (RunRequest) -> Bool
    private let note: (String) -> Void

    /// `fails` says whether a run still fails in the way that matters; `note` gets one line for
    /// each step that succeeded.
    package init(
        triesMax: Int = 400, note: @escaping (String) -> Void = { _ in },
        fails: @escaping (RunRequest) -> Bool
    ) {
        self.triesMax = triesMax
        self.note = note
        self.fails = fails
    }

    /// The smallest failing run that was found.
    package mutating func shrink(_ request: RunRequest) -> RunRequest {
        var best = request
        dropIngredients(&best)
        halveOperations(&best)
        dropFaults(&best)
        dropIngredients(&best)
        return best
    }

    private mutating func tryOut(_ candidate: RunRequest) -> Bool {
        guard tries < triesMax else { return false }
        tries += 1
        return fails(candidate)
    }

    private mutating func dropIngredients(_ best: inout RunRequest) {
        for ingredient in RunPlan(best).ingredients.all {
            var candidate = best
            candidate.without = (best.without + [ingredient]).sorted()
            if tryOut(candidate) {
                best = candidate
                note("without \(ingredient.name)")
            }
        }
    }

    private mutating func halveOperations(_ best: inout RunRequest) {
        var high = best.operationsMax ?? RunPlan(best).knobs.operationsMax
        var low = 0
        while low < high, high - low > high / 20 {
            let middle = (low + high) / 2
            var candidate = best
            candidate.operationsMax = middle
            if tryOut(candidate) {
                best = candidate
                high = middle
                note("with \(middle) operations")
            } else {
                low = middle + 1
            }
        }
    }

    private mutating func dropFaults(_ best: inout RunRequest) {
        var groups = 2
        while true {
            let faults = RunPlan(best).schedule.map(\.id)
            guard !faults.isEmpty, groups <= 2 * faults.count else { return }
            let size = max(1, faults.count / groups)
            var hasShrunk = false
            var start = 0
            while start < faults.count {
                let group = faults[start..<min(start + size, faults.count)]
                var candidate = best
                candidate.withoutFaults = (best.withoutFaults + group).sorted()
                if tryOut(candidate) {
                    best = candidate
                    hasShrunk = true
                    note("without \(group.count) faults")
                }
                start += size
            }
            if size == 1 && !hasShrunk { return }
            if !hasShrunk { groups *= 2 }
            guard tries < triesMax else { return }
        }
    }
}
