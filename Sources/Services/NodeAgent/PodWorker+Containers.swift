internal import APIClient
internal import Planning
internal import PodModel
internal import Primitives
internal import ResourceModel
internal import Runtimes

/// Carrying out what was planned.
extension PodWorker {
    func perform(
        _ action: PodAction, _ records: [ContainerRecord], _ group: inout DiscardingTaskGroup
    ) async {
        switch action {
        case .start(let name, let attempt): await start(name, attempt, records)
        case .stop(let name, let reason):
            let running = records.last { $0.spec.name == name && $0.state.isRunning }
            guard let running, ending.insert(name).inserted else { return }
            group.addTask { await self.end(running, reason) }
        case .wait(let name, let remaining, let wait):
            // Why it could not be made says more than that it waits for the next attempt.
            if let until = refusedUntil[name], until > now { return }
            let pod = Resource(pod)
            let message = RestartBackOff.message(
                wait: wait, container: name, pod: pod.name, namespace: pod.namespace, uid: uid)
            if waiting[name]?.message != message {
                waiting[name] = ("CrashLoopBackOff", message)
                await tell(.warning, "BackOff", message)
            }
            lookAgain(inMilliseconds: remaining.milliseconds)
        }
    }

    private func start(_ name: String, _ attempt: Int, _ records: [ContainerRecord]) async {
        let all = PodContainers.all(of: pod)
        guard let container = all.first(where: { $0["name"] == .string(name) }) else { return }
        do {
            let made = records.first { $0.spec.name == name && $0.spec.attempt == attempt }
            let id: String
            if let made {
                id = made.id
            } else {
                id = try await runtime.makeContainer(try await spec(of: container, attempt))
            }
            if attempt > 0 { backOffs[name, default: RestartBackOff(pace)].restarted(at: now) }
            waiting[name] = nil
            try await runtime.startContainer(id)
            await tell(.normal, "Started", "Started container \(name)")
            await runHook("postStart", of: container, id)
            removeOldAttempts(name, attempt, records)
        } catch let failure as ConfigurationFailure {
            await refused(name, "CreateContainerConfigError", failure.description)
        } catch let failure as APIFailure {
            await refused(name, "CreateContainerError", failure.message)
        } catch {
            await tell(.warning, "Failed", "Error: \(error)")
            waiting[name] = ("CreateContainerError", "\(error)")
        }
        wake()
    }

    private func refused(_ name: String, _ reason: String, _ message: String) async {
        if waiting[name]?.message != message {
            await tell(.warning, "Failed", "Error: \(message)")
        }
        waiting[name] = (reason, message)
        refusedUntil[name] = now + .milliseconds(Self.refreshMilliseconds)
    }

    /// The last attempt that ended is kept for its status; those before it go.
    private func removeOldAttempts(
        _ name: String, _ attempt: Int, _ records: [ContainerRecord]
    ) {
        let old = records.filter { $0.spec.name == name && $0.spec.attempt < attempt - 1 }
        for record in old { obsolete.append(record.id) }
    }

    /// Ends a container: its hook first, both within the grace period.
    private func end(_ record: ContainerRecord, _ reason: PodAction.StopReason) async {
        let name = record.spec.name
        let container = PodContainers.all(of: pod).first { $0["name"] == .string(name) }
        var message = "Stopping container \(name)"
        if case .probeFailed(let purpose) = reason {
            message = "Container \(name) failed \(purpose.rawValue.lowercased()) probe,"
                + " will be restarted"
        }
        await tell(.normal, "Killing", message)
        let deadline = now + .seconds(graceSeconds)
        if reason == .podEnds {
            // Its process hears of the end when nobody is led to it any more.
            let time = min(Self.drainMilliseconds, graceSeconds * 1_000 / 2)
            await services?.drain(podAddress, atMostMilliseconds: time)
        }
        if let container { await runHook("preStop", of: container, record.id) }
        do {
            try await runtime.stopContainer(record.id, grace: max(.zero, deadline - now))
        } catch {
            log.warning(
                "a container does not end",
                metadata: ["pod": "\(self.name)", "reason": "\(error)"])
        }
        ending.remove(name)
        wake()
    }

    private var graceSeconds: Int64 {
        pod.value(at: "metadata.deletionGracePeriodSeconds").integerValue
            ?? pod.value(at: "spec.terminationGracePeriodSeconds").integerValue ?? 30
    }

    private func runHook(_ hook: String, of container: JSON, _ id: String) async {
        guard let handler = container["lifecycle"][hook] else { return }
        do throws(ConfigurationFailure) {
            let action = try ProbeAction(handler, of: container, podAddress: podAddress)
            let answer = await prober(of: id).run(action, timeout: .seconds(graceSeconds))
            guard !answer.isGood else { return }
            let word = hook == "preStop" ? "FailedPreStopHook" : "FailedPostStartHook"
            await tell(.warning, word, answer.message)
        } catch {
            await tell(.warning, "FailedHook", error.description)
        }
    }

    func prober(of id: String) -> ProbeRunner {
        let runtime = runtime
        return ProbeRunner { try await runtime.exec($0, in: id) }
    }

