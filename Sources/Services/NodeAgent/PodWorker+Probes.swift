internal import Environment
internal import Planning
internal import PodModel
internal import Primitives
internal import ResourceModel
internal import Runtimes

/// The probes of one running container.
struct ContainerProber {
    /// Whose probes they are.
    let containerID: String
    var machines: [ProbePurpose: ProbeMachine] = [:]

    /// Whether it has come up.
    var isStarted: Bool { machines[.startup].map { $0.verdict == .success } ?? true }
    /// Whether it may be sent requests.
    var isReady: Bool {
        isStarted && (machines[.readiness].map { $0.verdict == .success } ?? true)
    }
    /// The probe because of which it has to be ended.
    var failedProbe: ProbePurpose? {
        [.startup, .liveness].first { machines[$0]?.verdict == .failure }
    }
}

extension PodWorker {
    /// Begins to probe containers that run now, and ends with those that don't.
    func tendProbers(
        _ records: [ContainerRecord], _ group: inout DiscardingTaskGroup
    ) async {
        let running = records.filter(\.state.isRunning)
        let ids = Set(running.map(\.id))
        probers = probers.filter { ids.contains($0.value.containerID) }
        for record in running where probers[record.spec.name] == nil {
            let name = record.spec.name
            var prober = ContainerProber(containerID: record.id)
            let container = PodContainers.all(of: pod).first { $0["name"] == .string(name) }
            var probes: [(ProbePurpose, ProbeAction, ProbeTiming)] = []
            for purpose in ProbePurpose.allCases {
                guard let container, let probe = container[purpose.field] else { continue }
                do throws(ConfigurationFailure) {
                    let action = try ProbeAction(probe, of: container, podAddress: podAddress)
                    let timing = ProbeTiming(probe)
                    prober.machines[purpose] = seeded(purpose, timing, record)
                    probes.append((purpose, action, timing))
                } catch {
                    await tell(.warning, "Unhealthy", error.description)
                }
            }
            probers[name] = prober
            for (purpose, action, timing) in probes {
                group.addTask {
                    await self.probe(name, record.id, purpose, action, timing.timeout)
                }
            }
        }
    }

    /// The machine of a probe. What was ready before the agent came back still is, until an
    /// answer says something else.
    private func seeded(
        _ purpose: ProbePurpose, _ timing: ProbeTiming, _ record: ContainerRecord
    ) -> ProbeMachine {
        var machine = ProbeMachine(purpose, timing, startedAt: now)
        let statuses =
            (pod.value(at: "status.containerStatuses").arrayValue ?? [])
            + (pod.value(at: "status.initContainerStatuses").arrayValue ?? [])
        let known = statuses.first { $0["containerID"].stringValue == record.containerID }
        let wasGood = known[purpose == .readiness ? "ready" : "started"].boolValue == true
        if wasGood, purpose != .liveness {
            for _ in 0..<timing.successThreshold { _ = machine.answered(true, at: now) }
        }
        return machine
    }

    private func probe(
        _ name: String, _ id: String, _ purpose: ProbePurpose, _ action: ProbeAction,
        _ timeout: Duration
    ) async {
        let runner = prober(of: id)
        while !Task.isCancelled, let next = nextProbe(name, id, purpose) {
            await clockwork.wait(MonotonicInstant(nanoseconds: next.nanoseconds))
            guard isDue(name, id, purpose), !Task.isCancelled else { continue }
            let answer = await runner.run(action, timeout: timeout)
            await answered(name, id, purpose, answer)
        }
    }

    /// When a probe is to be asked next; nil once the container does not run any more, or nothing
    /// is to be asked.
    private func nextProbe(_ name: String, _ id: String, _ purpose: ProbePurpose) -> Duration? {
        guard var prober = probers[name], prober.containerID == id else { return nil }
        if purpose != .startup, !prober.isStarted {
            prober.machines[purpose]?.postpone(until: now + .milliseconds(100))
            probers[name] = prober
        }
        return prober.machines[purpose]?.nextAt
    }

    private func isDue(_ name: String, _ id: String, _ purpose: ProbePurpose) -> Bool {
        guard let prober = probers[name], prober.containerID == id,
            purpose == .startup || prober.isStarted, !ending.contains(name)
        else { return false }
        return prober.machines[purpose]?.nextAt.map { $0 <= now } ?? false
    }

    private func answered(
        _ name: String, _ id: String, _ purpose: ProbePurpose, _ answer: ProbeAnswer
    ) async {
        guard probers[name]?.containerID == id else { return }
        let hasChanged = probers[name]?.machines[purpose]?.answered(answer.isGood, at: now)
        if !answer.isGood {
            await tell(
                .warning, "Unhealthy", "\(purpose.rawValue) probe failed: \(answer.message)")
        }
        if hasChanged == true { wake() }
    }
}

extension ProbePurpose {
    /// The field of a container that describes it.
    fileprivate var field: String {
        switch self {
        case .startup: "startupProbe"
        case .liveness: "livenessProbe"
        case .readiness: "readinessProbe"
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
