import PodModel
import ResourceModel
import Testing

/// When containers are started again, and when they are asked.
@Suite struct RestartTests {
    // kubelet: the first restart is immediate, then 10 s doubling to 5 min.
    @Test func `waits double up to their bound`() {
        var backOff = RestartBackOff(.init())
        var now = Duration.zero
        var waits: [Int64] = []
        for _ in 0..<8 {
            let wait = backOff.remaining(since: now, at: now) ?? .zero
            waits.append(wait.components.seconds)
            #expect(backOff.remaining(since: now, at: now + wait) == nil)
            now += wait
            backOff.restarted(at: now)
        }
        #expect(waits == [0, 10, 20, 40, 80, 160, 300, 300])
    }

    @Test func `a container that ran for ten minutes starts from the beginning`() {
        var backOff = RestartBackOff(.init())
        for second in [0, 20, 60] { backOff.restarted(at: .seconds(second)) }
        #expect(backOff.current(at: .seconds(70)) == .seconds(40))
        #expect(backOff.remaining(since: .seconds(70), at: .seconds(80)) == .seconds(30))
        #expect(backOff.current(at: .seconds(661)) == nil)
        backOff.restarted(at: .seconds(661))
        #expect(backOff.current(at: .seconds(662)) == .seconds(10))
    }

    @Test(arguments: [
        (Duration.seconds(10), "10s"), (.seconds(160), "2m40s"), (.seconds(300), "5m0s"),
        (.milliseconds(50), "50ms"),
    ])
    func `the message is kubelet's`(_ wait: Duration, _ text: String) {
        let message = RestartBackOff.message(
            wait: wait, container: "c", pod: "p", namespace: "n", uid: "u")
        #expect(message == "back-off \(text) restarting failed container=c pod=p_n(u)")
    }

    @Test func `a readiness probe turns after enough answers in a row`() throws {
        let timing = ProbeTiming(
            try JSON(
                parsing: """
                    {"initialDelaySeconds": 5, "periodSeconds": 2, "successThreshold": 2,
                     "failureThreshold": 2}
                    """))
        var probe = ProbeMachine(.readiness, timing, startedAt: .seconds(100))
        #expect(probe.verdict == .failure && probe.nextAt == .seconds(105))
        let answers = [true, false, true, true, true, false, true, false, false]
        let verdicts = answers.map { answer in
            _ = probe.answered(answer, at: probe.nextAt!)
            return probe.verdict == .success
        }
        #expect(verdicts == [false, false, false, true, true, true, true, true, false])
        #expect(probe.nextAt == .seconds(105 + 2 * 9))
    }

    @Test func `a liveness probe that has failed asks no more, a startup probe once it knows`() {
        var live = ProbeMachine(.liveness, ProbeTiming(), startedAt: .zero)
        #expect(live.verdict == .success)
        let changes = (0..<4).map { live.answered(false, at: .seconds($0)) }
        #expect(changes == [false, false, true, false])
        #expect(live.verdict == .failure && live.nextAt == nil)
        var startup = ProbeMachine(.startup, ProbeTiming(), startedAt: .zero)
        #expect(startup.verdict == .unknown)
        #expect(startup.answered(false, at: .zero) == false)
        #expect(startup.answered(true, at: .zero) && startup.verdict == .success)
        #expect(startup.nextAt == nil)
    }

    @Test func `a question can be put off, and not brought forward`() {
        var probe = ProbeMachine(.liveness, ProbeTiming(), startedAt: .seconds(5))
        probe.postpone(until: .seconds(7))
        #expect(probe.nextAt == .seconds(7))
        probe.postpone(until: .seconds(6))
        #expect(probe.nextAt == .seconds(7))
        for second in 7...9 { _ = probe.answered(false, at: .seconds(second)) }
        probe.postpone(until: .seconds(30))
        #expect(probe.nextAt == nil)
    }

    @Test func `a probe without numbers has Kubernetes' defaults`() {
        let timing = ProbeTiming(.emptyObject)
        #expect(timing == ProbeTiming())
        #expect(timing.period == .seconds(10) && timing.timeout == .seconds(1))
        #expect(timing.failureThreshold == 3 && timing.successThreshold == 1)
    }
}
