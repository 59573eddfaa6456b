import Primitives
import StoreModel
import Testing

@testable import Verification

/// Both checkers of histories judge the same histories of a toy store, thousands of them
/// (RELIABILITY C2: (a) is fast and trusts revisions, (b) is slow and trusts nothing).
@Suite struct `Agreement of the checkers` {
    private let seeds: Range<UInt64> = 0..<1_500

    @Test(arguments: ToyBug.allCases)
    func `the revision-order checker and Wing-Gong-Lowe give the same verdicts`(_ bug: ToyBug) {
        var violations = 0
        for seed in seeds {
            let history = ToyStore.history(seed: seed, bug: bug, count: 4 + Int(seed % 12))
            let fast = history.verdict
            let slow = LinearizabilityChecker(stepsMax: 1_000_000, scope: .wholeStore)
                .check(history.operations)
            #expect(
                fast.isOK == slow.isOK && fast.isOK == (slow.violation == nil),
                "seed \(seed): \(fast) against \(slow)")
            if !fast.isOK { violations += 1 }
        }
        if bug == .none {
            #expect(violations == 0)
        } else {
            // Not every stale or reordered answer can be seen; most histories show one.
            #expect(violations > seeds.count / 4, "\(violations) of \(seeds.count)")
        }
    }

    @Test(arguments: ToyBug.allCases)
    func `keys by themselves are linearizable where the whole store is`(_ bug: ToyBug) {
        var violations = 0
        for seed in seeds {
            let history = ToyStore.history(
                seed: seed, bug: bug, count: 4 + Int(seed % 12), readsWholeStore: false)
            let whole = history.verdict
            let keyed = LinearizabilityChecker(stepsMax: 1_000_000).check(history.operations)
            // Locality: what is wrong with one key is wrong with the store. The converse needs
            // the revisions that tie keys together.
            if whole.isOK { #expect(keyed.isOK, "seed \(seed): \(keyed)") }
            if keyed.violation != nil { violations += 1 }
        }
        #expect(bug == .none ? violations == 0 : violations > seeds.count / 8, "\(violations)")
    }
}
