import PodModel
import Runtimes
import Testing

/// What the records of containers amount to for their pod.
@Suite struct ObservationTests {
    @Test func `the latest attempt counts, the one before is its last state`() {
        let first = record("web", 0, .exited(exit(1)))
        let second = record("web", 1, .running(process: 7, startedAt: 90_000_000_000))
        let found = ContainerObservation.observations(
            [second, first, record("init", 0, .exited(exit(0)))])
        #expect(found.map(\.name) == ["init", "web"])
        #expect(found[0].termination?.reason == "Completed" && !found[0].isReady)
        let web = found[1]
        #expect(web.state == .running(startedAt: "1970-01-01T00:01:30Z"))
        #expect(web.restartCount == 1 && web.isStarted && web.isReady)
        #expect(web.containerID == "process://web-1")
        #expect(web.lastTermination?.exitCode == 1)
        #expect(web.lastTermination?.containerID == "process://web-0")
        #expect(web.lastTermination?.finishedAt == "1970-01-01T00:00:02Z")
    }

    @Test func `one that has not come up is not ready`() {
        let running = record("web", 0, .running(process: 7, startedAt: 1))
        let found = ContainerObservation.observations([running], isStarted: { _ in false })
        #expect(!found[0].isStarted && !found[0].isReady)
        let unready = ContainerObservation.observations([running], isReady: { _ in false })
        #expect(unready[0].isStarted && !unready[0].isReady)
    }

    @Test func `one that waits says why, and how it ended before`() {
        let ended = record("web", 2, .exited(exit(1)))
        let found = ContainerObservation.observations(
            [ended], waiting: ["web": ("CrashLoopBackOff", "back-off"), "db": ("Bad", "")])
        #expect(found.map(\.name) == ["db", "web"])
        #expect(found[0].state == .waiting(reason: "Bad"))
        #expect(found[1].state == .waiting(reason: "CrashLoopBackOff", message: "back-off"))
        #expect(found[1].lastTermination?.exitCode == 1 && found[1].restartCount == 2)
    }

    private func record(
        _ name: String, _ attempt: Int, _ state: ContainerState
    ) -> ContainerRecord {
        ContainerRecord(
            id: "\(name)-\(attempt)",
            spec: ContainerSpec(
                sandboxID: "s", name: name, attempt: attempt, command: ["true"],
                log: LogPolicy(path: "/log")),
            createdAt: 1, state: state)
    }

    private func exit(_ code: Int32) -> ContainerExit {
        ContainerExit(
            code: code, reason: code == 0 ? .completed : .error, startedAt: 1_000_000_000,
            finishedAt: 2_000_000_000)
    }
}