    /// How long each container that has ended is to wait.
    func waits(
        _ records: [ContainerRecord]
    ) -> [String: (remaining: Duration, whole: Duration)] {
        var waits: [String: (remaining: Duration, whole: Duration)] = [:]
        for (name, until) in refusedUntil where until > now {
            waits[name] = (until - now, .milliseconds(Self.refreshMilliseconds))
            lookAgain(inMilliseconds: (until - now).milliseconds)
        }
        for (name, attempts) in Dictionary(grouping: records, by: \.spec.name) {
            guard let latest = attempts.max(by: { $0.spec.attempt < $1.spec.attempt }),
                latest.state.exit != nil
            else { continue }
            let end = ends[latest.id] ?? now
            ends[latest.id] = end
            let backOff = backOffs[name] ?? RestartBackOff(pace)
            if let remaining = backOff.remaining(since: end, at: now),
                let whole = backOff.current(at: end)
            {
                waits[name] = (remaining, whole)
            }
        }
        return waits
    }

    /// The monotonic clock as probes and back-offs have it.
    var now: Duration { .nanoseconds(clockwork.monotonic().nanoseconds) }
}

/// What containers are made from.
extension PodWorker {
    private func spec(of container: JSON, _ attempt: Int) async throws -> ContainerSpec {
        let sandbox = try await sandbox()
        var (surroundings, sources) = try await surroundings()
        surroundings.nodeVariables["MODEL_PATH"] = modelPath(in: container)
        let environment = try ContainerEnvironment(of: container, in: pod, surroundings)
        let volumes = try prepareVolumes(sources, surroundings)
        var spec = try ContainerSpec(
            container, of: pod, attempt: attempt, environment,
            PodGround(sandboxID: sandbox, volumes: volumes, logFolder: logFolder))
        spec.labels[Self.uidLabel] = uid
        await lendModels(to: &spec)
        return spec
    }

    private func sandbox() async throws(RuntimeFailure) -> String {
        if let sandboxID { return sandboxID }
        let pod = Resource(pod)
        let id = try await runtime.makeSandbox(
            SandboxSpec(
                name: pod.name, namespace: pod.namespace, uid: uid, address: podAddress))
        sandboxID = id
        return id
    }

    private func surroundings() async throws(APIFailure) -> (PodSurroundings, VolumeSources) {
        var sources = VolumeSources()
        for name in PodReferences.configMaps(of: pod) {
            if let object = try await object("ConfigMap", name) {
                sources.configMaps[name] = VolumeSources.entries(ofConfigMap: object)
            }
        }
        for name in PodReferences.secrets(of: pod) {
            if let object = try await object("Secret", name) {
                sources.secrets[name] = VolumeSources.entries(ofSecret: object)
            }
        }
        var surroundings = PodSurroundings()
        let text = { (entries: [String: Bytes]) in
            entries.mapValues { String(decoding: $0, as: UTF8.self) }
        }
        surroundings.configMaps = sources.configMaps.mapValues(text)
        surroundings.secrets = sources.secrets.mapValues(text)
        surroundings.hostAddress = settings.address
        surroundings.podAddress = podAddress
        surroundings.allocatable = [
            "cpu": .string(String(settings.processors)),
            "memory": .string(String(settings.memoryBytes)),
        ]
        return (surroundings, sources)
    }

    private func object(_ kind: String, _ name: String) async throws(APIFailure) -> JSON? {
        do throws(APIFailure) {
            return try await client.get(
                ObjectClient.Address(
                    GroupVersionKind(group: "", version: "v1", kind: kind),
                    namespace: Resource(pod).namespace, name: name))
        } catch where error.reason == .notFound {
            return nil
        }
    }

    private func prepareVolumes(
        _ sources: VolumeSources, _ surroundings: PodSurroundings
    ) throws -> [String: String] {
        let disk = PodVolumes(podFolder: folder)
        var paths: [String: String] = [:]
        for volume in pod.value(at: "spec.volumes").arrayValue ?? [] {
            let name = volume["name"].stringValue ?? ""
            if let folder = modelFolders[name] {
                paths[name] = folder
                continue
            }
            paths[name] = try disk.prepare(
                name, VolumeContent(volume, of: pod, sources, surroundings))
        }
        return paths
    }

    /// Brings files up to date that come from the API.
    func refreshVolumes() async throws {
        let volumes = pod.value(at: "spec.volumes").arrayValue ?? []
        let isFromAPI = volumes.contains { volume in
            ["configMap", "secret", "downwardAPI"].contains { volume[$0] != nil }
        }
        guard isFromAPI, sandboxID != nil else { return }
        lookAgain(inMilliseconds: Self.refreshMilliseconds)
        guard now >= refreshDue else { return }
        refreshDue = now + .milliseconds(Self.refreshMilliseconds)
        let (surroundings, sources) = try await surroundings()
        _ = try prepareVolumes(sources, surroundings)
    }
}

extension Duration {
    /// In whole milliseconds, rounded up.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
