import Testing

@testable import benchmark

/// What the comparison with etcd computes from its measurements.
@Suite struct ComparisonFigureTests {
    @Test(
        arguments: [
            ([], 0), ([4], 4), ([9, 1, 5], 5), ([1, 2, 3, 100], 2.5),
        ] as [([Double], Double)])
    func `the median is the middle of the sorted values`(values: [Double], median: Double) {
        #expect(Median.of(values) == median)
    }

    @Test func `each figure's median is its own, and errors are added up`() {
        let rounds = [(100.0, 5.0, 0), (300, 7, 2), (200, 6, 1)].map { rate, p99, errors in
            var figures = LoadFigures()
            figures.perSecond = rate
            figures.p99 = p99
            figures.errors = errors
            figures.firstError = errors > 0 ? "error \(errors)" : nil
            return figures
        }
        let median = LoadFigures.median(rounds)
        #expect(median.perSecond == 200)
        #expect(median.p99 == 6)
        #expect(median.errors == 3)
        #expect(median.firstError == "error 2")
        #expect(median.spread == 1)
    }

    @Test func `percentiles are taken from the sorted durations`() {
        let durations = Durations((1...100).reversed().map { Int64($0) * 1_000 })
        #expect(durations.microseconds(0.5) == 51)
        #expect(durations.microseconds(0.99) == 100)
        #expect(Durations([]).microseconds(0.99) == 0)
    }

    @Test func `a ratio is the second's figure divided by the first's`() {
        var (first, second) = (LoadFigures(), LoadFigures())
        first.perSecond = 10
        second.perSecond = 30
        first.serverCPU = 60
        second.serverCPU = 15
        #expect(ComparisonReport.ratio(.rate, first, second) == 3)
        #expect(ComparisonReport.ratio(.cpu, first, second) == 0.25)
        #expect(ComparisonReport.ratio(.p99, first, second) == 0, "nothing to divide by")
    }

    @Test(
        arguments: [
            (RatioGoal.atLeast(.rate, 3), 3.0, true), (.atLeast(.rate, 3), 2.99, false),
            (.atMost(.p99, 0.5), 0.5, true), (.atMost(.p99, 0.5), 0.51, false),
            // A missing figure reaches no goal, however good nothing would be.
            (.atMost(.p99, 0.5), 0, false), (.atLeast(.rate, 3), .infinity, false),
            (.atMost(.cpu, 0.5), .nan, false),
        ] as [(RatioGoal, Double, Bool)])
    func `a goal is reached at its bound and beyond`(
        goal: RatioGoal, ratio: Double, isReached: Bool
    ) {
        #expect(goal.isReached(by: ratio) == isReached)
    }

    @Test func `goals are judged where the issue sets them`() {
        let hundred = RatioGoal.referenceClients
        func figures(_ kind: WorkloadKind, _ members: Int, _ clients: Int) -> [String] {
            RatioGoal.goals(kind, members: members, clients: clients)
                .map { "\($0.figure) \($0.text)" }
        }
        #expect(figures(.put, 1, 1) == ["rate ≥ 2.0 ×"])
        #expect(figures(.put, 1, hundred) == ["rate ≥ 3.0 ×", "p99 ≤ 0.5 ×", "cpu ≤ 0.33 ×"])
        #expect(figures(.get, 1, hundred) == ["rate ≥ 2.5 ×", "p99 ≤ 0.5 ×", "cpu ≤ 0.33 ×"])
        #expect(figures(.mixed, 1, hundred) == ["p99 ≤ 0.5 ×", "cpu ≤ 0.33 ×"])
        #expect(figures(.put, 3, hundred) == ["rate ≥ 2.0 ×"])
        #expect(figures(.get, 3, hundred).isEmpty)
        #expect(figures(.put, 1, 10).isEmpty)
        #expect(RatioGoal.watchGoals(members: 1).map(\.text) == ["≤ 0.5 ×"])
    }

    @Test func `CPU ticks are found behind a name with spaces and parentheses`() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0 9"
        #expect(ProcessUsage.cpuTicks(inStat: "42 (a) b (c)) \(rest)") == 154)
        #expect(ProcessUsage.cpuTicks(inStat: "") == 0)
        #expect(ProcessUsage.cpuTicks(inStat: "42 (a) S 1") == 0)
    }

    @Test func `memory is found behind its name`() {
        let status = "Name:\tetcd\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nRssAnon:\t 512 kB\n"
        #expect(ProcessUsage.kibibytes("VmRSS:", in: status) == 1_024)
        #expect(ProcessUsage.kibibytes("RssAnon:", in: status) == 512)
        #expect(ProcessUsage.kibibytes("VmSwap:", in: status) == 0)
    }

    @Test func `the newest etcd is the one with the highest numbers`() {
        let output = "etcd Version: 3.5.1\nGit SHA: e8732fb5f\nGo Version: go1.16.3\n"
        #expect(Contender.etcdVersion(output) == "3.5.1")
        #expect(Contender.etcdVersion("keelson 0.1\netcd Version: 3.6.6\n") == nil)
        let versions = ["3.4.23", "3.10.0", "3.5.1", "3.6.0-rc.3"].sorted {
            Contender.numbers(in: $0).lexicographicallyPrecedes(Contender.numbers(in: $1))
        }
        #expect(versions == ["3.4.23", "3.5.1", "3.6.0-rc.3", "3.10.0"])
    }
}
