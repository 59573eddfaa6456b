package import APIClient
package import Logging
internal import Planning
package import PodModel
internal import Primitives
package import Reconciliation
package import ResourceModel
package import Runtimes

/// What runs on every machine: it takes the pods that are bound to its node, runs their
/// containers, and reports how they are. It keeps no state of its own: after a restart the
/// runtime still has the containers, and the API the pods.
package actor NodeService {
    private let settings: NodeSettings
    private let client: ObjectClient
    private let runtime: any ContainerRuntime
    private let clockwork: Clockwork
    private let pace: RestartBackOff.Pace
    private let log: Logger
    private let services: ServiceAgent?
    private let models: ModelCache
    private let recorder: EventRecorder

    /// The pods of this node by uid.
    private var workers: [String: PodWorker] = [:]
    private var addresses = PodAddresses()
    private let starts: AsyncStream<PodWorker>
    private let start: AsyncStream<PodWorker>.Continuation
    /// Whether the first list has come: only then is it known which sandboxes are nobody's.
    private var isListed = false

    /// - Parameters:
    ///   - pace: how fast containers that keep ending are started again.
    ///   - models: fetches what pods serve.
    ///   - services: leads requests to pods; asked to stop that before a pod ends.
    package init(
        _ settings: NodeSettings, _ transport: any APITransport, runtime: any ContainerRuntime,
        models: ModelCache, services: ServiceAgent? = nil, clockwork: Clockwork,
        pace: RestartBackOff.Pace = RestartBackOff.Pace(), log: Logger
    ) {
        self.settings = settings
        client = ObjectClient(transport, manager: "kubelet")
        self.runtime = runtime
        self.clockwork = clockwork
        self.pace = pace
        self.log = log
        self.services = services
        self.models = models
        recorder = EventRecorder(
            client: client, instance: settings.name, clockwork: clockwork, log: log)
        // As many as there are pods on the node, which is bounded.
        (starts, start) = AsyncStream.makeStream()
    }

    /// Runs until the task is cancelled; containers go on after that.
    package func run() async {
        let heart = NodeHeart(
            settings: settings, client: client, runtime: runtime, clockwork: clockwork, log: log)
        let informer = Informer(
            client, .pod, fieldSelector: "spec.nodeName=\(settings.name)", clockwork: clockwork,
            log: log)
        await models.open()
        await withDiscardingTaskGroup { group in
            group.addTask { await heart.run() }
            group.addTask { await self.models.run() }
            group.addTask { await informer.run { await self.learn($0) } }
            group.addTask { await self.passOnChanges() }
            for await worker in starts {
                group.addTask {
                    await worker.run()
                    await self.ended(worker)
                }
            }
        }
    }

    private func learn(_ news: Informer.News) async {
        switch news {
        case .list(let pods, _):
            let uids = Set(pods.map { Resource($0).uid })
            // What they use must not be given up for the first of them.
            for pod in pods {
                await models.use(ModelVolume.all(of: pod).map(\.volume), by: Resource(pod).uid)
            }
            for pod in pods { await take(pod) }
            for (uid, worker) in workers where !uids.contains(uid) { await worker.vanish() }
            if !isListed { await removeStrangers(uids) }
            isListed = true
        case .event(.added(let pod)), .event(.modified(let pod)): await take(pod)
        case .event(.deleted(let pod)): await workers[Resource(pod).uid]?.vanish()
        case .event(.bookmark): break
        }
    }

    private func take(_ pod: JSON) async {
        let uid = Resource(pod).uid
        if let worker = workers[uid] {
            await worker.update(pod)
            return
        }
        let isOnHost = pod.value(at: "spec.hostNetwork") == true
        let address = isOnHost ? settings.address : addresses.address(of: pod, uid: uid)
        let worker = PodWorker(
            pod, address: address, settings: settings, client: client, runtime: runtime,
            services: services, models: models, clockwork: clockwork, pace: pace,
            recorder: recorder, log: log)
        workers[uid] = worker
        start.yield(worker)
    }

    private func ended(_ worker: PodWorker) async {
        await models.release(worker.uid)
        guard workers[worker.uid] === worker else { return }
        workers[worker.uid] = nil
        addresses.release(worker.uid)
    }

    /// Ends what runs for pods that are gone: they were deleted while the agent was away.
    private func removeStrangers(_ uids: Set<String>) async {
        for sandbox in await runtime.sandboxes() where !uids.contains(sandbox.spec.uid) {
            do {
                try await runtime.removeSandbox(sandbox.id)
            } catch {
                log.warning("a sandbox stays", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// The container of the runtime whose log is meant.
    /// - Throws: in kubelet's words if there is none.
    package func logContainer(
        of pod: JSON, _ container: String, isPrevious: Bool
    ) async throws(APIFailure) -> String {
        let pod = Resource(pod)
        let attempts = try await attempts(of: pod, container)
        let place = "container \(GoText.quoted(container)) in pod \(GoText.quoted(pod.name))"
        if isPrevious {
            // While it waits for its restart, its last run is the one before the next.
            let previous = attempts.last { $0.state.exit != nil }
            guard let previous, attempts.count > 1 else {
                throw .badRequest("previous terminated \(place) not found")
            }
            return previous.id
        }
        guard let latest = attempts.last(where: { $0.state != .created }) else {
            throw .badRequest("\(place) is waiting to start: ContainerCreating")
        }
        return latest.id
    }

    /// The container of the runtime in which processes can be started.
    /// - Throws: in kubelet's words if it does not run.
    package func runningContainer(
        of pod: JSON, _ container: String
    ) async throws(APIFailure) -> String {
        guard let latest = try await attempts(of: Resource(pod), container).last,
            latest.state.isRunning
        else {
            throw .badRequest("container not found (\(GoText.quoted(container)))")
        }
        return latest.id
    }

    /// The runs of a container of a pod that are known, in order.
    private func attempts(
        of pod: Resource, _ container: String
    ) async throws(APIFailure) -> [ContainerRecord] {
        try checkReach(of: pod.json)
        let sandboxes = await runtime.sandboxes().filter { $0.spec.uid == pod.uid }.map(\.id)
        return await runtime.containers()
            .filter { sandboxes.contains($0.spec.sandboxID) && $0.spec.name == container }
            .sorted { $0.spec.attempt < $1.spec.attempt }
    }

    /// - Throws: if a pod is not of this node.
    package nonisolated func checkReach(of pod: JSON) throws(APIFailure) {
        let pod = Resource(pod)
        let node = pod.json.value(at: "spec.nodeName").stringValue ?? ""
        guard node != settings.name else { return }
        throw .serviceUnavailable(
            "pod \(GoText.quoted(pod.name)) runs on node \(GoText.quoted(node)), which this "
                + "server, that of node \(GoText.quoted(settings.name)), has no way to")
    }

    private func passOnChanges() async {
        for await id in runtime.changes {
            do {
                let labels = try await runtime.container(id).spec.labels
                labels[PodWorker.uidLabel].flatMap { workers[$0] }?.wake()
            } catch {
                // Removed: by the one whom it concerns.
            }
        }
    }
}
