import Environment
import Primitives
import Testing

@testable import EtcdServer

/// Compaction by itself, told the time.
@Suite struct `Auto compaction` {
    private static let minute: Int64 = 60_000_000_000

    /// What is compacted to in so many minutes while every minute adds ten revisions.
    private func targets(_ mode: StoreSettings.AutoCompaction, minutes: Int64) -> [Int64: Int64] {
        var compactor = AutoCompactor(mode)
        var targets: [Int64: Int64] = [:]
        for minute in 0...minutes {
            let now = MonotonicInstant(nanoseconds: 7 + minute * Self.minute)
            if let target = compactor.tick(now, revision: Revision(1 + 10 * minute)) {
                targets[minute] = target.rawValue
            }
        }
        return targets
    }

    @Test func `off does nothing`() {
        #expect(targets(.off, minutes: 600).isEmpty)
    }

    @Test func `the periodic mode keeps its period and looks ten times in it`() {
        let targets = targets(.periodic(nanoseconds: 20 * Self.minute), minutes: 40)
        #expect(targets.keys.sorted() == [22, 24, 26, 28, 30, 32, 34, 36, 38, 40])
        // Every target is the revision of twenty minutes before.
        for (minute, target) in targets { #expect(target == 1 + 10 * (minute - 20)) }
    }

    @Test func `a period of days is looked at every six minutes`() {
        let targets = targets(.periodic(nanoseconds: 48 * 60 * Self.minute), minutes: 3_000)
        #expect(targets.keys.min() == 2_886)
        #expect(targets.count == 20)
    }

    @Test func `the mode by revisions keeps so many, every five minutes`() {
        let targets = targets(.revisions(100), minutes: 20)
        #expect(targets == [15: 51, 20: 101])
    }

    @Test func `a store that does not change is not compacted again`() {
        var compactor = AutoCompactor(.revisions(5))
        let late = MonotonicInstant(nanoseconds: 10 * Self.minute)
        #expect(
            compactor.tick(MonotonicInstant(nanoseconds: 0), revision: Revision(50))
                == Revision(45))
        #expect(compactor.tick(late, revision: Revision(50)) == nil)
    }
}
