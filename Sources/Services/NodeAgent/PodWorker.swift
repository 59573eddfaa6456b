internal import APIClient
internal import Environment
internal import Logging
internal import Planning
internal import PodModel
internal import Primitives
internal import Reconciliation
internal import ResourceModel
internal import Runtimes

/// Looks after one pod: what is to be done for it is planned anew (`PodPlan`) whenever the pod,
/// one of its containers or an answer to a probe has changed.
actor PodWorker {
    /// Files of config maps and secrets are brought up to date so often.
    static let refreshMilliseconds: Int64 = 10_000
    /// It is looked again so often though nothing seems to happen.
    private static let resyncMilliseconds: Int64 = 30_000
    /// What failed at the API or the runtime is tried again after this time.
    static let retryMilliseconds: Int64 = 1_000

    /// Requests under way to a pod that ends are waited for so long, and for half of its grace
    /// period at most.
    static let drainMilliseconds: Int64 = 10_000

    /// The label of a container that names its pod, as in CRI.
    static let uidLabel = "io.kubernetes.pod.uid"

    nonisolated let uid: String
    let settings: NodeSettings
    let client: ObjectClient
    let runtime: any ContainerRuntime
    let clockwork: Clockwork
    let pace: RestartBackOff.Pace
    let services: ServiceAgent?
    let models: ModelCache
    let recorder: EventRecorder
    let log: Logger

    var pod: JSON
    /// It is not in the API any more.
    private var isGone = false
    private var isDone = false
    var sandboxID: String?
    /// Containers that are being ended.
    var ending: Set<String> = []
    var backOffs: [String: RestartBackOff] = [:]
    /// Containers that cannot be made, or wait, and why.
    var waiting: [String: (reason: String, message: String)] = [:]
    var probers: [String: ContainerProber] = [:]
    /// When each container was seen to have ended, by its identifier.
    var ends: [String: Duration] = [:]
    /// Until when containers that could not be made are left alone.
    var refusedUntil: [String: Duration] = [:]
    /// When files from the API are to be looked at again.
    var refreshDue: Duration = .zero
    /// How far the pod's models are; nil if it has none.
    var modelReport: ModelReport?
    /// The folders of the models that are there, by the names of their volumes.
    var modelFolders: [String: String] = [:]
    /// What was told last of each model.
    var toldOfModels: [ModelVolume: String] = [:]
    /// Containers whose records nobody needs any more.
    var obsolete: [String] = []
    /// The pod's address.
    let podAddress: String
    /// When to look again though nothing happens, as the last look has it.
    private var nextLook: MonotonicInstant?
    private var alarms = Alarms()

    private nonisolated let wakes: AsyncStream<Void>
    private nonisolated let waker: AsyncStream<Void>.Continuation

    init(
        _ pod: JSON, address: String, settings: NodeSettings, client: ObjectClient,
        runtime: any ContainerRuntime, services: ServiceAgent?, models: ModelCache,
        clockwork: Clockwork, pace: RestartBackOff.Pace, recorder: EventRecorder, log: Logger
    ) {
        self.pod = pod
        podAddress = address
        uid = Resource(pod).uid
        self.settings = settings
        self.client = client
        self.runtime = runtime
        self.services = services
        self.models = models
        self.clockwork = clockwork
        self.pace = pace
        self.recorder = recorder
        self.log = log
        // One wake-up stands for any number of them.
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Has it look again.
    nonisolated func wake() {
        waker.yield()
    }

    /// The pod has changed.
    func update(_ pod: JSON) {
        guard Resource(pod).version >= Resource(self.pod).version else { return }
        self.pod = pod
        wake()
    }

    /// The pod is gone from the API: nothing of it may go on.
    func vanish() {
        isGone = true
        wake()
    }

    /// Looks after the pod until it is gone, or the task is cancelled: then everything goes on
    /// without the agent.
    func run() async {
        wake()
        await withDiscardingTaskGroup { group in
            for await _ in wakes {
                // Hints of changes may be lost.
                lookAgain(inMilliseconds: Self.resyncMilliseconds)
                await look(&group)
                if isDone { break }
                if let next = nextLook, alarms.add(next) {
                    group.addTask { await self.sleep(until: next) }
                }
                nextLook = nil
            }
            group.cancelAll()
        }
    }

    private func sleep(until instant: MonotonicInstant) async {
        await clockwork.wait(instant)
        alarms.remove(instant)
        wake()
    }

    /// Looks again at the latest after so long.
    func lookAgain(inMilliseconds milliseconds: Int64) {
        let instant = clockwork.monotonic().adding(milliseconds: max(milliseconds, 1))
        if nextLook.map({ instant < $0 }) ?? true { nextLook = instant }
    }

    private func look(_ group: inout DiscardingTaskGroup) async {
        do {
            if isGone {
                try await cleanUp()
                isDone = true
                return
            }
            try await step(&group)
        } catch let failure as APIFailure where failure.reason == .conflict {
            // The watch will bring what is new.
            lookAgain(inMilliseconds: Self.retryMilliseconds)
        } catch let failure as APIFailure where failure.reason == .notFound {
            isGone = true
            wake()
        } catch {
            if Task.isCancelled { return }
            let reason = (error as? APIFailure)?.message ?? "\(error)"
            log.warning("a pod has to wait", metadata: ["pod": "\(name)", "reason": "\(reason)"])
            lookAgain(inMilliseconds: Self.retryMilliseconds)
        }
    }

    /// One step towards what the pod is to be.
    private func step(_ group: inout DiscardingTaskGroup) async throws {
        let records = try await records()
        await tendProbers(records, &group)
        let observations = observations(records)
        let isFinal = PodPhase(of: pod, observations).isFinal
        if isTerminating, !observations.contains(where: \.isRunning), ending.isEmpty {
            try await report(observations)
            try await client.delete(address, uid: uid, graceSeconds: 0)
            try await cleanUp()
            isDone = true
            return
        }
        if !isFinal, !isTerminating { await tendModels() }
        var situation = PodSituation()
        situation.lacksModel = modelReport.map { !$0.isFetched } ?? false
        situation.containers = observations
        situation.isEnding = isTerminating
        situation.failedProbes = probers.compactMapValues(\.failedProbe)
        situation.waits = waits(records)
        for action in PodPlan.actions(for: pod, situation) {
            await perform(action, records, &group)
        }
        if !isFinal, !isTerminating { try await refreshVolumes() }
        for id in obsolete { try await runtime.removeContainer(id) }
        obsolete = []
        try await report(self.observations(try await self.records()))
    }

    var isTerminating: Bool { Resource(pod).isTerminating }
    var name: String { "\(Resource(pod).namespace)/\(Resource(pod).name)" }
    var address: ObjectClient.Address {
        ObjectClient.Address(
            .pod, namespace: Resource(pod).namespace, name: Resource(pod).name)
    }

    /// Where files of the pod are.
    var folder: String { "\(settings.dataFolder)/pods/\(uid)" }
    /// Where its logs are: as kubelet has it.
    var logFolder: String {
        let pod = Resource(pod)
        return "\(settings.dataFolder)/logs/\(pod.namespace)_\(pod.name)_\(uid)"
    }

    /// Tells what happens to the pod.
    func tell(_ type: EventNote.Kind, _ reason: String, _ message: String) async {
        let pod = Resource(pod)
        await recorder.tell(
            EventNote(
                about: pod.reference, uid: uid, type: type, reason: reason, message: message,
                component: "kubelet"))
    }

    private func records() async throws(RuntimeFailure) -> [ContainerRecord] {
        if sandboxID == nil {
            sandboxID = await runtime.sandboxes().first { $0.spec.uid == uid && $0.isReady }?.id
        }
        guard let sandboxID else { return [] }
        return await runtime.containers(in: sandboxID)
    }

    private func observations(_ records: [ContainerRecord]) -> [ContainerObservation] {
        ContainerObservation.observations(
            records, waiting: waiting,
            isStarted: { self.probers[$0.spec.name]?.isStarted ?? false },
            isReady: { self.probers[$0.spec.name]?.isReady ?? false })
    }

    private func report(_ observations: [ContainerObservation]) async throws(APIFailure) {
        let now = clockwork.wall()
        let facts = PodStatusReport.Facts(
            now: Timestamp.text(seconds: now.seconds),
            startTime: pod.value(at: "status.startTime").stringValue
                ?? Timestamp.text(seconds: now.seconds),
            hostAddress: settings.address, podAddress: podAddress, model: modelReport)
        let status = PodStatusReport.status(of: pod, observations, facts)
        guard status != pod["status"] else { return }
        var reported = pod
        reported["status"] = status
        var statusAddress = address
        statusAddress.subresource = "status"
        let stored = try await client.update(reported, at: statusAddress)
        if Resource(stored).version >= Resource(pod).version { pod = stored }
    }

    private func cleanUp() async throws {
        for sandbox in await runtime.sandboxes() where sandbox.spec.uid == uid {
            try await runtime.removeSandbox(sandbox.id)
        }
        try PodFolders.remove(folder)
        try PodFolders.remove(logFolder)
    }
}
